"""Making a launcher: on the zygote that `grade` has started, or with one of our own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from grader.course import Exercise, Limits
from grader.judge.launch import Launcher, SandboxLauncher
from grader.judge.processes import HAS_ZYGOTE, start_zygote
from grader.judge.sandboxes import Zygote
from grader.judge.spawn import SpawnLauncher


@contextlib.contextmanager
def launched(
    zygote: Zygote | None, limits: Limits, *, preload: Sequence[str], wish: str, device: str
) -> Iterator[Launcher]:
    """Give a launcher on `zygote` (None: it spawns each worker); end all workers with the block."""
    launcher: Launcher = SpawnLauncher()
    if zygote:
        launcher = SandboxLauncher(
            zygote,
            preload=preload,
            wish=wish,
            megabytes=int(limits.memory_mb),
            gpu=device == "cuda",
        )
    with contextlib.closing(launcher):
        yield launcher


@contextlib.contextmanager
def open_launcher(exercise: Exercise) -> Iterator[Launcher]:
    """Start a zygote of our own (where there is one), for checks that run outside of `grade`."""
    with contextlib.ExitStack() as stack:
        zygote = None
        if HAS_ZYGOTE:
            started = start_zygote()
            stack.callback(started.process.wait)
            stack.callback(started.control.close)
            zygote = Zygote(started.control)
            zygote.wait_until_ready()
        yield stack.enter_context(
            launched(zygote, exercise.limits, preload=exercise.preload, wish="auto", device="cpu")
        )
