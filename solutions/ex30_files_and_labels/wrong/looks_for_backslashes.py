"""Looks for a backslash before a letter.

By then Python has already turned \t into a tab: the bad string has no backslash any more, and the
good one, written with r, is full of them.
"""

import os
import re
from collections.abc import Iterable
from types import ModuleType
from typing import Any


def list_images(folder: str) -> list[str]:
    """Return the paths of the images in a folder, sorted by name."""
    paths = []
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        is_image = name.lower().endswith((".jpg", ".jpeg", ".png"))
        if is_image and not name.startswith(".") and os.path.isfile(path):
            paths.append(path)
    return paths


def item_path(root: str, label: str, name: str, rules: ModuleType = os.path) -> str:
    """Return the path of one sample: root, then the folder of its label, then its name."""
    for part in (label, name):
        if not part or "/" in part or "\\" in part:
            raise ValueError(f"{part!r} is not the name of one folder or file")
    return rules.join(root, label, name)


def split_any(path: str) -> list[str]:
    """Return the parts of a path that may be written with slashes, backslashes or both."""
    return [part for part in re.split(r"[/\\]", path) if part]


def has_bad_escape(s: str) -> bool:
    """Whether the string holds a control character: one of code 0 to 31, or 127."""
    return any(c == "\\" for c in s)


def here(up: int = 0) -> str:
    """Return the working directory, as an absolute path, or the folder `up` steps above it."""
    return os.path.abspath(os.path.join(os.getcwd(), *[".."] * up))


def script_dir(file: str) -> str:
    """Return the folder in which a script lies, as an absolute path without "." and ".."."""
    return os.path.dirname(os.path.abspath(file))


def numbered(seq: Iterable[Any], start: int = 0) -> list[tuple[int, Any]]:
    """Return the pairs (number, item) of the items, in order; the first number is start."""
    return list(enumerate(seq, start))


def class_maps(
    labels: Iterable[str], *, sort: bool = False
) -> tuple[dict[str, int], dict[int, str]]:
    """Return two dicts: from the names of the classes to their numbers, and back."""
    classes = list(dict.fromkeys(labels))  # each once, in the order of first appearance
    if sort:
        classes.sort()
    return {name: i for i, name in enumerate(classes)}, dict(enumerate(classes))
