"""Making a launcher: on the zygote that `grade` has started, or with one of our own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from grader.course import Exercise
from grader.judge.launch import OVERLAPPING, Launcher, SandboxLauncher
from grader.judge.processes import HAS_ZYGOTE, start_zygote
from grader.judge.sandboxes import Room, Zygote
from grader.judge.spawn import SpawnLauncher


@dataclass(frozen=True)
class Needs:
    """What a launcher is made for."""

    room: Room
    preload: tuple[str, ...] = ()
    tier: str = "auto"
    places: int = OVERLAPPING
    """Sandboxes; with one, each worker waits for the end of the last."""


@contextlib.contextmanager
def launched(zygote: Zygote | None, needs: Needs) -> Iterator[Launcher]:
    """Give a launcher on `zygote` (None: it spawns each worker); end all workers with the block."""
    launcher: Launcher = SpawnLauncher()
    if zygote:
        launcher = SandboxLauncher(
            zygote,
            preload=needs.preload,
            wish=needs.tier,
            room=needs.room,
            places=needs.places,
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
        room = Room(int(exercise.limits.memory_mb), loopback=exercise.loopback)
        needs = Needs(room, exercise.preload)
        yield stack.enter_context(launched(zygote, needs))
