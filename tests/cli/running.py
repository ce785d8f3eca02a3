"""A running command, on a pipe or on a terminal of its own: what it prints is waited for."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.cli.conftest import Grade

PATIENCE = 240.0
"""Seconds for anything that is waited for, on a machine that does much else."""
_TAKE_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    "os.execv(sys.argv[1], sys.argv[1:])"
)


class Running:
    """A command that was started, with what it has printed so far."""

    def __init__(self, process: subprocess.Popen[bytes], output: int, typing: int) -> None:
        self.process = process
        self.printed = ""
        self._output = output
        self._typing = typing

    def until(self, words: str, count: int = 1) -> str:
        """Read on until the words have been printed so many times; return all that was."""
        deadline = time.monotonic() + PATIENCE
        while self.printed.count(words) < count:
            assert self._read(deadline), f"ended without {words!r}:\n{self.printed}"
        return self.printed

    def end(self) -> int:
        """Read all that comes, and return the exit code."""
        deadline = time.monotonic() + PATIENCE
        while self._read(deadline):
            pass
        return self.process.wait(PATIENCE)

    def type(self, text: str) -> None:
        """Type, as on a keyboard."""
        os.write(self._typing, text.encode())

    def _read(self, deadline: float) -> bool:
        """Read what there is next; False at the end."""
        ready, _, _ = select.select([self._output], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, f"nothing more was printed:\n{self.printed}"
        try:
            data = os.read(self._output, 1 << 16)
        except OSError:  # a terminal that nobody has open any more
            return False
        self.printed += data.decode(errors="replace").replace("\r\n", "\n")
        return bool(data)


@contextlib.contextmanager
def running(grade: Grade, *arguments: str, on_terminal: bool = False) -> Iterator[Running]:
    """Start the command; it is killed at the end of the block if it still runs."""
    words = grade.command(*arguments)
    if on_terminal:
        ours, theirs = pty.openpty()
        words = [sys.executable, "-c", _TAKE_TERMINAL, *words]
        ends, typing = (theirs, theirs), ours
    else:
        ours, theirs = os.pipe()
        reader, typing = os.pipe()
        ends = (reader, theirs)
    # A shell's background job ignores Ctrl-C, and so would what it starts.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        words,
        cwd=grade.folder,
        env={**grade.env(), "TERM": "xterm", "COLUMNS": "100", "LINES": "40"},
        stdin=ends[0],
        stdout=ends[1],
        stderr=ends[1],
        start_new_session=True,
    )
    signal.signal(signal.SIGINT, before)
    for end in dict.fromkeys(ends):
        os.close(end)
    try:
        with process:
            try:
                yield Running(process, ours, typing)
            finally:
                if process.poll() is None:
                    process.kill()
    finally:
        for end in dict.fromkeys((ours, typing)):
            os.close(end)


def descendants(pid: int) -> list[int]:
    """List the processes that a process has started, and those that they have."""
    found = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                found += [child, *descendants(child)]
    return found


def wait_until_gone(pids: list[int]) -> None:
    """Wait until none of these processes runs any more."""
    deadline = time.monotonic() + PATIENCE
    while alive := [pid for pid in pids if _is_alive(pid)]:
        assert time.monotonic() < deadline, f"still there: {alive}"
        time.sleep(0.05)


def _is_alive(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
