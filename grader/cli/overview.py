"""What `grade list` and `grade status` share: the exercises of a course and how far I am."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from grader.course import Course, ExerciseRef, load_exercise, points_of
from grader.course.progress import Progress, read_progress
from grader.errors import GradeError
from grader.reports.width import cell_width, pad
from grader.text import Lang, Text


@dataclass(frozen=True)
class Row:
    """One exercise with what is known of it."""

    ref: ExerciseRef
    title: Text
    minutes: float
    """How long it takes a student; 0 when exercise.yaml cannot be read."""
    points: float | None
    """What its checks are worth; None when they cannot be read."""
    progress: Progress

    @property
    def name(self) -> str:
        """The folder's name, ex07_conv."""
        return self.ref.name


def read_rows(course: Course, troubles: list[GradeError]) -> Iterator[Row]:
    """Read every exercise; what is wrong with an exercise.yaml is added to `troubles`."""
    known = read_progress(course.root)
    for ref in course.exercises():
        title, minutes = Text("?", "?"), 0.0
        try:
            exercise = load_exercise(ref)
            title, minutes = exercise.title, exercise.minutes
        except GradeError as error:  # one broken file must not hide the others
            troubles.append(error)
        yield Row(ref, title, minutes, points_of(ref), known.get(ref.name, Progress()))


def count_done(rows: Sequence[Row], lang: Lang) -> str:
    """Say how many exercises have all their points."""
    done = sum(row.progress.is_done for row in rows)
    return Text(
        f"{done} of {len(rows)} exercises done", f"共 {len(rows)} 个练习，已完成 {done} 个"
    )[lang]


def aligned(table: Sequence[Sequence[str]], right: Collection[int] = ()) -> Iterator[str]:
    """Lay the cells out in columns, two spaces apart; the columns `right` end on one line."""
    widths = [max(map(cell_width, column)) for column in zip(*table, strict=True)]
    for line in table:
        cells = [
            " " * (width - cell_width(cell)) + cell if index in right else pad(cell, width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
