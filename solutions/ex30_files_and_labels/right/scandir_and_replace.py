"""Another style: scandir, str.replace, sets of characters and itertools."""

# Paths as strings are what the exercise is about:
# ruff: noqa: PTH100, PTH109, PTH118, PTH122

import itertools
import os
import os.path as osp
from collections.abc import Iterable
from types import ModuleType
from typing import Any

IMAGES = ("jpg", "jpeg", "png")
CONTROL = [chr(code) for code in [*range(32), 127]]


def list_images(folder: str) -> list[str]:
    """Return the paths of the images in a folder, sorted by name."""
    with os.scandir(folder) as entries:
        names = [e.name for e in entries if e.is_file()]
    names = [n for n in names if n[0] != "." and osp.splitext(n)[1][1:].lower() in IMAGES]
    names.sort()
    return list(map(osp.join, itertools.repeat(folder), names))


def _is_one_step(part: str) -> bool:
    return len(split_any("a" + part)) == 1 and part == part.rstrip("/\\") != ""


def item_path(root: str, label: str, name: str, rules: ModuleType = os.path) -> str:
    """Return the path of one sample: root, then the folder of its label, then its name."""
    if not (_is_one_step(label) and _is_one_step(name)):
        raise ValueError("label and name must be plain names")
    return rules.join(root, label, name)


def split_any(path: str) -> list[str]:
    """Return the parts of a path that may be written with slashes, backslashes or both."""
    return list(filter(None, path.replace("\\", "/").split("/")))


def has_bad_escape(s: str) -> bool:
    """Whether the string holds a control character: one of code 0 to 31, or 127."""
    return not set(s).isdisjoint(CONTROL)


def here(up: int = 0) -> str:
    """Return the working directory, as an absolute path, or the folder `up` steps above it."""
    return osp.abspath("/".join(["."] + [".."] * up))


def script_dir(file: str) -> str:
    """Return the folder in which a script lies, as an absolute path without "." and ".."."""
    return osp.abspath(osp.join(os.getcwd(), file, os.pardir))


def numbered(seq: Iterable[Any], start: int = 0) -> list[tuple[int, Any]]:
    """Return the pairs (number, item) of the items, in order; the first number is start."""
    return list(zip(itertools.count(start), seq, strict=False))


def class_maps(
    labels: Iterable[str], *, sort: bool = False
) -> tuple[dict[str, int], dict[int, str]]:
    """Return two dicts: from the names of the classes to their numbers, and back."""
    to_idx: dict[str, int] = {}
    for label in labels:
        to_idx.setdefault(label, len(to_idx))
    if sort:
        to_idx = {label: number for number, label in enumerate(sorted(to_idx))}
    return to_idx, dict(zip(to_idx.values(), to_idx, strict=True))
