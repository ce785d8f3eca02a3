"""The timing protocol, and the fixture `timed` that a check runs it with.

    for run in timed:                                  # the reference and the submission, in turns
        images = rng.randn(run.size, 28, 28)           # fresh for every run
        answer = run.submission.run(blur, images)      # timed
        assert_close(answer, expected(images))         # not timed; the next run comes after it

Each side is a worker of its own, with one thread, on one processor. A worker's processes run only
while its clock does: before and after they are stopped, the submission's while the reference runs
above all. The clock is the judge's: from the last byte of a request sent to the last byte of its
answer received, so nothing is gained by answering early or by changing a clock. What the way there
and back takes is measured with as many bytes, and taken off.

The first runs warm up and do not count; nothing tells them from the others. Then the runs are
repeated as often as the task says, and up to three times as often while the result could still be
either of two.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from typing import Protocol

from grader.course import Exercise
from grader.course.solutions import solution_files
from grader.judge.grading import Grading
from grader.judge.launch import Launcher
from grader.judge.outcomes import JudgeFault, StudentFault
from grader.judge.workers import Worker
from grader.timing.lock import only_one
from grader.timing.runs import Timed
from grader.timing.side import Side
from grader.wire import messages as m

Launch = Callable[[int | None], AbstractContextManager[Launcher]]
"""Gives a launcher whose worker has a processor, the one named, for itself."""


class Measure(Protocol):
    """`measuring`, for any check of one attempt."""

    def __call__(self, check: str, *, is_measured: bool) -> AbstractContextManager[Timed]:
        """Give a check its runs."""


@contextlib.contextmanager
def measuring(
    grading: Grading, exercise: Exercise, launch: Launch, check: str, *, is_measured: bool
) -> Iterator[Timed]:
    """Give a check its runs; nothing else of the submission is alive meanwhile.

    If nothing is measured it is one run of each side, beside whatever else the machine does.
    Raises StudentFault if the submission cannot be imported, JudgeFault for a task that is not
    there or a reference that cannot be.
    """
    task = next((task for task in exercise.timed if task.check == check), None)
    if task is None:
        raise JudgeFault(f"exercise.yaml lists no timed task for {check}")
    if not exercise.reference.is_file():
        raise JudgeFault(f"{check} has no reference to be timed against")
    load = grading.load
    if load.device not in task.devices:
        load = replace(load, device="cpu")
    files = solution_files(exercise, exercise.reference)
    grading.close()
    grading.require_time()
    began = time.monotonic()
    with ExitStack() as stack:
        cpu = None
        if is_measured:
            stack.enter_context(only_one())
            cpu = stack.enter_context(_processor())
        reference, submission = (
            _started(stack.enter_context(launch(cpu)), grading, each)
            for each in (replace(load, files=files, entry=exercise.entry), load)
        )
        import scipy.stats  # noqa: F401, PLC0415  takes as long as both need to import

        try:
            reference.wait_until_loaded()
        except StudentFault as fault:
            raise JudgeFault(f"the reference cannot be imported: {fault}") from fault
        submission.wait_until_loaded()
        grading.current = submission
        sides = Side(submission), Side(reference)
        yield Timed(task, *sides, load.device, is_measured=is_measured)
    grading.excuse(time.monotonic() - began)


def _started(launcher: Launcher, grading: Grading, load: m.Load) -> Worker:
    worker = launcher.start_worker(grading.limits)
    worker.send_load(load)
    return worker


@contextlib.contextmanager
def _processor() -> Iterator[int | None]:
    """Choose a processor for the workers and leave it to them; None where nobody can."""
    if sys.platform != "linux":
        yield None
        return
    mine = os.sched_getaffinity(0)
    chosen = max(mine)
    os.sched_setaffinity(0, mine - {chosen} or mine)
    try:
        yield chosen
    finally:
        os.sched_setaffinity(0, mine)
