"""Grading many submissions side by side, on processes that stay."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from queue import Empty, SimpleQueue
from typing import Self

from grader.course import Exercise
from grader.errors import GradeError
from grader.judge.attempt import Attempt
from grader.judge.results import SubmissionResult
from grader.judge.warm import Warm
from grader.verify.gradings import Planned

Outcome = SubmissionResult | GradeError
_Waiting = SimpleQueue[Planned]
_Ended = SimpleQueue[tuple[Planned, Outcome] | BaseException]


def graded(plans: Iterable[Planned], jobs: int) -> Iterator[tuple[Planned, Outcome]]:
    """Grade all plans in `jobs` process trees; yield each with its outcome, as they end.

    Left early (Ctrl-C), it returns when what runs has ended; the rest does not begin. The threads
    share nothing but these queues, which an interrupt cannot leave locked, unlike futures.
    """
    waiting, ended = _Waiting(), _Ended()
    for plan in plans:
        waiting.put(plan)
    count = waiting.qsize()
    threads = [
        threading.Thread(target=_grade_all, args=(waiting, ended)) for _ in range(min(jobs, count))
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
        with contextlib.suppress(Empty):
            while True:
                waiting.get_nowait()
        for thread in threads:
            if thread.is_alive():
                thread.join()


def _grade_all(waiting: _Waiting, ended: _Ended) -> None:
    """Grade what waits until nothing does; a fault of our own ends the whole run."""
    try:
        with _Bench() as bench, contextlib.suppress(Empty):
            while True:
                plan = waiting.get_nowait()
                ended.put((plan, bench.grade(plan)))
    except BaseException as error:  # noqa: BLE001  told by the thread that waits
        ended.put(error)


class _Bench:
    """Grades one submission after another, with one judge as long as the exercise is the same."""

    def __enter__(self) -> Self:
        self._stack = ExitStack()
        self._warm = self._stack.enter_context(Warm())
        self._current: tuple[str, Attempt, ExitStack] | None = None
        return self

    def __exit__(self, *error: object) -> None:
        self._leave()
        self._stack.close()

    def grade(self, plan: Planned) -> Outcome:
        try:
            attempt = self._attempt(plan.exercise)
            return attempt.grade(plan.exercise, plan.submission, plan.options, _nothing, _nothing)
        except GradeError as error:
            self._leave()
            return error

    def _attempt(self, exercise: Exercise) -> Attempt:
        if self._current and self._current[0] == exercise.name:
            return self._current[1]
        self._leave()
        stack = ExitStack()
        attempt = stack.enter_context(self._warm.attempt(exercise.preload, is_single=False))
        self._current = exercise.name, attempt, stack
        return attempt

    def _leave(self) -> None:
        if self._current:
            self._current[2].close()
            self._current = None


def _nothing(*_: object) -> None:
    pass
