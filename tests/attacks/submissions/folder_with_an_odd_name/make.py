"""A folder with a file whose name acts on a terminal."""

import os

CODE = "def add(a, b):\n    return a + b\n"


def build(path):
    """Make the folder at `path`."""
    path.mkdir()
    (path / "ex01_add.py").write_text(CODE)
    (path / "\x1b]0;evil\x07\n::error::\u202e.py").write_text(CODE)
    with open(os.fsencode(path) + b"/\xff\xfe.csv", "w") as file:
        file.write("1")
