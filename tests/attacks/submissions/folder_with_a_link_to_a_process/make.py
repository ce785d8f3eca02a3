"""A folder with a link to what the environment of the grader holds."""

CODE = "def add(a, b):\n    return a + b\n"


def build(path):
    """Make the folder at `path`."""
    path.mkdir()
    (path / "ex01_add.py").write_text(CODE)
    (path / "notes.txt").symlink_to("/proc/self/environ")
    (path / "others").symlink_to("/home")
