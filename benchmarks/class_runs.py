"""How a class run grows, and where its time goes: `python -m benchmarks.class_runs`.

The class is that of benchmarks.peers: one assignment with four checks, right and wrong solutions,
some of them notebooks, each graded by the real command with an empty store.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from benchmarks import machine
from benchmarks.__main__ import PAGE
from benchmarks.class_grading import Grading
from benchmarks.course import CONV_COURSE
from benchmarks.programs import running
from benchmarks.samples import Sample, megabytes, per_second
from benchmarks.synthetic_class import Kind, make_class
from benchmarks.table import Row, Table, at_least, compared, fill, measured, render, shared
from benchmarks.watched import CannotRunError, Ran
from grader.course import find_course
from tests.cli.clusters import dask_cluster

_SHARES = {Kind.RIGHT: 0.3, Kind.WRONG: 0.5, Kind.NOTEBOOK: 0.2}
_TIMES = 10
"""The large class is so many times the small one."""
_MOST_TIMES = 10.5
_FLAT = 1.1
_DASK_SPEEDUP = 1.7
_ON_ONE_CORE = "import os\nos.sched_setaffinity(0, {{{core}}})\n"
"""What a Dask worker runs first: a core is what it is asked for, with all that it starts."""
_LOOK_SECONDS = 0.5
"""Between two looks at the memory, in a run of its own: they take part of its time."""


@dataclass(frozen=True)
class _Runs:
    """Runs of one kind over one class."""

    count: int
    runs: tuple[Ran, ...]

    @property
    def seconds(self) -> Sample:
        return Sample(tuple(run.seconds for run in self.runs), "s")

    @property
    def rate(self) -> Sample:
        return per_second(self.count, [run.seconds for run in self.runs])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.class_runs", description=__doc__)
    parser.add_argument(
        "--students", type=int, default=100, help=f"and {_TIMES} times as many (default 100)"
    )
    parser.add_argument("--rounds", type=int, default=1, help="runs of each (default 1)")
    parser.add_argument("--update-docs", action="store_true", help=f"write into {PAGE.name} too")
    options = parser.parse_args()
    head = [machine.describe(), *(f"Not quiet: {found}." for found in machine.warnings())]
    with tempfile.TemporaryDirectory() as folder:
        tables = _measure(Path(folder), max(1, options.students), max(1, options.rounds))
    text = "\n\n".join([*head, *map(render, tables)])
    print(text)
    if options.update_docs:
        fill(PAGE, "class runs", text)


def _measure(folder: Path, students: int, rounds: int) -> list[Table]:
    small, large = (
        _made(folder / name, count)
        for name, count in (("small", students), ("large", students * _TIMES))
    )
    few = _graded(small, students, rounds)
    many = _graded(large, students * _TIMES, rounds)
    again = _Runs(many.count, tuple(large.grade() for _ in range(rounds)))
    return [
        _growth(few, many, again, [_peak(small), _peak(large)]),
        _side_by_side(folder, large, many),
        _profile(small, rounds),
    ]


def _made(place: Path, students: int) -> Grading:
    works = make_class(find_course(CONV_COURSE).exercises(), students, shares=_SHARES)
    grading = Grading(place)
    grading.make(CONV_COURSE, works)
    return grading


def _graded(grading: Grading, count: int, rounds: int, *options: str) -> _Runs:
    """Grade a class so many times, each time with an empty store."""
    runs = []
    for _ in range(rounds):
        grading.forget()
        runs.append(grading.grade(*options))
        if len(grading.scores()) != count:
            raise CannotRunError(f"{len(grading.scores())} submissions of {count} are graded")
    return _Runs(count, tuple(runs))


def _peak(grading: Grading) -> Sample:
    """The most memory that grading a class takes."""
    grading.forget()
    return megabytes([grading.grade(look_every=_LOOK_SECONDS).peak])


def _growth(few: _Runs, many: _Runs, again: _Runs, peaks: list[Sample]) -> Table:
    note = (
        "`grade batch` from start to exit, with its defaults. The memory is that "
        f"of all its processes together, looked at every {_LOOK_SECONDS:g} s in a run of its own, "
        "pages that several share counted once. Known means that nothing has changed: everything "
        "is read, and nothing graded."
    )
    rows = (
        measured(f"{few.count} submissions", few.seconds),
        compared(f"{many.count} submissions", many.seconds, few.seconds, bound=_MOST_TIMES),
        measured(f"peak memory, {few.count} submissions", peaks[0]),
        compared(f"peak memory, {many.count} submissions", peaks[1], peaks[0], bound=_FLAT),
        measured(f"{few.count} submissions, rate", few.rate),
        measured(f"{many.count} submissions, rate", many.rate),
        measured(f"{again.count} submissions, all known, rate", again.rate),
    )
    return Table("Scaling", note, rows)


def _side_by_side(folder: Path, grading: Grading, whole: _Runs) -> Table:
    count, rounds = whole.count, len(whole.runs)
    alone = _graded(grading, count, rounds, "--jobs", "1")
    rows = [
        measured("this machine, --jobs 1", alone.rate),
        _speedup("this machine, two for each core", whole, alone),
    ]
    one = _on_cluster(folder, grading, count, rounds, workers=1)
    two = _on_cluster(folder, grading, count, rounds, workers=2)
    rows.append(measured("Dask, one worker", one.rate))
    rows.append(_speedup("Dask, two workers", two, one, bound=_DASK_SPEEDUP))
    note = (
        f"{count} submissions. The cluster is a scheduler and workers of one thread on loopback, "
        "each kept on a core of its own; they have started before, and import torch when the run "
        "needs it. The scheduler and the run itself have no core to themselves. The ratio is to "
        "one at a time, in the row above."
    )
    return Table("Side by side", note, tuple(rows))


def _on_cluster(folder: Path, grading: Grading, count: int, rounds: int, *, workers: int) -> _Runs:
    with dask_cluster(folder / f"cluster{workers}") as cluster:
        for core in range(workers):
            cluster.start_worker(preload=_ON_ONE_CORE.format(core=core))
        words = ("--executor", "dask", "--scheduler", cluster.address)
        return _graded(grading, count, rounds, *words)


def _speedup(name: str, runs: _Runs, base: _Runs, *, bound: float | None = None) -> Row:
    ratio = runs.rate.median / base.rate.median
    return at_least(measured(name, runs.rate), ratio, bound=bound)


def _profile(grading: Grading, rounds: int) -> Table:
    with running("benchmarks.class_profile") as program:
        program.order("breakdown", place=str(grading.place))  # everything is imported then
        runs = [program.order("breakdown", place=str(grading.place)) for _ in range(rounds)]
    count = len(grading.scores())
    parts = {
        name: Sample(tuple(run.get(name, 0.0) * 1000 / count for run in runs), "ms")
        for name, _ in sum(map(Counter, runs), Counter()).most_common()
    }
    whole = Sample(tuple(sum(run.values()) * 1000 / count for run in runs), "ms")
    note = (
        f"For each of {count} submissions, on one bench in a run of its own, with clocks around "
        "functions of the run, the store, the intake and the judge; what a judge waits for is what "
        "its workers take. Everything has been imported before. The ratio is the part of the whole."
    )
    rows = [shared(name, part, whole) for name, part in parts.items()]
    return Table(
        "Where the time of a class run goes", note, (*rows, shared("all of it", whole, whole))
    )


if __name__ == "__main__":
    main()
