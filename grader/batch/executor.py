"""Where a class run has its submissions graded: by this machine, or by others.

The run is the same in either case: it asks the store, hands one submission after another to a
bench, and keeps what it hears. Only the benches differ.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Protocol, Self

from grader import __version__
from grader.batch.address import Surroundings
from grader.errors import UserError
from grader.judge.bench import AnyBench, Bench
from grader.judge.devices import choose_device
from grader.judge.warm import SharedNursery


class CannotGoOn(UserError):
    """Nothing more can be graded, whichever submission it is; what is stored stays."""


class Executor(Protocol):
    """Has benches; leaving the block ends them."""

    def __enter__(self) -> Self:
        """Reach what grades."""

    def __exit__(self, *error: object) -> None:
        """Leave it."""

    def examine(self, device: str) -> Surroundings:
        """Look at what grades; UserError where it lacks the device that is asked for."""

    def benches(self, jobs: int | None) -> Sequence[AnyBench]:
        """The benches for so many gradings at a time; None: as many as there is room for."""


class ThisMachine:
    """Grades here."""

    def __init__(self) -> None:
        self._nursery = SharedNursery()
        self._bench = Bench(self._nursery)

    def __enter__(self) -> Self:
        """Start nothing yet."""
        return self

    def __exit__(self, *error: object) -> None:
        """End the processes of the bench that looked at the machine."""
        self._bench.__exit__(*error)
        self._nursery.close()

    def examine(self, device: str) -> Surroundings:
        """Look at this machine."""
        here = self._bench.examine()
        return Surroundings(__version__, here.torch, choose_device(device, here.devices), here.tier)

    def benches(self, jobs: int | None) -> Sequence[AnyBench]:
        """Two for each core; the first has torch already.

        While one waits for the kernel to fork or to clean up, the other has something to do.
        """
        more = (jobs or 2 * (os.cpu_count() or 1)) - 1
        return [self._bench, *(Bench(self._nursery) for _ in range(more))]
