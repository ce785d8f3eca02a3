"""A zip whose data file packs a thousand to one."""

import zipfile

CODE = "def add(a, b):\n    return a + b\n"


def build(path):
    """Make the zip at `path`."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ex01_add.py", CODE)
        archive.writestr("data.csv", bytes(8 << 20))
