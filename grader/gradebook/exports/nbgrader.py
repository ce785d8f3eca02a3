"""The columns of nbgrader's own export: a row for each student and assignment."""

from __future__ import annotations

import datetime as dt

from grader.gradebook.book import Book
from grader.gradebook.exports.table import points, safe, to_csv

_HEADER = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
)


def nbgrader_csv(book: Book) -> str:
    """Excused cells are left out: nbgrader has no word for them."""
    rows = [list(_HEADER)]
    for column in book.columns:
        for student in book.students:
            cell = book.cells[student.id, column.exercise]
            if cell.score.points is None:
                continue
            first, _, last = student.name.rpartition(" ")
            about = [student.id, last, first, student.email]
            lost = max(0.0, cell.raw - cell.score.points)
            numbers = (cell.raw, lost, cell.score.points, column.whole)
            rows.append(
                [
                    column.exercise,
                    _time(column.due),
                    _time(cell.handed_in),
                    *map(safe, about),
                    *map(points, numbers),
                ]
            )
    return to_csv(rows)


def _time(when: dt.datetime | None) -> str:
    """As nbgrader writes it: UTC, without a zone."""
    return when.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S.%f") if when else ""
