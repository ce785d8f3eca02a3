"""A submission that is another name of the reference's own file."""

import os


def build(path):
    """Make the link at `path`, in the folder beside the course."""
    reference = path.parents[1] / "course" / "solutions" / "ex01_add" / "ex01_add.py"
    os.link(reference, path)
