"""Where a class has handed in: a folder or a zip, seen as its top level and what lies below.

Nothing is unpacked to disk. What one student named badly, or made a link of, is that student's
matter: it is noted in `special` or refused when it is read, and never ends the whole run.
"""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from grader.errors import UserError
from grader.submission.archive import Archive, member_kind, member_name, read_member, zip_errors
from grader.submission.folder import Folder, kind_of, read_below
from grader.submission.intake import Container
from grader.submission.limits import MAX_TOTAL_BYTES, MIB
from grader.submission.names import is_safe
from grader.submission.selection import is_skipped
from grader.text import Text

_UNSAFE = Text("a name that leaves its folder", "指向文件夹之外的名字")
_TWICE = Text("two files of one name", "同名的两个文件")


class Collection(Protocol):
    """Everybody's files."""

    place: str
    """How it is called, for people."""

    @property
    def folders(self) -> list[str]:
        """The folders at the top, sorted."""

    @property
    def files(self) -> list[str]:
        """What else lies at the top, sorted."""

    @property
    def special(self) -> Mapping[str, Text]:
        """What those of `files` are that are no regular files."""

    def folder(self, name: str) -> Container:
        """All that lies below one of `folders`; UserError or OSError if it cannot be listed."""

    def within(self, folder: str) -> Collection:
        """What lies in one of `folders`, as a collection of its own."""

    def read(self, name: str, at_most: int) -> bytes:
        """The first `at_most` bytes of one of `files`."""


@dataclass(frozen=True)
class Files:
    """Some files under names of their own, as one container."""

    named: Mapping[str, str]
    """Own name -> what `reader` calls it."""
    special: Mapping[str, Text]
    """By own name."""
    reader: Callable[[str, int], bytes]

    @property
    def names(self) -> tuple[str, ...]:
        """Own names."""
        return tuple(self.named)

    def read(self, name: str, at_most: int) -> bytes:
        """The first `at_most` bytes of a file."""
        return self.reader(self.named[name], at_most)


def open_collection(path: Path) -> Collection:
    """Look at a folder or a zip; UserError where it is neither or cannot be read."""
    try:
        is_folder = stat.S_ISDIR(path.stat().st_mode)
        return DiskCollection(path) if is_folder else ZipCollection.open(path)
    except OSError as error:
        raise UserError(
            Text(
                f"{path} cannot be read: {error.strerror or error}.",
                f"无法读取 {path}：{error.strerror or error}。",
            ),
            next_step=Text(
                "Name the folder or the zip that the class has handed in.",
                "请指定存放全班作业的文件夹或 zip。",
            ),
        ) from error


def zip_within(read: Callable[[str, int], bytes], name: str, place: str) -> Archive:
    """Open a zip in a folder or in another zip; UserError if it is broken or too large."""
    data = read(name, MAX_TOTAL_BYTES + 1)
    if len(data) > MAX_TOTAL_BYTES:
        limit = MAX_TOTAL_BYTES // MIB
        raise UserError(Text(f"{place} is larger than {limit} MiB.", f"{place} 超过 {limit} MiB。"))
    return Archive(data, place)


class DiskCollection:
    """A folder. The path that the instructor gave is trusted; nothing below it is."""

    def __init__(self, root: Path) -> None:
        self.place = str(root)
        self.folders: list[str] = []
        self.files: list[str] = []
        self.special: dict[str, Text] = {}
        self._root = root
        for entry in sorted(os.scandir(root), key=lambda entry: entry.name):
            if is_skipped(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                self.folders.append(entry.name)
                continue
            self.files.append(entry.name)
            kind = kind_of(entry.stat(follow_symlinks=False).st_mode)
            if kind is not None:
                self.special[entry.name] = kind

    def folder(self, name: str) -> Container:
        """All that lies below a folder at the top."""
        return Folder(self._root / name)

    def within(self, folder: str) -> DiskCollection:
        """What lies in a folder at the top, as a collection of its own."""
        return DiskCollection(self._root / folder)

    def read(self, name: str, at_most: int) -> bytes:
        """The first `at_most` bytes of a file at the top."""
        return read_below(self._root, name, at_most)


class ZipCollection:
    """A bulk download, read where it lies, or a part of one."""

    def __init__(
        self, place: str, archive: zipfile.ZipFile, members: Iterable[tuple[str, zipfile.ZipInfo]]
    ) -> None:
        self.place = place
        self.special: dict[str, Text] = {}
        self._zip = archive
        self._members: dict[str, zipfile.ZipInfo] = {}
        self._below: dict[str, dict[str, str]] = {}
        for name, info in members:
            if name in self._members:
                self.special[name] = _TWICE
            elif not is_safe(name):
                self.special[name] = _UNSAFE
            elif kind := member_kind(info):
                self.special[name] = kind
            self._members[name] = info
            folder, slash, own = name.partition("/")
            if slash:
                self._below.setdefault(folder, {})[own] = name
        self.folders = sorted(self._below)
        self.files = sorted(name for name in self._members if "/" not in name)

    @classmethod
    def open(cls, path: Path) -> ZipCollection:
        """Look at a zip; UserError if it is none."""
        with zip_errors(str(path)):
            archive = zipfile.ZipFile(path)
        return cls(str(path), archive, _files(archive))

    def folder(self, name: str) -> Container:
        """All that lies below a folder at the top."""
        below = self._below[name]
        special = {own: kind for own, name in below.items() if (kind := self.special.get(name))}
        return Files(below, special, self.read)

    def within(self, folder: str) -> ZipCollection:
        """What lies in a folder at the top, as a collection of its own."""
        members = [(own, self._members[name]) for own, name in self._below[folder].items()]
        return ZipCollection(f"{self.place}/{folder}", self._zip, members)

    def read(self, name: str, at_most: int) -> bytes:
        """The first `at_most` bytes of a member."""
        return read_member(self._zip, self._members[name], at_most, self.place)


def _files(archive: zipfile.ZipFile) -> Iterator[tuple[str, zipfile.ZipInfo]]:
    for info in archive.infolist():
        name = member_name(info).removeprefix("./")
        # A name that leaves its folder is told of, and not taken for a hidden one.
        if not info.is_dir() and not (is_safe(name) and is_skipped(name)):
            yield name, info
