"""Grading many submissions side by side, on processes that stay."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Protocol, Self, TypeVar

from grader.course import Exercise
from grader.errors import GradeError
from grader.judge.attempt import Attempt, Examination, Options
from grader.judge.results import SubmissionResult
from grader.judge.warm import SharedNursery, Warm
from grader.submission import Submission

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


class AnyBench(Protocol):
    """Grades one submission after another: a bench of this machine, or a place on another."""

    def __enter__(self) -> Self:
        """Start nothing yet."""

    def __exit__(self, *error: object) -> None:
        """End what grades."""

    def grade(
        self,
        exercise: Exercise,
        submission: Submission,
        options: Options,
        on_checks: Callable[[Sequence[str]], None],
    ) -> SubmissionResult:
        """Grade one submission, as `Attempt.grade` does; checks may be heard several at a time."""

    def stop(self) -> None:
        """End what is being graded at once, for another thread; `grade` raises Stopped."""


A_Bench = TypeVar("A_Bench", bound=AnyBench)


class Bench:
    """Grades one submission after another, with one judge as long as the exercise is the same.

    Torch is imported when it is used first; leaving the block ends every process.
    """

    def __init__(self, nursery: SharedNursery | None = None) -> None:
        """Take the nursery that the benches beside this one use, if there are some."""
        self._nursery = nursery
        self._stack = ExitStack()
        self._warm: Warm | None = None
        self._current: tuple[Path, Attempt, ExitStack] | None = None

    def __enter__(self) -> Self:
        """Start nothing yet."""
        return self

    def __exit__(self, *error: object) -> None:
        """End every process."""
        self._leave()
        self._stack.close()
        self._warm = None

    def examine(self) -> Examination:
        """Look at what this machine offers, as `attempt.examine` does."""
        with self._started().attempt() as attempt:
            return attempt.examine()

    def grade(
        self,
        exercise: Exercise,
        submission: Submission,
        options: Options,
        on_checks: Callable[[Sequence[str]], None] = lambda _: None,
    ) -> SubmissionResult:
        """Grade one submission, as `Attempt.grade` does; after an error with new processes."""
        try:
            attempt = self._attempt(exercise)
            return attempt.grade(
                exercise, submission, options, lambda check: on_checks([check]), lambda _: None
            )
        except GradeError:
            self._leave()
            raise

    def stop(self) -> None:
        """End what is being graded at once, for another thread; `grade` raises Stopped."""
        if self._current:
            self._current[1].stop()

    def _attempt(self, exercise: Exercise) -> Attempt:
        if self._current and self._current[0] == exercise.folder:
            return self._current[1]
        self._leave()
        stack = ExitStack()
        attempt = stack.enter_context(self._started().attempt(is_single=False))
        self._current = exercise.folder, attempt, stack
        return attempt

    def _started(self) -> Warm:
        if self._warm is None:
            self._warm = self._stack.enter_context(Warm(self._nursery))
        return self._warm

    def _leave(self) -> None:
        if self._current:
            self._current[2].close()
            self._current = None


def side_by_side(
    groups: Iterable[Iterable[Item]],
    benches: Sequence[A_Bench],
    work: Callable[[A_Bench, Item], Outcome],
) -> Generator[tuple[Item, Outcome], None, None]:
    """Do `work` with every item, on these benches; yield each with its outcome, as they end.

    A bench stays with a group, say the submissions of one exercise; when no group is without a
    bench, those that are done help the others.
    What `work` raises ends everything. Closed early (Ctrl-C), it returns when what runs has ended;
    the rest does not begin; a second Ctrl-C stops what runs. The threads share nothing but queues
    which an interrupt cannot leave locked, unlike futures.
    """
    waiting = [deque(group) for group in groups]
    turns: SimpleQueue[deque[Item]] = SimpleQueue()
    for group in waiting + (len(benches) - 1) * waiting[::-1]:
        turns.put(group)
    ended: SimpleQueue[tuple[Item, Outcome] | BaseException] = SimpleQueue()
    count = sum(map(len, waiting))
    threads = [
        threading.Thread(target=_work_off, args=(bench, turns, ended, work))
        for bench in benches[:count]
    ]
    try:
        for thread in threads:
            thread.start()
        for _ in range(count):
            outcome = ended.get()
            if isinstance(outcome, BaseException):
                raise outcome
            yield outcome
    finally:
        for group in waiting:
            group.clear()
        _join(threads, benches)


def _join(threads: list[threading.Thread], benches: Sequence[AnyBench]) -> None:
    running = [thread for thread in threads if thread.is_alive()]
    try:
        for thread in running:
            thread.join()
    except KeyboardInterrupt:
        for bench in benches:
            bench.stop()
        for thread in running:
            thread.join()
        raise


def _work_off(
    bench: A_Bench,
    turns: SimpleQueue[deque[Item]],
    ended: SimpleQueue[tuple[Item, Outcome] | BaseException],
    work: Callable[[A_Bench, Item], Outcome],
) -> None:
    """Do what waits until nothing does."""
    try:
        with bench:
            for item in _taken(turns):
                ended.put((item, work(bench, item)))
    except BaseException as error:  # noqa: BLE001  raised where the outcomes are awaited
        ended.put(error)


def _taken(turns: SimpleQueue[deque[Item]]) -> Iterator[Item]:
    """Take one item after another of each group, beside the other benches."""
    with contextlib.suppress(Empty):
        while True:
            group = turns.get_nowait()
            with contextlib.suppress(IndexError):
                while True:
                    yield group.popleft()
