"""A folder as handed in: its file names, and the bytes of those that are asked for.

Links are never followed, and only regular files are opened. The folder may still change while
it is read (a class run reads from shared home folders), so every part of a name is opened
relative to the folder above it, with links refused by the kernel.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from grader.errors import UserError
from grader.submission.limits import MAX_LISTED
from grader.submission.names import require_depth, shown
from grader.submission.selection import is_skipped
from grader.text import Text

_KINDS = {
    stat.S_IFLNK: Text("a link", "链接"),
    stat.S_IFIFO: Text("a named pipe", "命名管道"),
    stat.S_IFSOCK: Text("a socket", "套接字"),
}
_DEVICE = Text("a device", "设备文件")

# Windows has none of these but O_BINARY. A named pipe would block without O_NONBLOCK.
_FLAGS = os.O_RDONLY
for _flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"):
    _FLAGS |= getattr(os, _flag, 0)


class Folder:
    """A folder on disk: `names` of everything that is no folder, `special` for what is no file."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.special: dict[str, Text] = {}
        self.names = tuple(self._walk())

    def read(self, name: str, at_most: int) -> bytes:
        """The first `at_most` bytes of a regular file."""
        return read_below(self.root, name, at_most)

    def _walk(self) -> Iterator[str]:
        seen = 0
        waiting = [""]
        while waiting:
            folder = waiting.pop()
            with os.scandir(self.root / folder) as entries:
                for entry in entries:
                    seen += 1
                    if seen > MAX_LISTED:
                        raise _too_many(self.root)
                    name = folder + entry.name
                    if is_skipped(name):
                        continue
                    require_depth(name)
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(name + "/")
                    else:
                        self._note_special(name, entry)
                        yield name

    def _note_special(self, name: str, entry: os.DirEntry[str]) -> None:
        kind = kind_of(entry.stat(follow_symlinks=False).st_mode)
        if kind is not None:
            self.special[name] = kind


def kind_of(mode: int) -> Text | None:
    """What a file with this `st_mode` is, if it is neither a regular file nor a folder."""
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return None
    return _KINDS.get(stat.S_IFMT(mode), _DEVICE)


def read_below(root: Path, name: str, at_most: int) -> bytes:
    """The first `at_most` bytes of the regular file `name` below `root`.

    `root` itself is trusted. UserError when `name` or a folder on the way to it is a link or
    otherwise special; OSError when it cannot be read.
    """
    parts = name.split("/")
    with open(name, "rb", opener=lambda _name, _flags: _open_below(root, parts)) as file:
        # Once more, now that nobody can exchange it.
        _require_plain(os.fstat(file.fileno()), name)
        return file.read(at_most)


def special_file(name: str, kind: Text) -> UserError:
    """The error for a file of a submission that is a link, a pipe, a socket or a device."""
    return UserError(
        Text(
            f"{shown(name)} is {kind.en}, and only regular files are graded.",
            f"{shown(name)} 是{kind.zh}，只能批改普通文件。",
        ),
        next_step=Text(
            "Put a copy of the file itself in its place.", "请把文件本身复制到这里，再提交。"
        ),
    )


def _open_below(root: Path, parts: list[str]) -> int:
    if os.open not in os.supports_dir_fd:  # Windows
        return _open_checked(root, parts)
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in parts[:-1]:
            _require_plain(os.lstat(part, dir_fd=folder), part)
            below = os.open(part, _FLAGS | os.O_DIRECTORY, dir_fd=folder)
            os.close(folder)
            folder = below
        # Opening a device may already have an effect, so look first.
        _require_plain(os.lstat(parts[-1], dir_fd=folder), "/".join(parts))
        return os.open(parts[-1], _FLAGS, dir_fd=folder)
    finally:
        os.close(folder)


def _open_checked(root: Path, parts: list[str]) -> int:
    path = root
    for part in parts:
        path /= part
        _require_plain(path.lstat(), part)
    return os.open(path, _FLAGS)


def _require_plain(status: os.stat_result, name: str) -> None:
    kind = kind_of(status.st_mode)
    if kind is not None:
        raise special_file(name, kind)


def _too_many(root: Path) -> UserError:
    return UserError(
        Text(
            f"{shown(str(root))} holds more than {MAX_LISTED} files.",
            f"{shown(str(root))} 里的文件超过 {MAX_LISTED} 个。",
        ),
        next_step=Text(
            "Name the .py file itself, or the folder it lies in.",
            "请直接指定那个 .py 文件，或它所在的文件夹。",
        ),
    )
