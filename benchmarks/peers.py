"""Grade one class with other graders too: `python -m benchmarks.peers`.

Installs nbgrader and otter-grader into an environment of their own, which is removed afterwards;
torch is taken from the environment that runs this, so that submissions can import it everywhere.
The same students with the same code and the same four checks for all; no containers, which would
only add to the time.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import sysconfig
import tempfile
import venv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks import machine
from benchmarks.__main__ import PAGE
from benchmarks.course import CONV_COURSE
from benchmarks.peer_courses import Grade, Nbgrader, Otter, Peer, PlainPytest, Tools
from benchmarks.samples import Sample, megabytes, per_second
from benchmarks.synthetic_class import Kind, Work, make_class
from benchmarks.table import Row, Table, at_least, fill, measured, render
from benchmarks.watched import CannotRunError, run
from grader.course import find_course

_PACKAGES = ("nbgrader", "otter-grader", "ipykernel")
_SHARES = {Kind.RIGHT: 3 / 8, Kind.WRONG: 5 / 8}
"""The assignment has three right solutions and five wrong ones, two of which raise."""
_ENOUGH = 16
"""Students for a grader that takes seconds for each."""
_LOOK_SECONDS = 0.2


@dataclass
class _Trial:
    """A grader with its assignment, and what has been measured of it."""

    peer: Peer
    bound: float | None = None
    """`grade` grades so many times as many submissions in a second."""
    goal: float | None = None
    works: Sequence[Work] = ()
    seconds: list[float] = field(default_factory=list)
    peak: int = 0
    scores: dict[str, float] = field(default_factory=dict)
    reason: str = ""
    """Why it cannot be measured."""

    def make(self, template: Path, works: Sequence[Work]) -> None:
        """Make its assignment, to be copied for each round."""
        self.works = works[: self.peer.most]
        template.mkdir(parents=True)
        with self._reasoned():
            self.peer.make(template, self.works)

    def measure(self, template: Path, look_every: float | None = None) -> None:
        """Grade the class from the start; take the memory if it is looked at, else the time."""
        if self.reason:
            return
        place = template.with_name("round")
        shutil.copytree(template, place)
        with self._reasoned():
            ran = self.peer.grade(place, look_every)
            scores = self.peer.scores(place)
            if self.scores not in ({}, scores):
                self.reason = f"not the same scores again: {_difference(scores, self.scores)}"
            self.scores = scores
            if look_every is None:
                self.seconds.append(sum(each.seconds for each in ran))
            else:
                self.peak = max(each.peak for each in ran)
        shutil.rmtree(place)

    def row(self, ours: _Trial) -> Row:
        """What stands in the table."""
        name = f"{self.peer.name} ({len(self.works)} submissions)"
        expected = {work.student: ours.scores.get(work.student) for work in self.works}
        if self.reason:
            return Row(name, f"not measured: {self.reason}")
        if self.scores != expected:
            return Row(name, f"other scores than grade: {_difference(self.scores, expected)}")
        row = measured(name, self.rate)
        if self is not ours and not ours.reason:
            ratio = ours.rate.median / self.rate.median
            row = at_least(row, ratio, bound=self.bound, goal=self.goal)
        return replace(row, memory=str(megabytes([self.peak])))

    @property
    def rate(self) -> Sample:
        """Submissions per second."""
        return per_second(len(self.works), self.seconds)

    @contextlib.contextmanager
    def _reasoned(self) -> Iterator[None]:
        try:
            yield
        except CannotRunError as error:
            self.reason = str(error)


def main() -> None:
    """Install, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--students", type=int, default=400, help="in the class (default 400)")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each (default 3)")
    parser.add_argument("--update-docs", action="store_true", help=f"write into {PAGE.name} too")
    options = parser.parse_args()
    head = [machine.describe(), *(f"Not quiet: {found}." for found in machine.warnings())]
    with tempfile.TemporaryDirectory() as folder:
        table = _measure(Path(folder), max(1, options.students), max(1, options.rounds))
    text = "\n\n".join([*head, render(table)])
    print(text)
    if options.update_docs:
        fill(PAGE, "peers", text)


def _measure(folder: Path, students: int, rounds: int) -> Table:
    """Grade with every grader in turns; one that fails keeps its reason instead of a number."""
    works = make_class(find_course(CONV_COURSE).exercises(), students, shares=_SHARES)
    trials = _trials(folder / "environment")
    templates = [folder / str(number) / "template" for number in range(len(trials))]
    for trial, template in zip(trials, templates, strict=True):
        trial.make(template, works)
        trial.measure(template, look_every=_LOOK_SECONDS)  # which warms it up, too
    for _ in range(rounds):
        for trial, template in zip(trials, templates, strict=True):
            trial.measure(template)
    note = (
        "The same students with the same code, four checks of equal worth, and the same scores in "
        f"every row, or it says so; {rounds} times each in turns, each from the start of the "
        "command to its end. Those that take seconds for a submission grade the first "
        f"{_ENOUGH} students; what each of them costs does not depend on how many they are. "
        "pytest, nbgrader and otter grade one after the other, as they do by themselves. The ratio "
        "is that of the first row to the row. Only `grade` isolates what it runs, with a process "
        "for each check. The memory is that of all processes together, in a run of its own."
    )
    return Table("Other graders", note, tuple(trial.row(trials[0]) for trial in trials))


def _trials(place: Path) -> list[_Trial]:
    found = [
        _Trial(Grade("grade batch, tier full")),
        _Trial(Grade("grade batch --jobs 1, tier full", ("--jobs", "1"))),
        _Trial(PlainPytest("python -m pytest, one process each", _ENOUGH), bound=25, goal=40),
    ]
    reason, versions, tools = "", ["", ""], Tools(place / "bin")
    try:
        versions = _install(place)
    except CannotRunError as error:
        reason = f"cannot be installed here: {error}"
    nbgrader = Nbgrader(f"nbgrader {versions[0]} autograde", _ENOUGH, tools)
    otter = Otter(f"otter-grader {versions[1]}, no containers", _ENOUGH, tools)
    return [
        *found,
        _Trial(nbgrader, bound=60, goal=100, reason=reason),
        _Trial(otter, reason=reason),
    ]


def _install(place: Path) -> list[str]:
    """Make an environment with the other graders in it; return their versions."""
    venv.create(place, with_pip=True)
    python = str(place / "bin" / "python")
    run([python, "-m", "pip", "install", "--quiet", *_PACKAGES], place)
    (library,) = place.glob("lib/python*/site-packages")
    # Last on the path: what they have installed themselves comes first.
    (library / "torch-from-outside.pth").write_text(sysconfig.get_path("purelib"), "utf-8")
    code = "import sys; from importlib.metadata import version; print(*map(version, sys.argv[1:]))"
    return run([python, "-c", code, *_PACKAGES[:2]], place).printed.split()


def _difference(
    scores: dict[str, float], expected: dict[str, float | None] | dict[str, float]
) -> str:
    """Say whose scores differ, the first of them with both."""
    differing = [each for each in {**expected, **scores} if scores.get(each) != expected.get(each)]
    first = differing[0]
    said = f"{first} has {scores.get(first)} and not {expected.get(first)}"
    return said if len(differing) == 1 else f"{said}; {len(differing)} students in all"


if __name__ == "__main__":
    main()
