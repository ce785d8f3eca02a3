"""A judge that stays warm with its zygote: grades, and looks at itself while it does.

What is looked at is wrapped or read from outside; the product holds no code for it.
"""

from __future__ import annotations

import functools
import itertools
import time
from collections.abc import Iterator
from typing import Any
from unittest import mock

from _pytest.python import Function

from benchmarks.course import EXERCISE, REFERENCE, ROOT, SEED
from benchmarks.exclusive import ExclusiveClock
from benchmarks.programs import serve
from benchmarks.resident import Resident, WorkerMemory
from grader.course import Limits, find_course, load_exercise
from grader.judge import job
from grader.judge.attempt import Options, job_for
from grader.judge.checking import Checks
from grader.judge.launch import SandboxLauncher
from grader.judge.processes import start_zygote
from grader.judge.results import SubmissionResult
from grader.judge.sandboxes import RefusedError, Room, Sandbox, Zygote
from grader.judge.setup import launched
from grader.judge.workers import Worker
from grader.reports import load_json
from grader.submission import read_submission

PREPARE, READY, LOADED = "open and close sandboxes", "fork and confine", "import the submission"
REQUESTS, END, CHECKS = "requests", "end of the worker", "expected values and comparisons"
PYTEST, REST = "pytest itself", "reading the exercise, the result"
ACTIVITIES: dict[tuple[Any, str], str] = {
    (SandboxLauncher, "open"): PREPARE,
    (SandboxLauncher, "close"): PREPARE,
    (Sandbox, "start_worker"): READY,
    (Worker, "wait_until_ready"): READY,
    (Worker, "wait_until_loaded"): LOADED,
    (Worker, "ask"): REQUESTS,
    (Sandbox, "confirm_end"): END,
    (Worker, "finish"): END,
    (Worker, "end"): END,
    (Function, "runtest"): CHECKS,
    (Checks, "__init__"): PYTEST,
    (Checks, "run"): PYTEST,
}
"""What the judge waits for or does. A nested call counts for itself, not for the one around it."""


class WarmJudge:
    """Grades the reference again and again on one zygote."""

    def __init__(self) -> None:
        started = start_zygote()
        self._process = started.process
        self._zygote = Zygote(started.control)
        self._zygote.wait_until_ready()
        exercise = load_exercise(find_course(ROOT).resolve(EXERCISE))
        submission = read_submission(REFERENCE, exercise.entry)
        options = Options(device="cpu", seed=SEED, tier="full")
        self._job = job_for(exercise, submission, options, is_single=True)

    def grade(self) -> dict[str, Any]:
        """Grade once."""
        started = time.monotonic()
        result = self._grade()
        return {
            "seconds": time.monotonic() - started,
            "passed": len(result.checks),
            "tier": result.conditions.tier,
        }

    def breakdown(self) -> dict[str, Any]:
        """Grade once and say what the judge spent its time on, in seconds."""
        clock = ExclusiveClock()
        with clock.watching(ACTIVITIES), clock.during(REST):
            self._grade()
        return dict(clock.seconds)

    def memory(self) -> dict[str, Any]:
        """Grade once and read each worker's memory at the end of its check, in kB."""
        memory = WorkerMemory(self._process.pid)
        finish = Worker.finish

        def look_and_finish(worker: Worker) -> bytes:
            memory.look()
            return finish(worker)

        with mock.patch.object(Worker, "finish", look_and_finish):
            self._grade()
        return {
            "workers": [resident.__dict__ for resident in memory.workers()],
            "zygote": Resident.of(self._process.pid).__dict__,
            "judge": Resident.of("self").__dict__,
        }

    def steps(self, tier: str) -> dict[str, Any]:
        """Open a sandbox, start and end a worker in it, close it: the seconds of each."""
        marks = [time.monotonic()]
        try:
            marks.extend(time.monotonic() for _ in self._step_by_step(tier))
        except RefusedError as error:
            return {"refused": str(error)}
        passed = [after - before for before, after in itertools.pairwise(marks)]
        return dict(zip(("open", "start", "end", "close"), passed, strict=True))

    def _step_by_step(self, tier: str) -> Iterator[None]:
        sandbox = self._zygote.open_sandbox(tier, Room(1024))
        yield
        worker = Worker(sandbox.start_worker(), Limits(), tier)
        worker.wait_until_ready()
        yield
        worker.end()
        yield
        sandbox.close()
        yield

    def close(self) -> None:
        """End the zygote and all that it started."""
        self._zygote.close()
        self._process.wait()

    def _grade(self) -> SubmissionResult:
        told: list[dict[str, Any]] = []
        job.grade(self._job, functools.partial(launched, self._zygote), Checks, told.append)
        result = load_json(told[-1]["result"])
        if not result.all_passed:
            raise RuntimeError(f"the reference did not pass: {result}")
        return result


def main() -> None:
    """Serve `grade`, `breakdown`, `memory` and `steps`."""
    judge = WarmJudge()
    try:
        orders = (judge.grade, judge.breakdown, judge.memory, judge.steps)
        serve({order.__name__: order for order in orders})
    finally:
        judge.close()


if __name__ == "__main__":
    main()
