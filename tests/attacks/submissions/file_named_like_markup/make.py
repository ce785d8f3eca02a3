"""A submission whose own name is markup and a command, with line breaks and terminal escapes."""


def build(path):
    """Make the file at `path`."""
    path.write_text("def add(a, b):\n    return a + b\n")
