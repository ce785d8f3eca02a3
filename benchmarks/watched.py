"""A command run to its end: how long it took, and how much memory it and all it started held."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.resident import Resident
from grader.sandbox.cgroup import descendants

_SLOWEST_SECONDS = 7200.0


class CannotRunError(Exception):
    """A command that is to be measured cannot be run, or fails."""


@dataclass(frozen=True)
class Ran:
    """What a command that has ended took."""

    seconds: float
    peak: int
    """In kB, shared pages counted once; 0 where nobody looked."""
    printed: str
    code: int


def run(
    command: list[str],
    place: Path,
    environment: Mapping[str, str] | None = None,
    *,
    look_every: float | None = None,
    may_end_with: tuple[int, ...] = (0,),
) -> Ran:
    """Run a command in a folder; look at the memory every so many seconds, if at all.

    Each look takes some milliseconds for each process. Raises CannotRunError.
    """
    with tempfile.TemporaryFile() as printed:
        started = time.monotonic()
        try:
            process = subprocess.Popen(
                command, cwd=place, env=environment, stdout=printed, stderr=subprocess.STDOUT
            )
        except OSError as error:
            raise CannotRunError(f"{command[0]}: {error.strerror}") from error
        peak = _watch(process, look_every)
        seconds = time.monotonic() - started
        printed.seek(0)
        text = printed.read().decode(errors="replace")
    if process.returncode not in may_end_with:
        last = text.strip().rpartition("\n")[2]
        raise CannotRunError(
            f"{Path(command[0]).name} ended with {process.returncode}: {last[:200]}"
        )
    return Ran(seconds, peak, text, process.returncode)


def _watch(process: subprocess.Popen[bytes], look_every: float | None) -> int:
    """Wait for the end; return the most memory that was seen."""
    peak = 0
    deadline = time.monotonic() + _SLOWEST_SECONDS
    with process:
        try:
            while time.monotonic() < deadline:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(look_every or _SLOWEST_SECONDS)
                    return peak
                peak = max(peak, _held(process.pid))
        finally:
            process.kill()
    raise CannotRunError(f"it did not end within {_SLOWEST_SECONDS:g} s")


def _held(pid: int) -> int:
    """What a process and all below it hold: of each page that several share, its part."""
    held = 0
    for each in (pid, *descendants(pid)):
        with contextlib.suppress(OSError, KeyError):  # it is gone
            held += Resident.of(each).proportional
    return held
