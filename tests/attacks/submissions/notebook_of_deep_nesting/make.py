"""A notebook that is a list in a list in a list ..."""

DEPTH = 99_000


def build(path):
    """Make the notebook at `path`."""
    path.write_text(f"{{\"nbformat\": 4, \"metadata\": {'[' * DEPTH}{']' * DEPTH}, \"cells\": []}}")
