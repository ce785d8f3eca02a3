"""Which files of a folder or a zip belong to a submission. Pure functions over names."""

from __future__ import annotations

import difflib
import posixpath
from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase

from grader.errors import UserError
from grader.submission.names import listed, shown
from grader.text import Text

# Folders that hold no student's work: what Python, macOS and package managers leave behind.
_SKIPPED_FOLDERS = {"__MACOSX", "__pycache__", "node_modules", "site-packages", "venv"}
_HELPER_SUFFIXES = {
    *(".py", ".csv", ".jpeg", ".jpg", ".json", ".npy", ".npz", ".png", ".pt", ".pth"),
    *(".safetensors", ".tsv", ".txt"),
}
# The course's own files, which lie beside a stub and are never taken from a student.
_COURSE_FILES = ("test_*.py", "conftest.py")


def is_skipped(name: str) -> bool:
    """Whether `name` is hidden or lies in a folder that holds no student's work."""
    return any(part.startswith(".") or part in _SKIPPED_FOLDERS for part in name.split("/"))


def find_main(names: Collection[str], entry: str, place: str) -> str:
    """The one name of `names` to grade: `entry`, its notebook, or else the only notebook.

    One at the top wins; deeper it has to be the only one. UserError otherwise, with `place`
    (the folder or zip) and what was found.
    """
    notebook = _stem(entry) + ".ipynb"
    for wanted in (entry, notebook):
        found = [name for name in names if posixpath.basename(name) == wanted]
        direct = posixpath.join(_top(names), wanted)
        if direct in found:
            return direct
        if found:
            return _only(found, place)
    notebooks = [name for name in names if name.lower().endswith(".ipynb")]
    if notebooks:
        return _only(notebooks, place)
    raise _missing(names, entry, place)


def find_helpers(names: Iterable[str], main: str, special: Collection[str]) -> dict[str, str]:
    """What comes along with `main`: names relative to its folder -> names as in `names`.

    Python and small data files, and everything of `special`, so that a link beside the file is
    refused with a clear sentence rather than missed at run time.
    """
    folder = posixpath.dirname(main)
    prefix = folder + "/" if folder else ""
    return {
        name.removeprefix(prefix): name
        for name in names
        if name.startswith(prefix) and name != main and (name in special or _is_helper(name))
    }


def _missing(names: Iterable[str], entry: str, place: str) -> UserError:
    """The error for a folder or zip without anything to grade, with near names."""
    sources = [name for name in names if name.lower().endswith((".py", ".ipynb", ".zip"))]
    by_base = {posixpath.basename(name): name for name in sources}
    near = difflib.get_close_matches(entry, by_base, n=3, cutoff=0.6)
    expected = Text(
        f"Expected is {entry}, or one notebook (.ipynb).",
        f"这里应该有 {entry}，或者恰好一个 notebook（.ipynb）。",
    )
    if near:
        guess = Text(f" Is it {listed(near)}? Then rename it.", f"是不是 {listed(near)}？请改名。")
    elif sources:
        guess = Text(f" Found: {listed(sources)}.", f"找到的文件：{listed(sources)}。")
    else:
        guess = Text(" No Python file was found.", "没有找到任何 Python 文件。")
    return UserError(
        Text(f"There is no {entry} in {shown(place)}.", f"{shown(place)} 里没有 {entry}。"),
        next_step=Text(expected.en + guess.en, expected.zh + guess.zh),
    )


def _stem(name: str) -> str:
    return posixpath.splitext(name)[0]


def _is_helper(name: str) -> bool:
    base = posixpath.basename(name)
    if any(fnmatchcase(base, pattern) for pattern in _COURSE_FILES):
        return False
    return posixpath.splitext(base)[1].lower() in _HELPER_SUFFIXES


def _top(names: Collection[str]) -> str:
    """The folder that holds everything: zips often have one folder at the top."""
    return posixpath.commonpath([posixpath.dirname(name) for name in names]) if names else ""


def _only(found: list[str], place: str) -> str:
    if len(found) == 1:
        return found[0]
    raise UserError(
        Text(
            f"{shown(place)} holds {len(found)} files that could be meant: {listed(found)}.",
            f"{shown(place)} 里有 {len(found)} 个可能的文件：{listed(found)}。",
        ),
        next_step=Text("Name the one to grade.", "请直接指定要批改的那一个。"),
    )
