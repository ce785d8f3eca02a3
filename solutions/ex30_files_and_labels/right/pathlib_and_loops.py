"""Another style: pathlib for the folders, plain loops for the rest."""

import os
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any


def list_images(folder: str) -> list[str]:
    """Return the paths of the images in a folder, sorted by name."""
    found = []
    for path in Path(folder).iterdir():
        hidden = path.name[0] == "."
        if path.is_file() and not hidden and path.suffix.lower() in {".jpg", ".jpeg", ".png"}:
            found.append(path)
    return [str(path) for path in sorted(found, key=lambda path: path.name)]


def item_path(root: str, label: str, name: str, rules: ModuleType = os.path) -> str:
    """Return the path of one sample: root, then the folder of its label, then its name."""
    if not label or not name:
        raise ValueError("label and name must not be empty")
    if set(label + name) & {"/", "\\"}:
        raise ValueError("label and name are one step each")
    folder = rules.join(root, label)
    return rules.join(folder, name)


def split_any(path: str) -> list[str]:
    """Return the parts of a path that may be written with slashes, backslashes or both."""
    parts = [""]
    for letter in path:
        if letter in "/\\":
            parts.append("")
        else:
            parts[-1] += letter
    return [part for part in parts if part != ""]


def has_bad_escape(s: str) -> bool:
    """Whether the string holds a control character: one of code 0 to 31, or 127."""
    found = 0
    for letter in s:
        found += letter < " " or letter == "\x7f"
    return found > 0


def here(up: int = 0) -> str:
    """Return the working directory, as an absolute path, or the folder `up` steps above it."""
    folder = Path.cwd()
    for _ in range(up):
        folder = folder.parent
    return str(folder)


def script_dir(file: str) -> str:
    """Return the folder in which a script lies, as an absolute path without "." and ".."."""
    return str(Path(file).resolve().parent)


def numbered(seq: Iterable[Any], start: int = 0) -> list[tuple[int, Any]]:
    """Return the pairs (number, item) of the items, in order; the first number is start."""
    pairs = []
    number = start
    for item in seq:
        pairs.append((number, item))
        number += 1
    return pairs


def class_maps(
    labels: Iterable[str], *, sort: bool = False
) -> tuple[dict[str, int], dict[int, str]]:
    """Return two dicts: from the names of the classes to their numbers, and back."""
    to_idx: dict[str, int] = {}
    for label in sorted(labels) if sort else labels:
        if label not in to_idx:
            to_idx[label] = len(to_idx)
    return to_idx, {number: label for label, number in to_idx.items()}
