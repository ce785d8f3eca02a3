"""A zip in which many members are one and the same stretch of bytes."""

import copy
import zipfile

CODE = "def add(a, b):\n    return a + b\n"


def build(path):
    """Make the zip at `path`."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ex01_add.py", CODE)
        archive.writestr("data0.csv", bytes(100_000))
        for number in range(1, 100):
            twin = copy.copy(archive.getinfo("data0.csv"))
            twin.filename = f"data{number}.csv"
            archive.filelist.append(twin)
