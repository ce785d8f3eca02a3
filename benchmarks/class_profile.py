"""Where the time of a class run goes: one bench, all of it in this process but for the workers.

Started by benchmarks.class_runs, with the environment of a judge. What a real run has beside it:
pipes between the run and its judge, and a second bench at the same time.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Self

from benchmarks.class_grading import Grading
from benchmarks.exclusive import ExclusiveClock
from benchmarks.programs import serve
from benchmarks.warm_judge import ACTIVITIES, REST
from grader import __version__
from grader.batch import handed_in, run
from grader.batch.address import Surroundings
from grader.batch.collection import open_collection
from grader.batch.layouts import parts_of
from grader.course import Exercise, find_course, load_exercise
from grader.judge import job
from grader.judge.attempt import Options, job_for
from grader.judge.processes import start_zygote
from grader.judge.results import SubmissionResult
from grader.judge.sandboxes import Zygote
from grader.reports import load_json
from grader.store import RunInfo, Store
from grader.submission import Submission

INTAKE, STORE, REPORTS = "intake: finding and reading", "store", "reports to and from JSON"
_STORE = ("see", "final", "begin_grading", "keep_checks", "end_grading", "begin_run", "end_run")
_ACTIVITIES: dict[tuple[Any, str], str] = {
    **ACTIVITIES,
    **{(Store, name): STORE for name in _STORE},
    (handed_in, "read_container"): INTAKE,
    (job, "to_json"): REPORTS,
    (job, "check_to_json"): REPORTS,
    (run, "to_json"): REPORTS,
    (run, "load_check"): REPORTS,
}


class _Here:
    """A bench whose judge is this process."""

    def __init__(self, zygote: Zygote) -> None:
        self._server = job.Server(zygote)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """End nothing: the zygote is somebody else's."""

    def stop(self) -> None:
        """Nobody interrupts it."""

    def grade(
        self,
        exercise: Exercise,
        submission: Submission,
        options: Options,
        on_checks: Callable[[Sequence[str]], None],
    ) -> SubmissionResult:
        """Grade one submission, as a judge does."""
        told: list[dict[str, Any]] = []

        def tell(message: dict[str, Any]) -> None:
            if "check" in message:
                on_checks([message["check"]])
            else:
                told.append(message)

        self._server.serve({"grade": job_for(exercise, submission, options, is_single=False)}, tell)
        return load_json(told[-1]["result"])


class _Nobody:
    """Hears how the run goes."""

    def begin(self, planned: run.Planned) -> None:
        """Say nothing."""

    def end(self, ended: run.Ended) -> None:
        """Say nothing."""


def breakdown(zygote: Zygote, place: str) -> dict[str, float]:
    """Grade a class with an empty store, and say what the time was spent on, in seconds."""
    grading, clock = Grading(Path(place)), ExclusiveClock()
    grading.forget()
    with (
        clock.watching(_ACTIVITIES),
        clock.during(REST),
        closing(Store(str(grading.store))) as store,
    ):
        course = find_course(grading.place)
        refs = course.exercises()
        with clock.during(INTAKE):
            parts = parts_of(open_collection(grading.place / "handed_in"))
            handed = handed_in.handed_in(parts, refs, None)
        here = Surroundings(__version__, "", "cpu", "full")
        plans = run.plan(handed.found, {ref.name: load_exercise(ref) for ref in refs}, here)
        number = store.begin_run(RunInfo(place, **vars(here)))
        how = run.How(here.device, here.tier)
        benches = [_Here(zygote)]
        for ended in run.class_run(store, number, plans, how, listener=_Nobody(), benches=benches):
            if ended.result is None:
                raise RuntimeError(f"not graded: {ended}")
        store.end_run(number)
    return dict(clock.seconds)


def main() -> None:
    """Serve `breakdown`."""
    started = start_zygote()
    zygote = Zygote(started.control)
    zygote.wait_until_ready()
    try:
        serve({"breakdown": functools.partial(breakdown, zygote)})
    finally:
        zygote.close()
        started.process.wait()


if __name__ == "__main__":
    main()
