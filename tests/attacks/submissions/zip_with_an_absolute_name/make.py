"""A zip with absolute names."""

import zipfile

CODE = "def add(a, b):\n    return a + b\n"


def build(path):
    """Make the zip at `path`."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ex01_add.py", CODE)
        archive.writestr("/tmp/ex01_add_helper.py", CODE)
        archive.writestr("C:/ex01_add_helper.py", CODE)
