"""Which file names are accepted, and how a doubtful one is shown to people.

Names are relative and in POSIX form. They come from students' folders and zips and are later
written below another folder, perhaps on another operating system.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from grader.errors import UserError
from grader.submission.limits import MAX_DEPTH
from grader.text import Text
from grader.wire.limits import MAX_PATH

_SHOWN = 80
_PART_BYTES = 255

# Control characters, line separators, what turns the writing direction around (a name could then
# read as another one), and halves of surrogate pairs.
_UNPRINTABLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_DRIVE = re.compile(r"[A-Za-z]:")


def shown(name: str) -> str:
    """`name` for a message: on one line, odd characters escaped, at most 80 characters."""
    clean = _UNPRINTABLE.sub(lambda match: ascii(match.group())[1:-1], name[: _SHOWN + 1])
    return clean if len(clean) <= _SHOWN else clean[: _SHOWN - 1] + "…"


def listed(names: Iterable[str], *, limit: int = 8) -> str:
    """`names` for a message, at most `limit` of them."""
    everything = sorted(names)
    text = ", ".join(shown(name) for name in everything[:limit])
    return text if len(everything) <= limit else f"{text}, …"


def is_safe(name: str) -> bool:
    """Whether `name` stays below the folder it is put into, on every operating system."""
    if "\\" in name or _UNPRINTABLE.search(name) or _DRIVE.match(name):
        return False
    return all(
        part not in ("", ".", "..") and len(part.encode()) <= _PART_BYTES
        for part in name.split("/")
    )


def require_safe(name: str) -> None:
    """Raise UserError unless `name` may be taken in."""
    if is_safe(name):
        return
    raise UserError(
        Text(
            f"The file name {shown(name)!r} is not accepted: it is absolute, leaves its folder, "
            "or holds characters that are not allowed in names.",
            f"不接受文件名 {shown(name)!r}：它是绝对路径、指向文件夹之外，或含有不允许的字符。",
        ),
        next_step=Text(
            "Rename the file, or hand in only the .py file.", "请改名，或者只提交那个 .py 文件。"
        ),
    )


def require_depth(name: str) -> None:
    """Raise UserError when `name` lies below too many folders."""
    if name.count("/") < MAX_DEPTH:
        return
    raise UserError(
        Text(
            f"{shown(name)} lies more than {MAX_DEPTH - 1} folders deep.",
            f"{shown(name)} 的文件夹层数超过 {MAX_DEPTH - 1} 层。",
        ),
        next_step=Text(
            "Name the .py file itself, or the folder it lies in.",
            "请直接指定那个 .py 文件，或它所在的文件夹。",
        ),
    )


def require_length(name: str) -> None:
    """Raise UserError when `name` is longer than the wire carries to a worker."""
    if len(name) <= MAX_PATH:
        return
    raise UserError(
        Text(
            f"The name {shown(name)} is longer than {MAX_PATH} characters, folders included.",
            f"文件名 {shown(name)} 连同文件夹超过 {MAX_PATH} 个字符。",
        ),
        next_step=Text(
            "Give the file and its folders shorter names.", "请把文件和文件夹的名字改短。"
        ),
    )


def require_distinct(names: Iterable[str]) -> None:
    """Raise UserError when two names mean one file on some operating system.

    Letter case and the way accents are encoded make no difference on macOS and Windows.
    """
    files: dict[str, str] = {}
    for name in names:
        other = files.setdefault(_folded(name), name)
        if other is not name:
            raise _collision(other, name)
    for name in files.values():
        parts = _folded(name).split("/")
        for end in range(1, len(parts)):
            other = files.get("/".join(parts[:end]), name)
            if other is not name:
                raise _collision(other, name)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _collision(first: str, second: str) -> UserError:
    return UserError(
        Text(
            f"{shown(first)} and {shown(second)} are the same name on some computers.",
            f"{shown(first)} 和 {shown(second)} 在有些电脑上是同一个文件名。",
        ),
        next_step=Text("Keep one of the two and hand in again.", "请只保留其中一个，再重新提交。"),
    )
