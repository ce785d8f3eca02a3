"""Starting the judge and the zygote: by exec, with an environment of ours.

Where there is a zygote, one process imports torch and then becomes both: the judge is forked from
the zygote before it reads anything, and gets its variables afterwards, beside the job. The zygote
gets no variables but ours; the judge also what finds devices and folders, and nothing that steers
Python or pytest.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

HAS_ZYGOTE = sys.platform == "linux"
"""Elsewhere each worker is spawned: Windows has no fork, and on macOS one after torch may crash."""
_PATIENCE = 120.0
"""Seconds that a nursery gets for an answer; it may have torch to import first."""
ENDING_SECONDS = 10.0
_PAUSE_SECONDS = 0.002
_ISOLATED = ("-P", "-s", "-X", "utf8")
"""No current folder on the path, no user site; the environment is ours, so -E is not needed."""
_OURS = {
    # The order of sets is the same in every run.
    "PYTHONHASHSEED": "0",
    # Nor does numpy start threads, which a fork would have to stop and which wait in a loop.
    "OPENBLAS_NUM_THREADS": "1",
}
_LOADER_VARIABLES = ("LD_LIBRARY_PATH",)
"""What has to be there when a process starts, to find the libraries of torch."""
_JUDGE_VARIABLES = (
    *_LOADER_VARIABLES,
    "CUDA_VISIBLE_DEVICES",
    "HOME",
    "LANG",
    "LC_ALL",
    "PATH",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "TMPDIR",
    "USERPROFILE",
)


@dataclass(frozen=True)
class Started:
    """A started process and our end of its control socket."""

    process: subprocess.Popen[bytes]
    control: socket.socket


class Process(Protocol):
    """What can be done with a process, whoever has started it."""

    def terminate(self) -> None:
        """Send it SIGTERM."""

    def kill(self) -> None:
        """Send it SIGKILL."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; return its status, or raise subprocess.TimeoutExpired."""


@dataclass(frozen=True)
class StartedJudge:
    """A started judge; the process is that of its zygote where there is one."""

    process: Process
    control: socket.socket
    zygote: socket.socket | None
    """The judge's end of the zygote's control socket; the judge has it too."""

    def end(self, *, is_done: bool) -> None:
        """End the judge, which ends the zygote, which ends every sandbox; confirm each."""
        self.control.close()
        if self.zygote:
            self.zygote.close()
        if not is_done:
            # The zygote ends the judge, then itself in order, and leaves no cgroup behind.
            self.process.terminate()
        try:
            self.process.wait(ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start_zygote() -> Started:
    """Start a zygote alone; it begins to import torch at once."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = _start("grader.worker.zygote", [theirs], _kept(_LOADER_VARIABLES))
    return Started(process, ours)


def start_judge() -> StartedJudge:
    """Start a judge, with its zygote where there is one; torch is imported from now on."""
    if HAS_ZYGOTE:
        return _with_zygote(
            lambda ends: _start("grader.worker.zygote", ends, _kept(_LOADER_VARIABLES))
        )
    ours, theirs = socket.socketpair()
    with theirs:
        process = _start("grader.judge", [theirs], judge_environment())
    return StartedJudge(process, ours, None)


def _with_zygote(start: Callable[[Sequence[socket.socket]], Process]) -> StartedJudge:
    """Start a zygote that forks its judge; `start` gets the sockets that both inherit."""
    ours, theirs = socket.socketpair()
    to_zygote, zygote = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs, zygote:
        process = start([zygote, theirs, to_zygote])
    return StartedJudge(process, ours, to_zygote)


class Nursery:
    """A process that has imported torch and forks zygotes with their judges; only on Linux.

    It may be used by several threads.
    """

    def __init__(self) -> None:
        """Start it; torch is imported from now on."""
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(_PATIENCE)
        self._lock = threading.Lock()
        with theirs:
            self._process = _start("grader.worker.nursery", [theirs], _kept(_LOADER_VARIABLES))

    def start_judge(self) -> StartedJudge:
        """Have a judge and its zygote forked; OSError where the nursery is gone."""

        def fork(ends: Sequence[socket.socket]) -> Process:
            answer = self._ask({"fork": {}}, [end.fileno() for end in ends])
            return _Forked(self, answer["pid"])

        return _with_zygote(fork)

    def close(self) -> None:
        """End it; what it has forked must have ended before, or ends by itself."""
        self._control.close()
        try:
            self._process.wait(ENDING_SECONDS)
        except subprocess.TimeoutExpired:  # it imports torch still
            self._process.kill()
            self._process.wait()

    def status(self, pid: int) -> int | None:
        """How a process that it has forked ended; None: not yet."""
        try:
            status: int | None = self._ask({"ended": pid}, ())["status"]
        except OSError:
            return self._process.wait()  # its end is that of all that it has forked
        return status

    def _ask(self, request: dict[str, Any], descriptors: Sequence[int]) -> dict[str, Any]:
        with self._lock:
            socket.send_fds(self._control, [json.dumps(request).encode()], descriptors)
            data = self._control.recv(1 << 12)
        if not data:
            raise ConnectionResetError("the nursery has ended")
        answer: dict[str, Any] = json.loads(data)
        return answer


class _Forked:
    """A process that the nursery has forked, and that only the nursery can wait for."""

    def __init__(self, nursery: Nursery, pid: int) -> None:
        self._nursery = nursery
        self._pid = pid
        self._status: int | None = None

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        deadline = math.inf if timeout is None else time.monotonic() + timeout
        while self._status is None:
            self._status = self._nursery.status(self._pid)
            if self._status is None:
                if time.monotonic() > deadline:
                    raise subprocess.TimeoutExpired("zygote", timeout or 0.0)
                time.sleep(_PAUSE_SECONDS)
        return self._status

    def _send(self, number: signal.Signals) -> None:
        if self._status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, number)


def judge_environment() -> dict[str, str]:
    """The variables of a judge."""
    return {**_kept(_JUDGE_VARIABLES), **_OURS, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def _kept(names: Sequence[str]) -> dict[str, str]:
    return {name: os.environ[name] for name in names if name in os.environ}


def _start(
    module: str, sockets: Sequence[socket.socket], environment: dict[str, str]
) -> subprocess.Popen[bytes]:
    descriptors = [sock.fileno() for sock in sockets]
    return subprocess.Popen(
        [sys.executable, *_ISOLATED, "-m", module, *map(str, descriptors)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**environment, **_OURS},
        # Ctrl-C goes to the supervisor alone, which ends the others in order.
        start_new_session=True,
        **inheriting(descriptors),
    )


def inheriting(descriptors: list[int]) -> dict[str, Any]:
    """Let a child inherit these descriptors (on Windows: handles of sockets) and no others."""
    if sys.platform == "win32":
        for descriptor in descriptors:
            os.set_handle_inheritable(descriptor, inheritable=True)
        startup = subprocess.STARTUPINFO()
        startup.lpAttributeList = {"handle_list": descriptors}
        return {"startupinfo": startup}
    return {"pass_fds": descriptors}
