"""A launcher with a zygote of its own, for whoever runs checks outside of `grade`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from grader.course import Exercise
from grader.judge.launch import Launcher, SandboxLauncher
from grader.judge.processes import HAS_ZYGOTE, start_zygote
from grader.judge.sandboxes import Zygote
from grader.judge.spawn import SpawnLauncher


@contextlib.contextmanager
def open_launcher(exercise: Exercise) -> Iterator[Launcher]:
    """Start a zygote (where there is one), and end it and all workers with the block."""
    with contextlib.ExitStack() as stack:
        launcher: Launcher = SpawnLauncher()
        if HAS_ZYGOTE:
            started = start_zygote()
            stack.callback(started.process.wait)
            stack.callback(started.control.close)
            zygote = Zygote(started.control)
            zygote.wait_until_ready()
            launcher = SandboxLauncher(
                zygote,
                preload=exercise.preload,
                wish="auto",
                megabytes=int(exercise.limits.memory_mb),
                gpu=False,
            )
        stack.callback(launcher.close)
        yield launcher
