"""Grading many submissions side by side, on processes that stay."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack

from grader.errors import GradeError
from grader.judge.results import SubmissionResult
from grader.judge.warm import Warm
from grader.verify.gradings import Planned

Outcome = SubmissionResult | GradeError


def graded(plans: Iterable[Planned], jobs: int) -> Iterator[tuple[Planned, Outcome]]:
    """Grade all plans in `jobs` process trees; yield each with its outcome, as they end."""
    mine = threading.local()
    with ExitStack() as stack, ThreadPoolExecutor(jobs) as pool:

        def grade(plan: Planned) -> Outcome:
            if not hasattr(mine, "warm"):
                mine.warm = stack.enter_context(Warm())
            return _graded(mine.warm, plan)

        try:
            running = {pool.submit(grade, plan): plan for plan in plans}
            for future in as_completed(running):
                yield running[future], future.result()
        finally:
            # Left early (Ctrl-C): what has not begun does not begin.
            pool.shutdown(cancel_futures=True)


def _graded(warm: Warm, plan: Planned) -> Outcome:
    try:
        with warm.attempt(plan.exercise.preload) as attempt:
            return attempt.grade(plan.exercise, plan.submission, plan.options, _nothing, _nothing)
    except GradeError as error:
        return error


def _nothing(*_: object) -> None:
    pass
