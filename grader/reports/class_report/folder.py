"""The folder that is written: whole or not at all, and never over something of somebody else's."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UserError
from grader.reports.visible import one_line
from grader.text import Text

MARKER = ".grade-class-report"
"""In each folder that we have written."""
_SAID = "This folder was written by `grade report`, which replaces it as a whole.\n"


@dataclass(frozen=True)
class Folder:
    """A folder that is being written."""

    root: Path

    def write(self, name: str, page: str) -> None:
        """Write a page that is not there yet."""
        path = self.root / name
        path.parent.mkdir(exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(page)


def require_ours(out: Path) -> None:
    """Raise UserError where something is in the way that `grade report` has not written."""
    is_free = not out.exists() and not out.is_symlink()
    is_empty = out.is_dir() and not out.is_symlink() and not any(out.iterdir())
    if is_free or is_empty or (not out.is_symlink() and (out / MARKER).is_file()):
        return
    name = one_line(str(out))
    raise UserError(
        Text(
            f"{name} is there already and is no class report, so it stays as it is.",
            f"{name} 已经存在，而且不是班级报告，因此没有改动它。",
        ),
        Text("Choose another folder with --out.", "请用 --out 指定别的文件夹。"),
    )


@contextmanager
def written(out: Path) -> Iterator[Folder]:
    """Give a folder to write; it takes its place at `out` when the block has ended well.

    A run that was killed leaves a folder beside it, which the next one removes.
    """
    require_ours(out)
    new, old = (out.with_name(f".{out.name}.{word}") for word in ("new", "old"))
    try:
        _remove(new)
        _remove(old)
        new.mkdir(parents=True)
        (new / MARKER).write_text(_SAID, "utf-8")
        yield Folder(new)
        if out.exists():
            out.rename(old)
        new.rename(out)
        _remove(old)
    except OSError as error:
        raise _cannot_write(out, error) from error
    finally:
        if (new / MARKER).is_file():
            shutil.rmtree(new, ignore_errors=True)


def _remove(path: Path) -> None:
    """Remove what an earlier run has left, and nothing else."""
    if path.exists() and not path.is_symlink() and (path / MARKER).is_file():
        shutil.rmtree(path)


def _cannot_write(out: Path, error: OSError) -> UserError:
    name, reason = one_line(str(out)), error.strerror or str(error)
    return UserError(
        Text(f"{name} cannot be written: {reason}.", f"无法写入 {name}：{reason}。"),
        Text(
            "Check that you may write there and that the disk has room.",
            "请确认你有写入权限，并且磁盘没有满。",
        ),
    )
