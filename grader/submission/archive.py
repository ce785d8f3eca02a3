"""A zip as handed in: its file names, and the bytes of those that are asked for.

Nothing is unpacked to disk. A zip is refused as a whole when it holds a name that would leave
its folder, two files of one name, or members that share bytes (which honest tools never write).
Sizes that the zip states about itself are never believed: members are read with a bound.
"""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from grader.errors import UserError
from grader.submission.folder import kind_of
from grader.submission.limits import MAX_LISTED, MAX_RATIO, RATIO_FROM_BYTES
from grader.submission.names import require_depth, require_distinct, require_safe, shown
from grader.submission.selection import is_skipped
from grader.text import Text

# What zipfile raises for broken input; several are not documented.
_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    ArithmeticError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    ValueError,
)
_DIRECTORY_RECORD = b"PK\x01\x02"
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1
# zipfile bounds what one read unpacks for these two only; bzip2 and LZMA unpack without limit.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Archive:
    """A zip in memory: `names` of its files, `special` for those that are links or the like."""

    def __init__(self, data: bytes, place: str) -> None:
        self.place = place
        # Before zipfile builds an object for each of what may be a million records.
        if data.count(_DIRECTORY_RECORD) > MAX_LISTED:
            raise _refused(place, Text("holds too many files", "里的文件太多"), _HAND_IN_THE_FILE)
        with zip_errors(place):
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        members = self._zip.infolist()
        if sum(info.compress_size for info in members) > len(data):
            raise _broken(place)
        self._members = dict(_named(members))
        self.names = tuple(self._members)
        self.special = {
            name: kind
            for name, info in self._members.items()
            if (kind := member_kind(info)) is not None
        }

    def read(self, name: str, at_most: int) -> bytes:
        """The first `at_most` bytes of a member, unpacked."""
        return read_member(self._zip, self._members[name], at_most, self.place)


def read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, at_most: int, place: str) -> bytes:
    """The first `at_most` bytes of a member, unpacked; UserError for one that no honest tool makes.

    `place` names the zip in messages.
    """
    if info.flag_bits & _ENCRYPTED:
        raise _refused(
            place,
            Text("is protected by a password", "设有密码"),
            Text("Make the zip again without one.", "请重新打包，不要设密码。"),
        )
    if info.compress_type not in _METHODS:
        raise _refused(
            place,
            Text("is packed by a method that is not supported", "使用了不支持的压缩方法"),
            Text(
                "Make the zip again with your system's own tool.",
                "请用系统自带的工具重新打包。",
            ),
        )
    with zip_errors(place), archive.open(info) as member:
        data = member.read(at_most)
    if len(data) > max(RATIO_FROM_BYTES, MAX_RATIO * info.compress_size):
        name = shown(member_name(info))
        raise _refused(
            place,
            Text(
                f"packs {name} more tightly than any honest file", f"中 {name} 的压缩比高得不正常"
            ),
            _HAND_IN_THE_FILE,
        )
    return data


_HAND_IN_THE_FILE = Text("Hand in the .py file itself.", "请直接提交 .py 文件。")


def _named(members: list[zipfile.ZipInfo]) -> Iterator[tuple[str, zipfile.ZipInfo]]:
    """The files among `members` that may be asked for; UserError for a name not accepted."""
    files = []
    for info in members:
        name = member_name(info)
        if name in ("", "./"):  # the folder itself, which some tools record
            continue
        name = name.removeprefix("./")
        require_safe(name.removesuffix("/"))
        if not name.endswith("/") and not is_skipped(name):
            require_depth(name)
            files.append((name, info))
    require_distinct([name for name, _ in files])
    yield from files


def member_name(info: zipfile.ZipInfo) -> str:
    """The member's name as its author saw it.

    Without the UTF-8 flag, zipfile reads cp437. macOS then means UTF-8 all the same, and Chinese
    Windows means GBK. `orig_filename`, because `filename` is cut at a null character.
    """
    name = info.orig_filename
    if info.flag_bits & _UTF8_NAME or name.isascii():
        return name
    raw = name.encode("cp437")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name


def member_kind(info: zipfile.ZipInfo) -> Text | None:
    """What a member is, if no file; many tools record no kind at all."""
    mode = info.external_attr >> 16
    return kind_of(mode) if stat.S_IFMT(mode) else None


@contextmanager
def zip_errors(place: str) -> Iterator[None]:
    """Turn whatever a broken zip makes zipfile raise into a UserError."""
    try:
        yield
    except _ZIP_ERRORS as error:
        raise _broken(place) from error


def _broken(place: str) -> UserError:
    return _refused(
        place,
        Text("is broken or no zip at all", "已损坏，或根本不是 zip"),
        Text("Make the zip again, or hand in the .py file.", "请重新打包，或直接提交 .py 文件。"),
    )


def _refused(place: str, why: Text, next_step: Text) -> UserError:
    return UserError(
        Text(f"The zip {shown(place)} {why.en}.", f"压缩包 {shown(place)} {why.zh}。"),
        next_step=next_step,
    )
