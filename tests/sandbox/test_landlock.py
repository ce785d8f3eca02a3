"""Landlock, applied for real in processes of their own."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from grader.sandbox import landlock


def _abi() -> int:
    try:
        return landlock.abi_version()
    except OSError:
        return 0


ABI = _abi()
pytestmark = pytest.mark.skipif(ABI == 0, reason="no Landlock here")

PREAMBLE = """
import errno, os, signal, socket, sys
from pathlib import Path
from grader.sandbox import libc
from grader.sandbox.landlock import Ruleset

base = Path(sys.argv[1])

def denied(call, *arguments, code=errno.EACCES):
    try:
        call(*arguments)
    except OSError as error:
        return error.errno == code
    return False

def confine(read=(), write=(), devices=()):
    libc.set_no_new_privs()
    Ruleset.prepare(read, write, devices).apply()
"""


def succeed(code: str, folder: Path) -> None:
    """Run `code` in a new Python with `folder` as `base`, and show its errors if it failed."""
    done = subprocess.run(
        [sys.executable, "-c", PREAMBLE + textwrap.dedent(code), str(folder)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with `open` and `closed` in it, a file in each."""
    for name in ("open", "closed"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    return tmp_path


def test_read_paths_can_be_read_and_nothing_else(folder: Path) -> None:
    """Below a read path files and folders can be read, not written; beside it nothing opens."""
    succeed(
        """
        confine(read=[str(base / "open")])
        assert (base / "open/file").read_text() == "open"
        assert os.listdir(base / "open") == ["file"]
        assert denied(os.open, base / "open/file", os.O_WRONLY)
        assert denied(os.open, base / "open/new", os.O_WRONLY | os.O_CREAT)
        assert denied(os.unlink, base / "open/file")
        assert denied(os.truncate, base / "open/file", 0)
        assert denied(os.open, base / "closed/file", os.O_RDONLY)
        assert denied(os.listdir, base)
        assert denied(os.listdir, "/")
        """,
        folder,
    )


def test_write_paths_can_be_changed(folder: Path) -> None:
    """Below a write path files are made, moved between folders, truncated and removed."""
    succeed(
        """
        confine(write=[str(base / "open")])
        here = base / "open"
        (here / "a").mkdir()
        (here / "b").mkdir()
        (here / "a/file").write_text("text")
        os.rename(here / "a/file", here / "b/file")
        os.truncate(here / "b/file", 1)
        os.symlink("file", here / "b/link")
        os.mkfifo(here / "b/fifo")
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(here / "b/socket"))
        assert (here / "b/link").read_text() == "t"
        for path in (here / "b").iterdir():
            path.unlink()
        (here / "b").rmdir()
        assert denied(os.rename, here / "file", base / "closed/moved") or denied(
            os.rename, here / "file", base / "closed/moved", code=errno.EXDEV
        )
        assert denied(os.unlink, base / "closed/file")
        """,
        folder,
    )


@pytest.mark.skipif(sys.platform != "linux" or os.getuid() != 0, reason="only root makes nodes")
def test_write_paths_take_no_device_nodes(folder: Path) -> None:
    """Not even root can make a device node in a writable folder."""
    succeed(
        """
        import stat
        confine(write=[str(base)])
        assert denied(os.mknod, base / "null", stat.S_IFCHR | 0o600, os.makedev(1, 3))
        """,
        folder,
    )


def test_single_files_and_descriptors_can_be_allowed(folder: Path) -> None:
    """A rule may name a file, and stand as an open descriptor, which stays open."""
    succeed(
        """
        descriptor = os.open(base / "open", os.O_PATH)
        confine(read=[str(base / "closed/file"), descriptor])
        assert (base / "closed/file").read_text() == "closed"
        assert denied(os.listdir, base / "closed")
        assert (base / "open/file").read_text() == "open"
        os.fstat(descriptor)
        """,
        folder,
    )


def test_devices_can_be_used(folder: Path) -> None:
    """A device that is listed can be read and written, another one cannot be opened."""
    succeed(
        """
        confine(devices=["/dev/null"])
        Path("/dev/null").write_text("text")
        assert Path("/dev/null").read_text() == ""
        assert denied(os.open, "/dev/zero", os.O_RDONLY)
        """,
        folder,
    )


@pytest.mark.skipif(ABI < 4, reason="since ABI 4")
def test_tcp_is_denied(folder: Path) -> None:
    """No TCP port can be bound or connected to."""
    succeed(
        """
        confine()
        with socket.socket() as client:
            assert denied(client.bind, ("127.0.0.1", 0))
            assert denied(client.connect, ("127.0.0.1", 9))
        """,
        folder,
    )


@pytest.mark.skipif(ABI < 6, reason="since ABI 6")
def test_signals_and_abstract_sockets_end_at_the_sandbox(folder: Path) -> None:
    """A confined process reaches processes outside by neither, and its own children by both."""
    succeed(
        """
        name = f"\\0grade-{os.getpid()}"
        outside = socket.socket(socket.AF_UNIX)
        outside.bind(name)
        outside.listen()
        child = os.fork()
        if child == 0:
            confine()
            assert denied(os.kill, os.getppid(), 0, code=errno.EPERM)
            with socket.socket(socket.AF_UNIX) as client:
                assert denied(client.connect, name, code=errno.EPERM)
            inside = socket.socket(socket.AF_UNIX)  # belongs where it was made, so not earlier
            inside.bind(name + "-inside")
            inside.listen()
            inside.settimeout(20)
            grandchild = os.fork()
            if grandchild == 0:
                with socket.socket(socket.AF_UNIX) as client:
                    client.connect(name + "-inside")
                signal.pause()
            inside.accept()
            os.kill(grandchild, signal.SIGKILL)
            assert os.waitpid(grandchild, 0)[1] == signal.SIGKILL
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        """,
        folder,
    )


def test_ruleset_prepared_once_serves_many_forks(folder: Path) -> None:
    """Children apply the ruleset of their parent, which itself stays free and can close it."""
    succeed(
        """
        ruleset = Ruleset.prepare([str(base / "open")], [])
        for _ in range(2):
            child = os.fork()
            if child == 0:
                libc.set_no_new_privs()
                ruleset.apply()
                assert denied(os.fstat, ruleset.descriptor, code=errno.EBADF)
                assert (base / "open/file").read_text() == "open"
                assert denied(os.open, base / "closed/file", os.O_RDONLY)
                os._exit(0)
            assert os.waitpid(child, 0)[1] == 0
        assert (base / "closed/file").read_text() == "closed"
        ruleset.close()
        """,
        folder,
    )


def test_second_ruleset_gives_nothing_back(folder: Path) -> None:
    """Allowing everything in a later ruleset leaves the first one's denials standing."""
    succeed(
        """
        confine(read=[str(base / "open")])
        root = os.open("/", os.O_PATH)
        confine(write=[root])
        assert denied(os.open, base / "closed/file", os.O_RDONLY)
        assert denied(os.open, base / "open/file", os.O_WRONLY)
        """,
        folder,
    )


def test_rules_hold_where_a_folder_is_bind_mounted(folder: Path) -> None:
    """A rule made before a bind mount also allows the folder under its new name."""
    try:
        succeed("libc.unshare(libc.CLONE_NEWUSER | libc.CLONE_NEWNS)", folder)
    except AssertionError:
        pytest.skip("no user namespaces here")
    succeed(
        """
        ruleset = Ruleset.prepare([str(base / "open")], [])
        libc.unshare(libc.CLONE_NEWUSER | libc.CLONE_NEWNS)
        libc.mount(None, "/", None, libc.MS_REC | libc.MS_PRIVATE)
        libc.mount(str(base / "open"), str(base / "closed"), None, libc.MS_BIND)
        libc.set_no_new_privs()
        ruleset.apply()
        assert (base / "closed/file").read_text() == "open"
        assert denied(libc.umount2, str(base / "closed"), code=errno.EPERM)
        """,
        folder,
    )


def test_missing_path_is_an_error_and_leaves_nothing_open(folder: Path) -> None:
    """A path that does not exist raises FileNotFoundError, with every descriptor closed again."""
    succeed(
        """
        before = os.listdir("/proc/self/fd")
        assert denied(Ruleset.prepare, [str(base), str(base / "none")], [], code=errno.ENOENT)
        assert os.listdir("/proc/self/fd") == before
        """,
        folder,
    )


@pytest.mark.parametrize("code", [errno.ENOSYS, errno.EOPNOTSUPP])
def test_kernel_without_landlock_is_told_by_its_errno(folder: Path, code: int) -> None:
    """Where the kernel has no Landlock, or has it off, preparing raises that errno."""
    succeed(
        f"""
        from grader.sandbox import seccomp
        # A filter answers as such a kernel would.
        absent = seccomp._answer([libc.NR_LANDLOCK_CREATE_RULESET], seccomp._ERRNO | {code})
        load, allow = ((seccomp._LOAD, 0), (seccomp._RETURN, seccomp._ALLOW))
        program = [seccomp._instruction(*load), *absent, seccomp._instruction(*allow)]
        libc.set_no_new_privs()
        seccomp.install(b"".join(program))
        assert denied(Ruleset.prepare, ["/"], [], code={code})
        """,
        folder,
    )


def test_rights_follow_the_abi() -> None:
    """An older kernel is asked for no right that it does not know, which it would refuse."""
    widths = [landlock._file_rights(abi).bit_length() for abi in range(1, 11)]
    assert widths == [13, 14, 15, 15, 16, 16, 16, 16, 17, 17]
