"""From a path to a submission."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import grader.submission
from grader.errors import UserError
from grader.submission import Submission, read_submission
from grader.submission.limits import (
    MAX_FILE_BYTES,
    MAX_FILES,
    MAX_SOURCE_BYTES,
    MAX_TOTAL_BYTES,
    MIB,
)

ENTRY = "ex07_conv.py"
MakeZip = Callable[..., Path]
MakeNotebook = Callable[..., bytes]


def _write(root: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def test_the_package_offers_what_it_says() -> None:
    """`__all__` is sorted and every name in it exists."""
    names = grader.submission.__all__

    assert names == sorted(names)
    assert all(hasattr(grader.submission, name) for name in names)


@pytest.mark.parametrize("name", ["ex07_conv.py", "我的 作业 (1).PY"])
def test_a_python_file_becomes_the_entry(tmp_path: Path, name: str) -> None:
    """Whatever its name, its bytes are untouched and nothing beside it comes along."""
    _write(tmp_path, {name: b"\xef\xbb\xbfx = 1\r\n", "util.py": b"y"})

    submission = read_submission(tmp_path / name, ENTRY)

    assert submission == Submission(
        str(tmp_path / name), ENTRY, {ENTRY: b"\xef\xbb\xbfx = 1\r\n"}, None
    )


def test_a_notebook_becomes_source_with_a_map(tmp_path: Path, notebook: MakeNotebook) -> None:
    """The entry is the notebook's code, and lines lead back to cells."""
    _write(tmp_path, {"hw.ipynb": notebook("x = 1", "y = 2")})

    submission = read_submission(tmp_path / "hw.ipynb", ENTRY)

    assert list(submission.files) == [ENTRY]
    assert submission.source_map is not None
    line = submission.files[ENTRY].decode().split("\n").index("y = 2") + 1
    assert submission.source_map.locate(line) == (2, 1)


def test_a_folder_gives_the_entry_and_its_helpers(tmp_path: Path) -> None:
    """A whole classroom repository may be named: the exercise is found below it."""
    _write(
        tmp_path,
        {
            "exercises/ex07_conv/ex07_conv.py": b"x",
            "exercises/ex07_conv/util.py": b"u",
            "exercises/ex07_conv/data/points.csv": b"1,2",
            "exercises/ex07_conv/test_public.py": b"t",
            "exercises/ex07_conv/exercise.yaml": b"t",
            "exercises/ex08/ex08.py": b"z",
            ".git/ex07_conv.py": b"g",
        },
    )

    assert read_submission(tmp_path, ENTRY).files == {
        ENTRY: b"x",
        "util.py": b"u",
        "data/points.csv": b"1,2",
    }


def test_the_only_notebook_of_a_folder_is_taken(tmp_path: Path, notebook: MakeNotebook) -> None:
    """Without the entry, one notebook stands for it and helpers still come along."""
    _write(
        tmp_path,
        {
            "Untitled.ipynb": notebook("x = 1"),
            ".ipynb_checkpoints/Untitled-checkpoint.ipynb": b"{}",
            "util.py": b"u",
        },
    )

    submission = read_submission(tmp_path, ENTRY)

    assert set(submission.files) == {ENTRY, "util.py"}
    assert b"x = 1" in submission.files[ENTRY]
    assert submission.source_map is not None


def test_a_zip_with_one_top_folder_is_like_the_folder(make_zip: MakeZip) -> None:
    """The zip of a folder, as macOS makes it, gives the same files."""
    path = make_zip(
        [
            ("hand in/", b""),
            ("hand in/ex07_conv.py", b"x"),
            ("hand in/util.py", b"u"),
            ("hand in/old/ex07_conv.py", b"old"),
            ("__MACOSX/hand in/._ex07_conv.py", b"?"),
        ]
    )

    files = read_submission(path, ENTRY).files

    assert files[ENTRY] == b"x"
    assert files["util.py"] == b"u"
    assert not any("MACOSX" in name for name in files)


def test_a_notebook_in_a_zip_is_read(make_zip: MakeZip, notebook: MakeNotebook) -> None:
    """Learning platforms often pack one notebook."""
    submission = read_submission(make_zip([("a/hw.ipynb", notebook("x = 1"))]), ENTRY)

    assert b"x = 1" in submission.files[ENTRY]


@pytest.mark.parametrize("kind", ["link", "pipe", "dangling"])
def test_a_path_that_is_no_file_is_refused(tmp_path: Path, kind: str) -> None:
    """A link or a pipe in place of the file is refused, and never waited for."""
    path = tmp_path / ENTRY
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/etc/passwd" if kind == "link" else "nowhere")

    with pytest.raises(UserError, match="only regular files"):
        read_submission(path, ENTRY)


@pytest.mark.parametrize("name", [ENTRY, "util.py", "data", "sub/util.py"])
def test_links_in_a_folder_are_refused(tmp_path: Path, name: str) -> None:
    """A link as the entry, as a helper, or as a folder beside them ends with a sentence."""
    secret = _write(tmp_path / "secret", {"expected.py": b"secret"})
    root = _write(tmp_path / "root", {ENTRY: b"x", "sub/plain.py": b"y"})
    (root / name).unlink(missing_ok=True)
    (root / name).symlink_to(secret if name == "data" else secret / "expected.py")

    with pytest.raises(UserError, match="is a link"):
        read_submission(root, ENTRY)


def test_an_entry_behind_a_linked_folder_is_not_found(tmp_path: Path) -> None:
    """A linked folder is not searched."""
    _write(tmp_path / "elsewhere", {ENTRY: b"secret"})
    root = _write(tmp_path / "root", {"notes.txt": b""})
    (root / "sub").symlink_to(tmp_path / "elsewhere", target_is_directory=True)

    with pytest.raises(UserError, match="There is no"):
        read_submission(root, ENTRY)


def test_a_pipe_beside_the_entry_is_refused(tmp_path: Path) -> None:
    """A pipe that would block is named instead of read."""
    _write(tmp_path, {ENTRY: b"x"})
    os.mkfifo(tmp_path / "data.csv")

    with pytest.raises(UserError, match=r"data\.csv is a named pipe"):
        read_submission(tmp_path, ENTRY)


def test_a_link_in_a_zip_is_refused(make_zip: MakeZip) -> None:
    """So is a member that would unpack as a link."""
    link = zipfile.ZipInfo("util.py")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16

    with pytest.raises(UserError, match=r"util\.py is a link"):
        read_submission(make_zip([(ENTRY, b"x"), (link, b"/etc/passwd")]), ENTRY)


def test_helper_names_that_collide_are_refused(tmp_path: Path) -> None:
    """Two files that Windows would take for one are refused on Linux too."""
    _write(tmp_path, {ENTRY: b"x", "util.py": b"1", "Util.py": b"2"})
    if len(list(tmp_path.iterdir())) < 3:
        pytest.skip("this file system takes them for one")

    with pytest.raises(UserError, match="same name"):
        read_submission(tmp_path, ENTRY)


def test_helper_names_that_deceive_are_refused(tmp_path: Path) -> None:
    """A name that Windows would take for a path is refused in a folder too."""
    _write(tmp_path, {ENTRY: b"x", "sub\\util.py": b"1"})

    with pytest.raises(UserError, match="is not accepted"):
        read_submission(tmp_path, ENTRY)


@pytest.mark.parametrize(
    ("name", "size", "sentence"),
    [
        (ENTRY, MAX_SOURCE_BYTES, "larger than 1 MiB"),
        ("a/util.py", MAX_SOURCE_BYTES, "larger than 1 MiB"),
        ("a/data.csv", MAX_FILE_BYTES, "larger than 8 MiB"),
    ],
)
def test_each_file_has_a_limit(tmp_path: Path, name: str, size: int, sentence: str) -> None:
    """A file of exactly the limit passes and one byte more does not."""
    root = _write(tmp_path / "a", {ENTRY: b"x"}).parent
    path = tmp_path / name
    if name == ENTRY:
        root = path
    path.write_bytes(b"#" * size)

    assert max(map(len, read_submission(root, ENTRY).files.values())) == size

    path.write_bytes(b"#" * (size + 1))
    with pytest.raises(UserError, match=sentence):
        read_submission(root, ENTRY)


def test_all_files_together_have_a_limit(tmp_path: Path) -> None:
    """Five files that pass one by one are too much together."""
    _write(tmp_path, {ENTRY: b"x"})
    for number in range(MAX_TOTAL_BYTES // MAX_FILE_BYTES):
        with (tmp_path / f"{number}.csv").open("wb") as file:
            file.truncate(MAX_FILE_BYTES)

    with pytest.raises(UserError, match="submission is larger than 32 MiB"):
        read_submission(tmp_path, ENTRY)


def test_a_zip_is_limited_as_it_lies_on_disk(tmp_path: Path) -> None:
    """A zip of more than 32 MiB is not even opened."""
    with (tmp_path / "a.zip").open("wb") as file:
        file.truncate(MAX_TOTAL_BYTES + 1)

    with pytest.raises(UserError, match="larger than 32 MiB"):
        read_submission(tmp_path / "a.zip", ENTRY)


def test_a_bomb_beside_the_entry_is_refused(make_zip: MakeZip) -> None:
    """A helper that unpacks to more than its limit is refused."""
    with pytest.raises(UserError):
        read_submission(make_zip([(ENTRY, b"x"), ("data.csv", bytes(40 * MIB))]), ENTRY)


def test_a_bomb_that_nobody_asked_for_is_never_unpacked(make_zip: MakeZip) -> None:
    """What is no helper is not read, whatever it holds."""
    path = make_zip([(ENTRY, b"x"), ("video.mp4", bytes(40 * MIB))])

    assert set(read_submission(path, ENTRY).files) == {ENTRY}


def test_the_number_of_files_is_limited(tmp_path: Path) -> None:
    """200 files pass and one more does not."""
    _write(tmp_path, {f"u{number}.py": b"" for number in range(MAX_FILES - 1)} | {ENTRY: b"x"})

    assert len(read_submission(tmp_path, ENTRY).files) == MAX_FILES

    (tmp_path / "more.py").write_bytes(b"")
    with pytest.raises(UserError, match="More than 200 files"):
        read_submission(tmp_path, ENTRY)


def test_a_missing_path_suggests_near_names(tmp_path: Path) -> None:
    """A misspelt path is answered with what lies there."""
    _write(tmp_path, {"ex07_conv.py": b"x"})

    with pytest.raises(UserError, match="There is no") as caught:
        read_submission(tmp_path / "ex7_conv.py", ENTRY)

    assert caught.value.next_step is not None
    assert "ex07_conv.py" in caught.value.next_step.en
    assert "ex07_conv.py" in caught.value.next_step.zh


@pytest.mark.parametrize(
    "name", ["gone/ex07_conv.py", "plain.py/ex07_conv.py", "hw.tar.gz", "x" * 300]
)
def test_paths_that_cannot_be_graded_are_a_sentence(tmp_path: Path, name: str) -> None:
    """No such folder, a file in place of a folder, another format, a name too long."""
    _write(tmp_path, {"plain.py": b"x", "hw.tar.gz": b"x"})

    with pytest.raises(UserError) as caught:
        read_submission(tmp_path / name, ENTRY)

    assert caught.value.next_step is not None


def test_a_name_that_the_wire_does_not_carry_is_refused(tmp_path: Path, make_zip: MakeZip) -> None:
    """A helper in long folders is refused in zip and folder; below them, its name is short."""
    long = "/".join(["x" * 200] * 6)
    folder = _write(tmp_path / "handed-in", {ENTRY: b"x = 1\n", f"{long}/helper.py": b""})
    for path in (folder, make_zip([(ENTRY, b"x = 1\n"), (f"{long}/helper.py", b"")])):
        with pytest.raises(UserError, match="longer than 1024 characters"):
            read_submission(path, ENTRY)
    below = make_zip([(f"{long}/{ENTRY}", b"x = 1\n"), (f"{long}/helper.py", b"")])

    assert sorted(read_submission(below, ENTRY).files) == [ENTRY, "helper.py"]


def _submission_unless_refused(path: Path) -> Submission | None:
    try:
        return read_submission(path, ENTRY)
    except UserError:
        return None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    suffix=st.sampled_from([".py", ".ipynb", ".zip"]),
    data=st.binary(max_size=300),
)
def test_any_file_is_a_submission_or_a_sentence(tmp_path: Path, suffix: str, data: bytes) -> None:
    """Whatever the bytes, the answer is a bounded submission or UserError."""
    path = tmp_path / f"any{suffix}"
    path.write_bytes(data)
    submission = _submission_unless_refused(path)

    if submission is None:
        return
    assert ENTRY in submission.files
    assert sum(map(len, submission.files.values())) <= MAX_TOTAL_BYTES


NAMES = st.sampled_from([ENTRY, "a/" + ENTRY, "A/" + ENTRY, "hw.ipynb", "u.py", "U.py", "..", "/"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    members=st.dictionaries(NAMES | st.text(min_size=1, max_size=20), st.binary(max_size=50)),
    modes=st.lists(st.sampled_from([0, stat.S_IFREG, stat.S_IFLNK, stat.S_IFDIR])),
)
def test_any_zip_is_a_submission_or_a_sentence(
    tmp_path: Path, members: dict[str, bytes], modes: list[int]
) -> None:
    """Whatever a zip's names, modes and bytes, the answer is safe names or UserError."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number, (name, data) in enumerate(members.items()):
            info = zipfile.ZipInfo(name.encode("utf-8", "replace").decode())
            info.external_attr = (modes[number] if number < len(modes) else 0) << 16
            archive.writestr(info, data)
    path = tmp_path / "any.zip"
    path.write_bytes(packed.getvalue())
    submission = _submission_unless_refused(path)

    if submission is None:
        return
    assert ENTRY in submission.files
    assert all(".." not in Path(name).parts for name in submission.files)
    assert not any(Path(name).is_absolute() for name in submission.files)
