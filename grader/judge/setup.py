"""Making a launcher for an exercise, from a running zygote or a new one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from grader.course import Exercise
from grader.judge.launch import Launcher, SandboxLauncher
from grader.judge.processes import HAS_ZYGOTE, start_zygote
from grader.judge.sandboxes import Zygote
from grader.judge.spawn import SpawnLauncher


@contextlib.contextmanager
def open_launcher(exercise: Exercise, *, wish: str, device: str) -> Iterator[Launcher]:
    """Start a zygote of our own (where there is one) and end it with the block."""
    if not HAS_ZYGOTE:
        yield from closing(SpawnLauncher())
        return
    started = start_zygote()
    try:
        zygote = Zygote(started.control)
        zygote.wait_until_ready()
        yield from closing(launcher_on(zygote, exercise, wish=wish, device=device))
    finally:
        started.control.close()
        started.process.wait()


def launcher_on(zygote: Zygote, exercise: Exercise, *, wish: str, device: str) -> SandboxLauncher:
    """A launcher for an exercise, with what it wants preloaded."""
    zygote.preload(exercise.preload)
    megabytes = int(exercise.limits.memory_mb)
    return SandboxLauncher(zygote, wish=wish, megabytes=megabytes, gpu=device == "cuda")


def closing(launcher: Launcher) -> Iterator[Launcher]:
    """Yield a launcher and end its workers afterwards."""
    try:
        yield launcher
    finally:
        launcher.close()
