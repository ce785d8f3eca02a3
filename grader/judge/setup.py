"""Making a launcher: on the zygote that `grade` has started, or with one of our own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from grader.course import Exercise
from grader.judge.launch import OVERLAPPING, Launcher, SandboxLauncher
from grader.judge.processes import HAS_ZYGOTE, start_zygote
from grader.judge.sandboxes import Zygote
from grader.judge.spawn import SpawnLauncher


@dataclass(frozen=True)
class Needs:
    """What a launcher is made for."""

    preload: tuple[str, ...] = ()
    megabytes: int = 2048
    tier: str = "auto"
    device: str = "cpu"
    places: int = OVERLAPPING
    """Sandboxes; with one, each worker waits for the end of the last."""
    cpu: int | None = None
    """The processor of all workers; None leaves them all."""


@contextlib.contextmanager
def launched(zygote: Zygote | None, needs: Needs) -> Iterator[Launcher]:
    """Give a launcher on `zygote` (None: it spawns each worker); end all workers with the block."""
    launcher: Launcher = SpawnLauncher()
    if zygote:
        launcher = SandboxLauncher(
            zygote,
            preload=needs.preload,
            wish=needs.tier,
            megabytes=needs.megabytes,
            gpu=needs.device == "cuda",
            places=needs.places,
            cpu=needs.cpu,
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
        needs = Needs(exercise.preload, int(exercise.limits.memory_mb))
        yield stack.enter_context(launched(zygote, needs))
