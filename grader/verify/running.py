"""Grading many submissions side by side, on processes that stay."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from typing import Self

from grader.course import Exercise
from grader.errors import GradeError
from grader.judge.attempt import Attempt
from grader.judge.results import SubmissionResult
from grader.judge.warm import Warm
from grader.verify.gradings import Planned

Outcome = SubmissionResult | GradeError


def graded(plans: Iterable[Planned], jobs: int) -> Iterator[tuple[Planned, Outcome]]:
    """Grade all plans in `jobs` process trees; yield each with its outcome, as they end."""
    mine = threading.local()
    with ExitStack() as stack, ThreadPoolExecutor(jobs) as pool:

        def grade(plan: Planned) -> Outcome:
            if not hasattr(mine, "bench"):
                mine.bench = stack.enter_context(_Bench())
            bench: _Bench = mine.bench
            return bench.grade(plan)

        try:
            running = {pool.submit(grade, plan): plan for plan in plans}
            for future in as_completed(running):
                yield running[future], future.result()
        finally:
            # Left early (Ctrl-C): what has not begun does not begin.
            pool.shutdown(cancel_futures=True)


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
