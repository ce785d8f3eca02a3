"""Our own formats: a row for each student, a column for each exercise; and everything as JSON."""

from __future__ import annotations

import json
from typing import Any

from grader.gradebook.book import Book, Cell
from grader.gradebook.exports.table import points, safe, to_csv

_EXCUSED = "excused"


def book_csv(book: Book) -> str:
    """id, name, email, section, the exercises, and the total with what it is out of."""
    header = ["id", "name", "email", "section", *(column.exercise for column in book.columns)]
    rows = [[*header, "total", "out_of"]]
    for student in book.students:
        about = (student.id, student.name, student.email, student.section)
        cells = [book.cells[student.id, column.exercise] for column in book.columns]
        total = map(points, book.total(student.id))
        rows.append([*map(safe, about), *map(_shown, cells), *total])
    return to_csv(rows)


def book_json(book: Book) -> str:
    """Everything, with its reasons."""
    raw = {
        "format_version": 1,
        "exercises": [
            {
                "name": column.exercise,
                "title": {"en": column.title.en, "zh": column.title.zh},
                "points": column.whole,
                "due": column.due.isoformat() if column.due else None,
            }
            for column in book.columns
        ],
        "students": [
            {
                "id": student.id,
                "name": student.name,
                "email": student.email,
                "section": student.section,
                "more": dict(student.more or {}),
                "scores": {
                    column.exercise: _told(book.cells[student.id, column.exercise])
                    for column in book.columns
                },
            }
            for student in book.students
        ],
    }
    return json.dumps(raw, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def _shown(cell: Cell) -> str:
    return _EXCUSED if cell.score.points is None else points(cell.score.points)


def _told(cell: Cell) -> dict[str, Any]:
    score = cell.score
    return {
        "points": score.points,
        "excused": score.points is None,
        "overridden": score.is_override,
        "lost_for_lateness": score.lost,
        "handed_in": cell.handed_in.isoformat() if cell.handed_in else None,
        "comment": cell.comment,
    }
