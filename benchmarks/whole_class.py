"""A class from the first grading to its report: `python -m benchmarks.whole_class`.

The synthetic class with every exercise of this course: right, wrong, late and hostile work,
notebooks, untouched stubs, and nothing at all. `grade batch` is killed when half of it is graded,
and run again; then come decisions, exports and the class report. Every score is compared with what
its solution promises.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks import machine
from benchmarks.__main__ import PAGE
from benchmarks.course import ROOT
from benchmarks.synthetic_class import DUE, Kind, Work, make_class, write_class
from benchmarks.table import Row, Table, fill, render
from benchmarks.watched import CannotRunError, Ran, run
from grader.course import ExerciseRef, find_course
from grader.store import Store

_EXPORTS = ("csv", "json", "canvas", "moodle", "nbgrader")
_LOOK_SECONDS = 1.0
_RULES = """
grading:
  due: {{{due}}}
  late: {{lose: 10, per: day, at_most: 50}}
"""


@dataclass(frozen=True)
class _Class:
    """A copy of the course with what its class has handed in."""

    place: Path
    works: Sequence[Work]

    @property
    def to_grade(self) -> list[Work]:
        """What there is to grade."""
        return [work for work in self.works if _is_graded(work)]

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "grader.cli", *words]

    @property
    def variables(self) -> dict[str, str]:
        return {**os.environ, "GRADE_STATE_DIR": str(self.place), "PYTHONPATH": str(ROOT)}

    def grade(self, *words: str) -> Ran:
        return run(self.command(*words), self.place, self.variables)

    def batch(self, *words: str) -> Ran:
        return self.grade("batch", "submissions.csv", "--roster", "roster.csv", *words)

    def graded(self) -> dict[tuple[str, str], tuple[float, float]]:
        """Of each student and exercise: points earned and possible, without rules of the book."""
        with closing(Store(str(self.place / "class.db"))) as store:
            return {
                (each.student, each.exercise): (each.earned, each.max_points)
                for each in store.ledger.attempts()
                if each.earned is not None and each.max_points is not None
            }

    def kill_half_way(self) -> float:
        """Begin to grade, kill the command when half is done; return the seconds it had."""
        words = self.command("batch", "submissions.csv", "--roster", "roster.csv")
        started = time.monotonic()
        with subprocess.Popen(
            words, cwd=self.place, env=self.variables, stdout=subprocess.DEVNULL
        ) as process:
            while process.poll() is None:
                time.sleep(_LOOK_SECONDS)
                if 2 * self._count() >= len(self.to_grade):
                    process.send_signal(signal.SIGKILL)
                    return time.monotonic() - started
        raise CannotRunError("grade batch ended before it was killed")

    def _count(self) -> int:
        return len(self.graded()) if (self.place / "class.db").exists() else 0


def make(place: Path, students: int) -> _Class:
    """Copy the course, write what the class hands in, and the rules for who is late."""
    course = find_course(ROOT)
    refs = course.exercises()
    for name in ("exercises", "solutions"):
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    due = ", ".join(f'{ref.name}: "{DUE:%Y-%m-%d %H:%M}"' for ref in refs)
    text = (ROOT / "course.yaml").read_text("utf-8")
    (place / "course.yaml").write_text(text + _RULES.format(due=due), "utf-8")
    works = make_class(refs, students)
    write_class(works, place)
    return _Class(place, works)


def measure(place: Path, students: int) -> Table:
    """Do everything once, and say what it took and whether it is right."""
    group = make(place, students)
    kinds = Counter(work.kind for work in group.works)
    looked = group.batch("--dry-run")
    before = group.kill_half_way()
    kept = group.graded()
    rest = group.batch()
    graded = group.graded()
    decided = _decide(group)
    again = group.batch()
    wrong = list(_unexpected(group, graded))
    changed = [key for key, score in kept.items() if graded.get(key) != score]
    exports = [_export(group, name) for name in _EXPORTS]
    report = group.grade("report", "--out", "pages")
    pages = list((place / "pages").rglob("*.html"))
    rows = [
        Row("found and listed before grading (--dry-run)", f"{looked.seconds:.1f} s"),
        Row("graded until the command was killed", f"{len(kept)} in {before:.0f} s"),
        _must_be("graded after that", len(graded) - len(kept), len(group.to_grade) - len(kept)),
        Row("in", f"{rest.seconds:.0f} s"),
        _must_be("results that the kill has changed", len(changed), 0),
        _must_be("scores that are not what the solution promises", len(wrong), 0),
        Row("everything once more, all known", f"{again.seconds:.1f} s"),
        _must_be("decisions that hold after that", _kept_decisions(group, decided), len(decided)),
        _must_be("students in each export", min(exports), students),
        Row("the class report", f"{report.seconds:.1f} s, {len(pages)} pages"),
    ]
    for each in wrong:
        print(f"not as promised: {each}")
    made = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    note = (
        f"{students} students x {len(group.works) // students} exercises: {made}. `grade batch` "
        "with its defaults."
    )
    return Table("A whole class", note, tuple(rows))


def _must_be(name: str, value: int, wanted: int) -> Row:
    return Row(name, str(value), "", str(wanted), "yes" if value == wanted else "NO")


def _unexpected(group: _Class, graded: dict[tuple[str, str], tuple[float, float]]) -> Iterator[str]:
    """What has another score than its solution has to have."""
    refs = {ref.name: ref for ref in find_course(ROOT).exercises()}
    for work in group.works:
        earned, points = graded.get((work.student, work.exercise), (None, None))
        if not _is_graded(work):
            is_expected = earned is None
        elif _is_right(work, refs[work.exercise]):
            is_expected = earned is not None and earned == points
        else:
            is_expected = earned is not None and points is not None and earned < points
        if not is_expected:
            yield f"{work.student} {work.exercise} {work.kind} {work.solution}: {earned}/{points}"


def _is_graded(work: Work) -> bool:
    """Whether it is handed in; an untouched stub is listed only."""
    return bool(work.file) and work.kind is not Kind.STUB


def _is_right(work: Work, ref: ExerciseRef) -> bool:
    solutions = ref.reference.parent
    right = {ref.reference.stem, *(path.stem for path in (solutions / "right").glob("*.py"))}
    return work.kind is not Kind.HOSTILE and work.solution in right


def _decide(group: _Class) -> list[tuple[str, str, str]]:
    """Decide something of every kind; return what must then stand in the book."""
    first, second, third, *_ = [work for work in group.to_grade if work.kind is Kind.WRONG]
    late = next(work for work in group.to_grade if work.kind is Kind.LATE)
    steps = (
        (first, ("override", "1"), ("--reason", "oral exam")),
        (second, ("excuse",), ("--reason", "ill")),
        (third, ("comment", "See the second hint."), ()),
        (late, ("extension", "5d"), ("--reason", "ill")),
    )
    for work, (verb, *words), options in steps:
        group.grade("book", verb, work.student, work.exercise, *words, *options)
    return [(work.student, work.exercise, verb) for work, (verb, *_), _ in steps]


def _kept_decisions(group: _Class, decided: Sequence[tuple[str, str, str]]) -> int:
    """How many of the decisions the book still shows with their student."""
    shown = {student: group.grade("book", "show", student).printed for student, *_ in decided}
    return sum(verb in shown[student] for student, _, verb in decided)


def _export(group: _Class, name: str) -> int:
    """Write an export; return how many students are in it."""
    file = group.place / f"export.{name}"
    group.grade("book", "export", name, "--out", file.name)
    text = file.read_text("utf-8-sig")
    students = {work.student for work in group.works}
    if name == "json":
        json.loads(text)
    return sum(student in text for student in students)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.whole_class", description=__doc__)
    parser.add_argument("--students", type=int, default=200, help="in the class (default 200)")
    parser.add_argument("--update-docs", action="store_true", help=f"write into {PAGE.name} too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        table = measure(Path(folder), options.students)
    text = "\n\n".join([machine.describe(), render(table)])
    print(text)
    if options.update_docs:
        fill(PAGE, "whole class", text)


if __name__ == "__main__":
    main()
