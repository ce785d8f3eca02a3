"""The outer fence holds: nothing that happens behind it kills, outgrows or outlives it."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests import fence
from tests.fence import Ended, run_fenced, run_watched

_needs_fence = pytest.mark.skipif(fence.lacking() is not None, reason=str(fence.lacking()))


def _fenced(code: str, *, megabytes: int = 256, processes: int = 64, timeout: float = 60) -> Ended:
    return run_fenced(
        [sys.executable, "-c", code], megabytes=megabytes, processes=processes, timeout=timeout
    )


@_needs_fence
def test_status_and_output_come_back(tmp_path: Path) -> None:
    """The command runs where and with what it was told, and its status and texts come back."""
    code = "import os, sys; print(os.getcwd(), os.environ['A']); sys.exit('no')"
    ended = run_fenced(
        [sys.executable, "-c", code],
        megabytes=256,
        processes=64,
        timeout=60,
        env={"A": "是"},
        cwd=tmp_path,
    )
    assert ended == Ended(1, f"{tmp_path} 是\n", "no\n", (), ())


@_needs_fence
def test_killing_everything_harms_nobody() -> None:
    """A fenced kill(-1) ends the processes behind the fence and none outside."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as bystander:
        ended = _fenced("import os; os.fork(); os.kill(-1, 9); os.kill(os.getpid(), 9)")
        assert ended.code == -9
        assert bystander.poll() is None
        bystander.communicate(b"\n")
    assert bystander.returncode == 0


@_needs_fence
def test_memory_is_bounded() -> None:
    """600 MB do not fit behind a fence of 256 MB, and 100 MB do."""
    assert _fenced("bytearray(600 << 20)").code != 0
    assert _fenced("bytearray(100 << 20)").code == 0


@_needs_fence
def test_processes_are_bounded() -> None:
    """A fork bomb comes to an end at the limit, and every process of it is gone afterwards."""
    code = """
import os, time
made = 0
try:
    while made < 500:
        if os.fork() == 0:
            time.sleep(600)
        made += 1
except OSError:
    print(made)
"""
    ended = _fenced(code)
    assert 0 < int(ended.out) < 500
    assert len(ended.survivors) == int(ended.out)


# Ends when the daemon has become another program, which closes the pipe.
_DAEMON = """
import os, sys
reader, writer = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(600)", "%s"])
    os._exit(0)
os.close(writer)
os.read(reader, 1)
"""


@_needs_fence
def test_a_daemon_is_seen_and_does_not_survive(tmp_path: Path) -> None:
    """A process that left its parent and its session is named among the survivors, and is gone."""
    ended = _fenced(_DAEMON % tmp_path)
    assert [word.endswith(f"{tmp_path} ") for word in ended.survivors] == [True]
    assert not _runs(str(tmp_path))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who descends from whom")
def test_without_a_fence_a_daemon_is_seen_as_well(tmp_path: Path) -> None:
    """Watching alone finds an escaped process too, and ends it."""
    ended = run_watched([sys.executable, "-c", _DAEMON % tmp_path], timeout=60)
    assert [word.endswith(f"{tmp_path} ") for word in ended.survivors] == [True]
    assert not _runs(str(tmp_path))


@_needs_fence
def test_time_is_bounded(tmp_path: Path) -> None:
    """A command that does not end is ended, with what it started."""
    code = f"import os, time; os.fork(); time.sleep(600); {str(tmp_path)!r}"
    with pytest.raises(subprocess.TimeoutExpired):
        _fenced(code, timeout=0.5)
    assert not _runs(str(tmp_path))


@_needs_fence
def test_nothing_outside_is_visible() -> None:
    """Behind the fence /proc shows its own processes only."""
    code = "import os; print(sorted(name for name in os.listdir('/proc') if name.isdigit()))"
    assert len(_fenced(code).out.split(",")) == 2


@_needs_fence
def test_files_left_in_shared_folders_are_seen_and_stay_behind_the_fence(tmp_path: Path) -> None:
    """What a command leaves in a folder that all share is named, and is not there outside."""
    name = f"left-by-{tmp_path.name}"
    folders = [tempfile.gettempdir(), "/dev/shm", "/var/tmp"]  # noqa: S108
    code = f"for folder in {folders}: open(folder + '/{name}', 'w').write('x')"
    assert _fenced(code).files == tuple(sorted(f"{folder}/{name}" for folder in folders))
    assert [folder for folder in folders if Path(folder, name).exists()] == []


@_needs_fence
def test_temporary_files_of_others_are_out_of_reach(tmp_path: Path) -> None:
    """Behind the fence the temporary folder holds only what the command was told of."""
    with tempfile.TemporaryDirectory() as other:
        code = f"import os; print(os.path.exists({other!r}), os.path.exists({str(tmp_path)!r}))"
        ended = run_fenced(
            [sys.executable, "-c", code], megabytes=256, processes=64, timeout=60, cwd=tmp_path
        )
    assert ended.out == "False True\n"


def _runs(mark: str) -> bool:
    """Whether a process with `mark` in its words is alive anywhere."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            if mark.encode() in path.read_bytes():
                return True
    return False
