"""Workers without a zygote: each a process of its own that imports torch itself.

For platforms without fork (Windows), and where a fork of a process with torch is not safe (macOS).
The protocol and the split from the judge are the same; nothing is confined, so the tier is none.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass

from grader.course import Limits
from grader.judge.processes import inheriting
from grader.judge.results import Cause
from grader.judge.sandboxes import Ending, closing
from grader.judge.workers import Worker
from grader.wire.channel import Channel

_DYING_SECONDS = 0.1


class SpawnLauncher:
    """Starts each worker as a process of its own."""

    tier = "none"
    ahead = 1

    def __init__(self) -> None:
        self.notes: tuple[Cause, ...] = (Cause("not_linux", {"platform": sys.platform}),)
        self.witnessed: list[str] = []
        self._running: list[SpawnedWorker] = []

    def open(self) -> None:
        """Do nothing: nothing is shared between workers."""

    def start_worker(self, limits: Limits) -> Worker:
        """Start a Python process that serves on an inherited socket."""
        ours, theirs = socket.socketpair()
        reader, writer = os.pipe()
        scratch = tempfile.mkdtemp(prefix="grade-")
        with theirs, closing(writer):
            process = _start(theirs, writer, scratch)
        worker = SpawnedWorker(process, Channel(ours, reader), scratch)
        self._running.append(worker)
        return Worker(worker, limits, self.tier)

    def close(self) -> None:
        """End every worker that is still alive."""
        for worker in self._running:
            worker.end()


@dataclass
class SpawnedWorker:
    """A worker that is a child of the judge."""

    process: subprocess.Popen[bytes]
    channel: Channel
    scratch: str
    _ending: Ending | None = None

    def end(self) -> Ending:
        """Kill the worker and its process group; a process that left the group may survive."""
        if self._ending:  # its pid may be another process's by now
            return self._ending
        with contextlib.suppress(subprocess.TimeoutExpired):
            # Its socket closes a moment before its status is known.
            self.process.wait(_DYING_SECONDS)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                self.process.kill()
            else:
                os.killpg(self.process.pid, signal.SIGKILL)
        status = self.process.wait()
        self.channel.close()
        shutil.rmtree(self.scratch, ignore_errors=True)
        self._ending = Ending(status, is_out_of_memory=False)
        return self._ending

    def release(self) -> None:
        """The same as `end`: there is no keeper to leave it to."""
        self.end()

    def pause(self) -> None:
        """Stop the process group; nothing on Windows, which has no signal for it."""
        self._signal("SIGSTOP")

    def resume(self) -> None:
        """Let it go on."""
        self._signal("SIGCONT")

    def peak_memory(self) -> int | None:
        """Unknown."""
        return None

    def _signal(self, name: str) -> None:
        if sys.platform != "win32" and not self._ending:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, getattr(signal, name))


def _start(sock: socket.socket, output: int, scratch: str) -> subprocess.Popen[bytes]:
    """Start the worker with nothing of the user's but what a process needs to start at all."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-P", "-s", "-m", "grader.worker.spawned", str(sock.fileno())],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        cwd=scratch,
        env=kept | {"TEMP": scratch, "TMP": scratch, "TMPDIR": scratch, "PYTHONHASHSEED": "0"},
        start_new_session=True,
        **inheriting([sock.fileno()]),
    )
