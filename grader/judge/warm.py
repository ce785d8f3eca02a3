"""Attempts that start at once, for a supervisor that grades again and again (`grade watch`).

Each attempt has processes of its own, as if it were the only one. On Linux a nursery forks them, so
torch is imported once; they are started while nobody waits.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from grader.course import Exercise
from grader.errors import UserError
from grader.judge.attempt import Attempt, Options, Stopped, prepare
from grader.judge.processes import HAS_ZYGOTE, Nursery, StartedJudge, start_judge

_MOST_WAITING = 32
"""Workers that wait for a submission: each has some MiB to itself."""


class SharedNursery:
    """A nursery for several at once, where there is one; it starts when it is first asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._nursery: Nursery | None = None

    def get(self) -> Nursery | None:
        """Give it; torch is imported from now on, if it was not."""
        with self._lock:
            if self._nursery is None and HAS_ZYGOTE:
                self._nursery = Nursery()
            return self._nursery

    def close(self) -> None:
        """End it."""
        if self._nursery:
            self._nursery.close()


class Warm:
    """Holds torch, and the processes of the next attempt; leaving the block ends them all."""

    def __init__(self, shared: SharedNursery | None = None) -> None:
        """Take a nursery that others use too; without it there is one of its own."""
        self._shared = shared
        self._own: Nursery | None = None
        self._next: StartedJudge | None = None

    def __enter__(self) -> Self:
        """Start the nursery, where there is one; it imports torch from now on."""
        self._nursery = self._shared.get() if self._shared else self._renewed()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End what is left."""
        self._end()

    def prepare(self, exercise: Exercise, options: Options, checks: int) -> None:
        """Start the processes of the next attempt, down to the workers of so many checks."""
        if self._next is None:
            self._next = self._started()
            prepare(self._next, exercise, options, min(checks + 1, _MOST_WAITING))

    @contextlib.contextmanager
    def attempt(self, *, is_single: bool = True) -> Iterator[Attempt]:
        """Give the next attempt; after a fault of ours nothing that was there before is used."""
        try:
            with Attempt(self._taken, is_single=is_single) as attempt:
                yield attempt
        except (UserError, Stopped, KeyboardInterrupt):
            raise
        except Exception:
            self._nursery = self._renewed()
            raise

    def _taken(self) -> StartedJudge:
        judge, self._next = self._next or self._started(), None
        return judge

    def _started(self) -> StartedJudge:
        if self._nursery:
            with contextlib.suppress(OSError):  # it was killed
                return self._nursery.start_judge()
            self._nursery = self._renewed()
        return start_judge()

    def _renewed(self) -> Nursery | None:
        """A nursery of its own: after a fault nothing that was there before is used."""
        self._end()
        self._own = Nursery() if HAS_ZYGOTE else None
        return self._own

    def _end(self) -> None:
        if self._next:
            self._next.end(is_done=False)
            self._next = None
        if self._own:
            self._own.close()
            self._own = None
