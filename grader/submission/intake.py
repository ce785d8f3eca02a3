"""Turn what a student hands in into bytes by file name.

    exercise.py            -> {entry}
    exercise.ipynb         -> {entry: its code cells}
    folder/  or  zip       -> {entry, helpers beside it}, entry found by name or the only notebook

Nothing is executed, parsed as Python or written to disk, and no link is followed. Everything
is bounded (`limits`), and what does not fit is refused with one sentence.
"""

from __future__ import annotations

import difflib
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from grader.errors import UserError
from grader.submission.archive import Archive
from grader.submission.folder import Folder, kind_of, read_below, special_file
from grader.submission.limits import MAX_FILES, MAX_TOTAL_BYTES, MIB, size_limit
from grader.submission.names import (
    listed,
    require_distinct,
    require_length,
    require_safe,
    shown,
)
from grader.submission.notebook import SourceMap, read_notebook
from grader.submission.selection import find_helpers, find_main
from grader.text import Text


@dataclass(frozen=True)
class Submission:
    """One student's files for one exercise."""

    name: str
    """How the user named it, for people only."""
    entry: str
    """The key in `files` of the module to import."""
    files: Mapping[str, bytes]
    """Relative names in POSIX form -> bytes."""
    source_map: SourceMap | None = None
    """For a notebook: which line of the entry is which cell's."""


class Container(Protocol):
    """A folder or a zip with files of one student."""

    @property
    def names(self) -> tuple[str, ...]:
        """The relative names of everything in it that is no folder."""

    @property
    def special(self) -> Mapping[str, Text]:
        """What those are that are no regular files."""

    def read(self, name: str, at_most: int) -> bytes:
        """The first `at_most` bytes of a file."""


def read_submission(path: Path, entry: str) -> Submission:
    """Read the .py file, notebook, folder or zip at `path`, looking for the file `entry`.

    UserError when there is nothing to grade, more than one file could be meant, or it is unsafe
    or too large.
    """
    try:
        return _read(path, entry)
    except OSError as error:
        raise UserError(
            Text(
                f"{shown(str(path))} cannot be read: {error.strerror}.",
                f"无法读取 {shown(str(path))}：{error.strerror}。",
            ),
            next_step=Text(
                "Check that it exists and that you may read it.",
                "请检查它是否存在、是否有读取权限。",
            ),
        ) from error


def _read(path: Path, entry: str) -> Submission:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError as error:
        raise _no_such_path(path) from error
    kind = kind_of(mode)
    if kind is not None:
        raise special_file(str(path), kind)
    if stat.S_ISDIR(mode):
        return read_container(Folder(path), entry, str(path))
    match path.suffix.lower():
        case ".py":
            data = _read_file(path, size_limit(entry))
            return Submission(str(path), entry, {entry: data})
        case ".ipynb":
            source, source_map = read_notebook(_read_file(path, size_limit(path.name)), path.name)
            return Submission(str(path), entry, {entry: source}, source_map)
        case ".zip":
            archive = Archive(_read_file(path, MAX_TOTAL_BYTES), str(path))
            return read_container(archive, entry, str(path))
    raise UserError(
        Text(
            f"{shown(str(path))} is not something that can be graded.",
            f"无法批改 {shown(str(path))}。",
        ),
        next_step=Text(
            f"Hand in {entry}, a notebook (.ipynb), a folder or a zip.",
            f"请提交 {entry}、notebook（.ipynb）、文件夹或 zip。",
        ),
    )


def read_container(
    container: Container, entry: str, place: str, main: str | None = None
) -> Submission:
    """Read the file `main` (None: what could be meant by `entry`) and what lies beside it.

    `place` names the container for people. UserError as for `read_submission`.
    """
    main = main or find_main(container.names, entry, place)
    members = {entry: main} | find_helpers(container.names, main, container.special)
    _require_acceptable(members, container.special)
    files = _read_all(container, members)
    if not main.lower().endswith(".ipynb"):
        return Submission(place, entry, files)
    files[entry], source_map = read_notebook(files[entry], main)
    return Submission(place, entry, files, source_map)


def _require_acceptable(members: Mapping[str, str], special: Mapping[str, Text]) -> None:
    for name, member in members.items():
        require_safe(name)
        require_length(name)
        if member in special:
            raise special_file(member, special[member])
    require_distinct(members)
    if len(members) > MAX_FILES:
        raise UserError(
            Text(
                f"More than {MAX_FILES} files lie beside {shown(next(iter(members)))}.",
                f"{shown(next(iter(members)))} 旁边的文件超过 {MAX_FILES} 个。",
            ),
            next_step=_ONLY_WHAT_IS_NEEDED,
        )


_ONLY_WHAT_IS_NEEDED = Text(
    "Name the .py file itself, or put what it needs into a folder of its own.",
    "请直接指定那个 .py 文件，或把它需要的文件单独放进一个文件夹。",
)


def _read_all(container: Container, members: Mapping[str, str]) -> dict[str, bytes]:
    """The bytes of `members` (name -> name in the container), within all size limits."""
    files: dict[str, bytes] = {}
    left = MAX_TOTAL_BYTES
    for name, member in members.items():
        limit = size_limit(member)
        data = container.read(member, min(limit, left) + 1)
        if len(data) > limit:
            raise _too_large(member, limit)
        if len(data) > left:
            raise _too_large("", MAX_TOTAL_BYTES)
        left -= len(data)
        files[name] = data
    return files


def _read_file(path: Path, limit: int) -> bytes:
    data = read_below(path.parent, path.name, limit + 1)
    if len(data) > limit:
        raise _too_large(str(path), limit)
    return data


def _too_large(name: str, limit: int) -> UserError:
    what = Text(shown(name), shown(name)) if name else Text("The submission", "提交的全部文件")
    return UserError(
        Text(
            f"{what.en} is larger than {limit // MIB} MiB.",
            f"{what.zh} 超过 {limit // MIB} MiB。",
        ),
        next_step=_ONLY_WHAT_IS_NEEDED,
    )


def _no_such_path(path: Path) -> UserError:
    try:
        neighbours = [neighbour.name for neighbour in path.parent.iterdir()]
    except OSError:
        neighbours = []
    near = difflib.get_close_matches(path.name, neighbours, n=3)
    guess = (
        Text(f"Is it {listed(near)}?", f"是不是 {listed(near)}？")
        if near
        else Text("Check the path.", "请检查路径。")
    )
    return UserError(
        Text(f"There is no {shown(str(path))}.", f"找不到 {shown(str(path))}。"), next_step=guess
    )
