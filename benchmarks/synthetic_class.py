"""A class that nobody teaches: `python -m benchmarks.synthetic_class FOLDER --students 200`.

    FOLDER/handed_in/s0001/ex07_conv.py     a folder for each student, with .py or .ipynb
    FOLDER/roster.csv                       everybody, also those who have handed in nothing
    FOLDER/submissions.csv                  each file with the time at which it was handed in

What they hand in are the course's own solutions, right and wrong. But for untouched stubs, no two
submissions are the same bytes, since equal ones are graded once; the same seed makes the same
class. Folders know no times, so `grade batch FOLDER/submissions.csv` finds who was late, and `grade
batch FOLDER/handed_in` does not.
"""

from __future__ import annotations

import argparse
import ast
import csv
import datetime as dt
import itertools
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import nbformat

from benchmarks.course import ROOT
from grader.course import ExerciseRef, find_course

DUE = dt.datetime(2026, 1, 31, 23, 59, tzinfo=dt.UTC)
"""For course.yaml: the time that decides who is late."""
_MOST_HOURS = 72
_ROUNDING = 1e-9
"""0.29 * 100 is less than 29."""
_NAMES = (
    "Anna Meier",
    "Ben O'Brien",
    "王芳",
    "Zoë Müller",
    "Nguyễn Văn An",
    'R. "Bo" Li, jr.',
    "=1+1",
)
_SECTIONS = ("A", "B", "C")


class Kind(StrEnum):
    """What a student makes of an exercise."""

    RIGHT = "right"
    WRONG = "wrong"
    NOTEBOOK = "notebook"
    """Right or wrong, as .ipynb."""
    LATE = "late"
    """Right or wrong, handed in after the due date."""
    STUB = "stub"
    """The file as it was handed out."""
    MISSING = "missing"
    HOSTILE = "hostile"


SHARES: Mapping[Kind, float] = {
    Kind.RIGHT: 0.34,
    Kind.WRONG: 0.34,
    Kind.NOTEBOOK: 0.12,
    Kind.LATE: 0.06,
    Kind.STUB: 0.04,
    Kind.MISSING: 0.08,
    Kind.HOSTILE: 0.02,
}
"""How much of the class is what."""
_HOSTILE = {
    "loops": "while True:\n    pass\n",
    "exits": "def {name}(*args, **kwargs):\n    import os\n\n    os._exit(0)\n",
    "hoards": (
        "def {name}(*args, **kwargs):\n    hoard = []\n    while True:\n"
        '        hoard.append(b"x" * (1 << 24))\n'
    ),
}
"""What stands below the reference, by what it does: at import, or instead of a function."""


@dataclass(frozen=True)
class Work:
    """What one student has made of one exercise."""

    student: str
    exercise: str
    kind: Kind
    solution: str
    """Which of the course's solutions it is, or what is hostile about it."""
    file: str
    """Its name; empty where it is missing."""
    data: bytes
    handed_in: dt.datetime | None


def make_class(
    exercises: Sequence[ExerciseRef],
    students: int,
    *,
    shares: Mapping[Kind, float] = SHARES,
    seed: int = 0,
) -> list[Work]:
    """Make what a class hands in, student by student.

    The shares are kept exactly, and every solution comes as often as the others of its kind.
    """
    chance = random.Random(seed)  # noqa: S311  the same class again, no secret
    kinds = _dealt(shares, students * len(exercises))
    chance.shuffle(kinds)
    makers = {ref.name: _Maker(ref) for ref in exercises}
    pairs = itertools.product(range(1, students + 1), exercises)
    return [
        makers[ref.name].make(f"s{number:04}", kind, chance)
        for (number, ref), kind in zip(pairs, kinds, strict=True)
    ]


def write_class(works: Iterable[Work], place: Path) -> None:
    """Write the folders of a class and both CSVs."""
    works = list(works)
    for work in works:
        if work.file:
            path = place / "handed_in" / work.student / work.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(work.data)
    rows = (
        (work.student, work.exercise, f"handed_in/{work.student}/{work.file}", work.handed_in)
        for work in works
        if work.file
    )
    _write_rows(place / "submissions.csv", ("student", "exercise", "path", "handed_in"), rows)
    ids = dict.fromkeys(work.student for work in works)
    people = (
        (student, name, f"{student}@example.org", section)
        for student, name, section in zip(ids, itertools.cycle(_NAMES), itertools.cycle(_SECTIONS))
    )
    _write_rows(place / "roster.csv", ("id", "name", "email", "section"), people)


def notebook(cells: Iterable[tuple[str, Mapping[str, object]]]) -> bytes:
    """A notebook of code cells, each with its metadata; the same ones make the same bytes."""
    made = []
    for number, (text, metadata) in enumerate(cells):
        cell = nbformat.v4.new_code_cell(text, metadata=metadata)  # type: ignore[no-untyped-call]  # nbformat has no types
        cell["id"] = f"cell-{number}"
        made.append(cell)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    whole = nbformat.v4.new_notebook(cells=made, metadata={"kernelspec": kernel})  # type: ignore[no-untyped-call]  # the same
    return f"{nbformat.writes(whole)}\n".encode()  # type: ignore[no-untyped-call]  # the same


class _Maker:
    """Makes one exercise's submissions."""

    def __init__(self, ref: ExerciseRef) -> None:
        self._ref = ref
        solutions = ref.reference.parent
        right = [ref.reference, *sorted((solutions / "right").glob("*.py"))]
        wrong = sorted((solutions / "wrong").glob("*.py"))
        self._right = itertools.cycle(right)
        self._wrong = itertools.cycle(wrong)
        self._any = itertools.cycle([*right, *wrong])
        self._hostile = itertools.cycle(_HOSTILE)

    def make(self, student: str, kind: Kind, chance: random.Random) -> Work:
        """Make one."""
        ref = self._ref
        hours = dt.timedelta(hours=chance.uniform(1, _MOST_HOURS))
        when = DUE + (hours if kind is Kind.LATE else -hours)
        when = when.replace(microsecond=0)
        if kind is Kind.MISSING:
            return Work(student, ref.name, kind, "", "", b"", None)
        if kind is Kind.STUB:
            return Work(student, ref.name, kind, "stub", ref.entry, ref.stub.read_bytes(), when)
        solution, text = self._solved(kind)
        text = f"# {student}, {ref.name}\n{text}"
        if kind is Kind.NOTEBOOK:
            data = notebook([(text, {})])
            return Work(student, ref.name, kind, solution, f"{ref.name}.ipynb", data, when)
        return Work(student, ref.name, kind, solution, ref.entry, text.encode(), when)

    def _solved(self, kind: Kind) -> tuple[str, str]:
        """The next solution of a kind: its name and its text."""
        if kind is Kind.HOSTILE:
            name, text = next(self._hostile), self._ref.reference.read_text("utf-8")
            return name, f"{text}\n\n{_HOSTILE[name].format(name=_first_name(text))}"
        solutions = {Kind.RIGHT: self._right, Kind.WRONG: self._wrong}.get(kind, self._any)
        path = next(solutions)
        return path.stem, path.read_text("utf-8")


def _dealt(shares: Mapping[Kind, float], count: int) -> list[Kind]:
    """So many kinds, each as often as its share says; what rounding leaves goes to the first."""
    dealt = [kind for kind, share in shares.items() for _ in range(int(share * count + _ROUNDING))]
    first = next(iter(shares))
    return dealt + [first] * (count - len(dealt))


def _first_name(text: str) -> str:
    """The first function that a solution defines, or else the first class."""
    body = ast.parse(text).body
    names = [
        each.name
        for kind in (ast.FunctionDef, ast.ClassDef)
        for each in body
        if isinstance(each, kind)
    ]
    return next(name for name in names if not name.startswith("_"))


def _write_rows(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def main() -> None:
    """Write a class of this course, and say what it holds."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.synthetic_class")
    parser.add_argument("folder", type=Path, help="where to write it; must not exist")
    parser.add_argument("--students", type=int, default=200, help="how many (default 200)")
    parser.add_argument("--exercise", action="append", help="only this one; may be repeated")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    options.folder.mkdir(parents=True)
    course = find_course(ROOT)
    exercises = [course.resolve(word) for word in options.exercise or ()] or course.exercises()
    works = make_class(exercises, options.students, seed=options.seed)
    write_class(works, options.folder)
    for kind, count in Counter(work.kind for work in works).items():
        print(f"{kind}: {count}")


if __name__ == "__main__":
    main()
