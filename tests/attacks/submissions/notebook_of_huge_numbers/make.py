"""A notebook whose version is a number of a million digits."""


def build(path):
    """Make the notebook at `path`."""
    path.write_text(f"{{\"nbformat\": {'9' * 1_000_000}, \"metadata\": {{}}, \"cells\": []}}")
