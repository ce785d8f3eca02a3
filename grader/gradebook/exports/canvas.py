"""Canvas's gradebook import (its gradebook_importer.rb).

The first row names the columns: Student, ID, SIS User ID, SIS Login ID, Section, assignments. A row
"Points Possible" says what each is worth. A title that is no assignment's makes a new one; "Title
(12345)" means the assignment with this id. "EX" is excused, an empty field no score.
"""

from __future__ import annotations

from collections.abc import Mapping

from grader.gradebook.book import Book, Cell
from grader.gradebook.exports.table import points, safe, to_csv

_NUMBER_COLUMNS = ("canvas_id", "canvas id")
_LOGIN_COLUMNS = ("canvas_login", "login", "sis login id")


def canvas_csv(book: Book, assignments: Mapping[str, int] | None = None) -> str:
    """A file to import; `assignments` are Canvas's ids by the exercise's name, where known.

    A student is found by the roster's column canvas_id, otherwise by the id as SIS user id.
    """
    titles = [_title(column.exercise, assignments or {}) for column in book.columns]
    header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *titles]
    possible = ["    Points Possible", "", "", "", "", *(points(c.whole) for c in book.columns)]
    rows = [header, possible]
    for student in book.students:
        more = student.more or {}
        about = (
            student.name or student.id,
            _first(more, _NUMBER_COLUMNS),
            student.id,
            _first(more, _LOGIN_COLUMNS) or student.email,
            student.section,
        )
        cells = (book.cells[student.id, column.exercise] for column in book.columns)
        rows.append([*map(safe, about), *map(_shown, cells)])
    return to_csv(rows)


def _title(exercise: str, assignments: Mapping[str, int]) -> str:
    number = assignments.get(exercise)
    return exercise if number is None else f"{exercise} ({number})"


def _shown(cell: Cell) -> str:
    return "EX" if cell.score.points is None else points(cell.score.points)


def _first(more: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((more[name] for name in names if more.get(name)), "")
