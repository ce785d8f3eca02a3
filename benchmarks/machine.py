"""Which machine this is, and whether it is quiet enough to measure on."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import platform
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

_HIGHEST_LOAD = 0.5
_LOOK_SECONDS = 1.0
_BUSY = 0.05
"""A process that uses more than this part of a core disturbs."""


def describe() -> str:
    """One sentence: processor, system, versions, date, load."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    when = dt.datetime.now(dt.UTC).date().isoformat()
    return (
        f"Measured on {when}: {cores} cores ({_processor()}), "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}, "
        f"torch {version('torch')}, pytest {version('pytest')}, grade {version('grade')}; "
        f"load average at the start {_load():.2f}."
    )


def warnings() -> list[str]:
    """Say what makes the figures doubtful; empty on a machine that does nothing else."""
    found = []
    if _load() > _HIGHEST_LOAD:
        found.append(f"the load average is above {_HIGHEST_LOAD:g}")
    busy = ", ".join(f"{name} ({share:.0%} of a core)" for name, share in _busy_processes())
    if busy:
        found.append(f"other processes were running: {busy}")
    return found


def _load() -> float:
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _busy_processes() -> Iterator[tuple[str, float]]:
    """The (name, part of a core) of other processes that are using the processor now."""
    before = _processor_seconds()
    time.sleep(_LOOK_SECONDS)
    for pid, (name, seconds) in _processor_seconds().items():
        share = (seconds - before.get(pid, (name, seconds))[1]) / _LOOK_SECONDS
        if pid != os.getpid() and share > _BUSY:
            yield name, share


def _processor_seconds() -> dict[int, tuple[str, float]]:
    """Name and seconds of processor time, by pid; empty where there is no /proc."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            head, _, tail = (entry / "stat").read_text("utf-8", "replace").rpartition(") ")
            user, system = tail.split()[11:13]
            seconds = (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
            found[int(entry.name)] = head.partition("(")[2], seconds
    return found
