"""Reading files from a folder that its owner may have prepared."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from grader.errors import UserError
from grader.submission import folder as folder_module
from grader.submission.folder import Folder, read_below


def test_names_are_relative_and_skip_what_tools_leave(tmp_path: Path) -> None:
    """Every file below is named in POSIX form, hidden and tool folders are not entered."""
    for name in ("a.py", "b c/数据.csv", ".git/x.py", "__pycache__/a.pyc", "venv/y.py"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"")

    assert sorted(Folder(tmp_path).names) == ["a.py", "b c/数据.csv"]


def test_reading_stops_at_the_bound(tmp_path: Path) -> None:
    """Never more bytes are read than asked for."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/a.py").write_bytes(b"0123456789")

    assert Folder(tmp_path).read("sub/a.py", 4) == b"0123"
    assert Folder(tmp_path).read("sub/a.py", 99) == b"0123456789"


@pytest.mark.parametrize("has_dir_fd", [True, False])
def test_links_are_neither_followed_nor_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, has_dir_fd: bool
) -> None:
    """A link to a file, and a link as a folder on the way, are refused on every platform."""
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "a.py").write_text("secret")
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.py").symlink_to(secret / "a.py")
    (root / "sub").symlink_to(secret, target_is_directory=True)
    (root / "gone.py").symlink_to("nowhere")
    if not has_dir_fd:
        monkeypatch.setattr(os, "supports_dir_fd", set())

    assert set(Folder(root).special) == {"a.py", "sub", "gone.py"}
    assert set(Folder(root).names) == {"a.py", "sub", "gone.py"}
    for name in ("a.py", "sub/a.py", "gone.py"):
        with pytest.raises(UserError, match="is a link"):
            read_below(root, name, 10)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
@pytest.mark.parametrize("has_dir_fd", [True, False])
def test_a_named_pipe_is_refused_without_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, has_dir_fd: bool
) -> None:
    """A pipe that nobody writes to would block forever; it is refused at once."""
    os.mkfifo(tmp_path / "a.py")
    if not has_dir_fd:
        monkeypatch.setattr(os, "supports_dir_fd", set())

    assert Folder(tmp_path).special["a.py"].en == "a named pipe"
    with pytest.raises(UserError, match="is a named pipe"):
        read_below(tmp_path, "a.py", 10)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_put_in_place_after_the_look_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The opened file is looked at once more, so exchanging it in between is no use."""
    os.mkfifo(tmp_path / "a.py")
    (tmp_path / "plain").write_bytes(b"")
    plain = os.lstat(tmp_path / "plain")
    monkeypatch.setattr(os, "lstat", lambda *_args, **_options: plain)

    with pytest.raises(UserError, match="is a named pipe"):
        read_below(tmp_path, "a.py", 10)


def test_a_link_put_in_place_after_the_look_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel itself refuses a link, as a file and as a folder on the way."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/a.py").write_bytes(b"secret")
    (tmp_path / "a.py").symlink_to("secret/a.py")
    (tmp_path / "sub").symlink_to("secret", target_is_directory=True)
    plain = os.lstat(tmp_path / "secret/a.py")
    monkeypatch.setattr(os, "lstat", lambda *_args, **_options: plain)

    for name in ("a.py", "sub/a.py"):
        with pytest.raises(OSError, match=name.split("/")[0]):
            read_below(tmp_path, name, 10)


def test_a_socket_is_special(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket is named as what it is and never opened."""
    monkeypatch.chdir(tmp_path)  # the path of a socket has to be short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("a.py")
        with pytest.raises(UserError, match="is a socket"):
            read_below(tmp_path, "a.py", 10)

    assert Folder(tmp_path).special["a.py"].en == "a socket"


def test_a_device_is_refused() -> None:
    """A device is refused before it is opened."""
    with pytest.raises(UserError, match="is a device"):
        read_below(Path("/dev"), "zero", 10)


def test_folders_too_deep_are_refused(tmp_path: Path) -> None:
    """Nine levels are too many."""
    deep = tmp_path.joinpath(*"abcdefgh")
    deep.mkdir(parents=True)
    (deep / "i.py").write_bytes(b"")

    with pytest.raises(UserError, match="folders deep"):
        Folder(tmp_path)


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A search through a home folder ends with a sentence instead of minutes later."""
    monkeypatch.setattr(folder_module, "MAX_LISTED", 3)
    for name in "abcd":
        (tmp_path / name).write_bytes(b"")

    with pytest.raises(UserError, match="more than 3 files"):
        Folder(tmp_path)
