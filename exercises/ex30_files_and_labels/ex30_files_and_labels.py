"""Exercise ex30_files_and_labels: from a folder of pictures to paths, labels and class numbers.

Add the imports that you need.
"""

import os
from collections.abc import Iterable
from types import ModuleType
from typing import Any


def list_images(folder: str) -> list[str]:
    """Return the paths of the images in a folder, sorted by name.

    An image is a file, not a folder, whose name ends in .jpg, .jpeg or .png, in small letters or
    capitals, and does not begin with a dot: such names are hidden files.
    Each path is os.path.join(folder, name). The order is that of Python's strings, so "10.png"
    comes before "2.png" and "B.png" before "a.png". Sub-folders are not looked into.
    Returns an empty list when there are none.
    Raises FileNotFoundError when there is no such folder.
    """
    raise NotImplementedError


def item_path(root: str, label: str, name: str, rules: ModuleType = os.path) -> str:
    r"""Return the path of one sample: root, then the folder of its label, then its name.

    rules: the module whose join says how paths look: os.path for this computer, posixpath for
    Linux and macOS, ntpath for Windows. item_path("data", "ants", "0.png", ntpath) is
    data\ants\0.png, wherever it runs.
    Raises ValueError when label or name is empty or has a / or a \ in it, whatever the rules.
    """
    raise NotImplementedError


def split_any(path: str) -> list[str]:
    r"""Return the parts of a path that may be written with /, with \ or with both.

    The result is the same on every system. Separators at the beginning, at the end or doubled make
    no empty parts. A drive such as "E:" is a part, and so are "." and "..".
    """
    raise NotImplementedError


def has_bad_escape(s: str) -> bool:
    r"""Whether the string holds a control character: one of code 0 to 31, or 127.

    Such a character in a path is nearly always a \n, \t, \0 ... that was typed without r"...".
    Everything else is fine, such as spaces, Chinese characters and backslashes.
    """
    raise NotImplementedError


def here(up: int = 0) -> str:
    """Return the working directory, as an absolute path, or the folder `up` steps above it.

    It is looked up anew at every call. Above the topmost folder there is only the topmost folder.
    """
    raise NotImplementedError


def script_dir(file: str) -> str:
    """Return the folder in which a script lies, as an absolute path without "." and "..".

    file: the path of the script, as its __file__ says it. A path that is not absolute begins in
    the working directory. The file need not exist.
    """
    raise NotImplementedError


def numbered(seq: Iterable[Any], start: int = 0) -> list[tuple[int, Any]]:
    """Return the pairs (number, item) of the items, in order; the first number is start.

    seq: anything that a for loop takes, also a generator, which can be gone through only once.
    """
    raise NotImplementedError


def class_maps(
    labels: Iterable[str], *, sort: bool = False
) -> tuple[dict[str, int], dict[int, str]]:
    """Return two dicts: from the names of the classes to their numbers, and back.

    labels: the label of every sample; labels come again and again.
    The classes are numbered 0, 1, 2, ... in the order in which they first appear, or, with sort,
    in the order of Python's strings, as torchvision's ImageFolder does.
    """
    raise NotImplementedError
