"""Reading zips that somebody may have crafted."""

from __future__ import annotations

import io
import stat
import tracemalloc
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import UserError
from grader.submission.archive import Archive
from grader.submission.limits import MAX_LISTED, MAX_SOURCE_BYTES, MIB

ENTRY = "ex07_conv.py"
MakeZip = Callable[..., Path]
PatchZip = Callable[..., None]


def _open(path: Path) -> Archive:
    return Archive(path.read_bytes(), path.name)


def _member(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = mode << 16
    return info


def test_files_are_named_and_read(make_zip: MakeZip) -> None:
    """Folders, what macOS adds and hidden files are left out; bytes come back whole."""
    archive = _open(
        make_zip(
            [
                ("Ünï 作业/", b""),
                ("Ünï 作业/ex07_conv.py", b"x = 1\r\n"),
                ("__MACOSX/Ünï 作业/._ex07_conv.py", b"?"),
                ("Ünï 作业/.DS_Store", b"?"),
                ("./a b.py", b"y"),
            ]
        )
    )

    assert archive.names == ("Ünï 作业/ex07_conv.py", "a b.py")
    assert archive.read("Ünï 作业/ex07_conv.py", 100) == b"x = 1\r\n"
    assert archive.read("Ünï 作业/ex07_conv.py", 2) == b"x "
    assert archive.special == {}


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_names_without_the_utf8_flag_are_read_as_meant(encoding: str, make_zip: MakeZip) -> None:
    """Apple's tools write UTF-8 and Chinese Windows GBK without saying so."""
    raw = "数据.csv".encode(encoding)
    path = make_zip([("#" * len(raw), b"1,2")])
    path.write_bytes(path.read_bytes().replace(b"#" * len(raw), raw))

    archive = _open(path)

    assert archive.names == ("数据.csv",)
    assert archive.read("数据.csv", 10) == b"1,2"


@pytest.mark.parametrize(
    "name",
    [
        *("../evil.py", "/etc/evil.py", "a/../../evil.py", "..\\evil.py", "C:/evil.py"),
        *("a//evil.py", "evil\x1b[2J.py", "evil\u202eyp.exe", "__MACOSX/../../evil.py", "../"),
    ],
)
def test_a_name_that_leaves_the_folder_refuses_the_zip(name: str, make_zip: MakeZip) -> None:
    """One such name is enough, even beside an honest file and in a folder that is skipped."""
    path = make_zip([(ENTRY, b"x = 1"), (name, b"evil")])

    with pytest.raises(UserError, match="is not accepted"):
        _open(path)


def test_a_null_in_a_name_refuses_the_zip(make_zip: MakeZip) -> None:
    """Python cuts a name at its null character; the whole name is looked at here."""
    path = make_zip([("ex07_conv.py#.txt", b"x = 1")])
    path.write_bytes(path.read_bytes().replace(b"py#.txt", b"py\0.txt"))

    with pytest.raises(UserError, match="is not accepted"):
        _open(path)


@pytest.mark.parametrize(
    "names",
    [
        (ENTRY, ENTRY),
        (ENTRY, "EX07_conv.PY"),
        (unicodedata.normalize("NFC", "é.py"), unicodedata.normalize("NFD", "é.py")),
        ("a.py", "a.py/b.py"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_refuse_the_zip(names: tuple[str, str], make_zip: MakeZip) -> None:
    """Duplicates, letter case, the encoding of accents, and a file that is also a folder."""
    path = make_zip([(name, b"x") for name in names])

    with pytest.raises(UserError, match="same name"):
        _open(path)


def test_links_and_devices_are_special(make_zip: MakeZip) -> None:
    """Members that a unix tool would unpack as something else than a file are known as such."""
    archive = _open(
        make_zip(
            [
                (_member("link.py", stat.S_IFLNK | 0o777), b"/etc/passwd"),
                (_member("pipe.py", stat.S_IFIFO | 0o644), b""),
                (_member("disk.py", stat.S_IFBLK | 0o644), b""),
                (_member("file.py", stat.S_IFREG | 0o644), b"x"),
                (_member("plain.py", 0o644), b"x"),
            ]
        )
    )

    assert {name: kind.en for name, kind in archive.special.items()} == {
        "link.py": "a link",
        "pipe.py": "a named pipe",
        "disk.py": "a device",
    }


def test_a_password_is_named(make_zip: MakeZip, patch_zip: PatchZip) -> None:
    """An encrypted member says so instead of asking for a password."""
    path = make_zip([(ENTRY, b"x = 1")])
    patch_zip(path, flags=1)

    with pytest.raises(UserError, match="password"):
        _open(path).read(ENTRY, 10)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_unpack_without_bound_are_refused(method: int, make_zip: MakeZip) -> None:
    """Python unpacks bzip2 and LZMA with no regard to how much was asked for."""
    path = make_zip([(ENTRY, b"x = 1")], method)

    with pytest.raises(UserError, match="method that is not supported"):
        _open(path).read(ENTRY, 10)


@pytest.mark.parametrize("method", [1, 6, 9, 95, 99])
def test_unknown_methods_are_refused(method: int, make_zip: MakeZip, patch_zip: PatchZip) -> None:
    """So are methods that Python does not know."""
    path = make_zip([(ENTRY, b"x = 1")])
    patch_zip(path, method=method)

    with pytest.raises(UserError, match="method that is not supported"):
        _open(path).read(ENTRY, 10)


def _gibibyte_of_zeros() -> bytes:
    """1 GiB of zeros as a raw deflate stream of 1 MiB, made without unpacking it anywhere."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    unit = packer.compress(bytes(MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    return unit * 1024 + packer.flush()


@pytest.mark.parametrize("stated", [1 << 30, 1000])
def test_a_bomb_costs_no_more_than_the_bound(
    stated: int, make_zip: MakeZip, patch_zip: PatchZip
) -> None:
    """A gibibyte that unpacks from 1 MiB is read up to the bound, whatever size it states."""
    path = make_zip([(ENTRY, _gibibyte_of_zeros())], zipfile.ZIP_STORED)
    patch_zip(path, method=zipfile.ZIP_DEFLATED, size=stated)
    archive = _open(path)

    tracemalloc.start()
    try:
        # The checksum of a size that is too small is wrong.
        with pytest.raises(UserError, match="broken") if stated == 1000 else nullcontext():
            archive.read(ENTRY, MAX_SOURCE_BYTES + 1)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 6 * MAX_SOURCE_BYTES


def test_a_tightly_packed_file_is_refused(make_zip: MakeZip) -> None:
    """Deflate reaches a thousand to one only for what is no honest file."""
    path = make_zip([("data.csv", bytes(4 * MIB))])

    with pytest.raises(UserError, match="more tightly"):
        _open(path).read("data.csv", 8 * MIB)


def test_small_tightly_packed_files_pass(make_zip: MakeZip) -> None:
    """A small table of zeros is an honest file."""
    path = make_zip([("data.csv", bytes(MIB))])

    assert len(_open(path).read("data.csv", 8 * MIB)) == MIB


def test_members_that_share_bytes_refuse_the_zip(make_zip: MakeZip) -> None:
    """Two records of one member's bytes are how a small zip unpacks to any size."""
    path = make_zip([("a.py", bytes(range(256)) * 40)], zipfile.ZIP_STORED)
    data = path.read_bytes()
    central, end = data.rindex(b"PK\x01\x02"), data.rindex(b"PK\x05\x06")
    record = data[central:end]
    twice = record + record.replace(b"a.py", b"b.py")
    counts = (2).to_bytes(2, "little") * 2 + len(twice).to_bytes(4, "little")
    crafted = data[:central] + twice + data[end : end + 8] + counts + data[end + 16 :]

    assert len(zipfile.ZipFile(io.BytesIO(crafted)).infolist()) == 2
    with pytest.raises(UserError, match="broken"):
        Archive(crafted, "x.zip")


def test_a_million_records_are_refused_before_they_are_read() -> None:
    """The number of records is known before Python builds an object for each."""
    with pytest.raises(UserError, match="too many files"):
        Archive(b"PK\x01\x02" * (MAX_LISTED + 1), "x.zip")


def test_nested_zips_are_not_opened(make_zip: MakeZip) -> None:
    """A zip in a zip is a file like any other."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr(ENTRY, "x = 1")

    assert _open(make_zip([("inner.zip", inner.getvalue())])).names == ("inner.zip",)


def _read_everything(data: bytes) -> int:
    """How many bytes all members have, read with a bound of 1000; 0 for a UserError."""
    try:
        archive = Archive(data, "x.zip")
        return sum(len(archive.read(name, 1000)) for name in archive.names)
    except UserError:
        return 0


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_zip_or_a_sentence(data: bytes) -> None:
    """Whatever the bytes, nothing but UserError is raised."""
    assert _read_everything(data) <= 1000 * len(data)


@settings(max_examples=400, deadline=None)
@given(
    changes=st.dictionaries(st.integers(0, 10_000), st.integers(0, 255), max_size=4),
    cut=st.integers(0, 400) | st.just(10_000),
)
def test_any_damage_to_a_zip_is_a_zip_or_a_sentence(changes: dict[int, int], cut: int) -> None:
    """A zip with some bytes changed or missing raises nothing but UserError."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(ENTRY, b"x = 1\n" * 50)
        archive.writestr("数据.csv", b"1,2\n" * 50)
    data = bytearray(packed.getvalue())
    for place, value in changes.items():
        data[place % len(data)] = value

    assert _read_everything(bytes(data[:cut])) <= 2 * 1000
