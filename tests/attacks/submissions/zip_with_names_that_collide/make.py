"""A zip in which a name occurs twice for a Mac: once with a composed, once with a decomposed accent, and in capitals."""

import zipfile

CODE = "def add(a, b):\n    return a + b\n"


def build(path):
    """Make the zip at `path`."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ex01_add.py", CODE)
        archive.writestr("caf\u00e9.py", CODE)
        archive.writestr("CAFE\u0301.py", CODE)
