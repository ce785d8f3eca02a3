"""The class as the pages of staff show it: names, links, what each has reached."""

from __future__ import annotations

from collections.abc import Iterator

from grader.batch.files import folder_name
from grader.reports.class_report.gather import Entry, Gathered, State, full_name
from grader.reports.visible import one_line

_NAME = 60
"""Characters of a name in a table."""


class People:
    """Everybody of a class, by id."""

    def __init__(self, gathered: Gathered) -> None:
        self._gathered = gathered
        self._students = {student.id: student for student in gathered.book.students}

    def name(self, student: str) -> str:
        """What somebody is called."""
        return one_line(full_name(self._students[student]), _NAME)

    def page(self, student: str) -> str:
        """The file name of somebody's pages."""
        return f"{folder_name(student)}.html"

    def entries_of(self, exercise: str) -> Iterator[tuple[str, Entry]]:
        """Everybody's entry for an exercise."""
        for student in self._students:
            yield student, self._gathered.entries[student, exercise]

    def percents(self, exercise: str) -> tuple[float, ...]:
        """What those have reached who have a score: not who is excused, missing or not graded."""
        return tuple(
            100 * (entry.share or 0.0)
            for _, entry in self.entries_of(exercise)
            if entry.state is State.SCORED
        )

    def total(self, student: str) -> float | None:
        """Of all points that somebody could have, in per cent; None where there are none."""
        earned, whole = self._gathered.book.total(student)
        return 100 * earned / whole if whole > 0 else None
