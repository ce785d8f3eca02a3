"""Moodle: a file for its gradebook import, and the worksheet of an assignment filled in.

The gradebook import (grade/import/csv) takes any CSV; the teacher says which column is what. "-" is
no grade. The offline grading worksheet (mod/assign/feedback/offline) is UTF-8 with commas; its
column names are in the teacher's language, so the downloaded file is kept but for the grades.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from grader.batch.layouts import Person
from grader.batch.roster import Roster
from grader.errors import UserError
from grader.gradebook.book import Book, Cell
from grader.gradebook.exports.table import points, safe, to_csv
from grader.text import Text

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "identifier": ("Identifier", "编号", "ID", "Identifikator"),
    "name": ("Full name", "全名", "Vollständiger Name"),
    "email": ("Email address", "电子邮件地址", "E-Mail-Adresse"),
    "grade": ("Grade", "成绩", "Bewertung"),
    "comment": ("Feedback comments", "反馈评论", "Feedback als Kommentar"),
}
_LARGEST = 100.0
"""The import refuses larger grades, unless the site allows them."""


def moodle_csv(book: Book) -> str:
    """A file for the gradebook import; the user is found by `idnumber` or `email`.

    UserError for an exercise that is worth more than Moodle takes.
    """
    for column in book.columns:
        if column.whole > _LARGEST:
            raise UserError(
                Text(
                    f"{column.exercise} is worth {points(column.whole)} points, and Moodle takes "
                    "at most 100.",
                    f"{column.exercise} 满分 {points(column.whole)}，而 Moodle 最多接受 100。",
                ),
                Text("Give its checks fewer points.", "请减少它各检查项的分值。"),
            )
    rows = [["idnumber", "email", "fullname", *(column.exercise for column in book.columns)]]
    for student in book.students:
        cells = (book.cells[student.id, column.exercise] for column in book.columns)
        about = (student.id, student.email, student.name)
        rows.append([*map(safe, about), *map(_shown, cells)])
    return to_csv(rows)


def filled_worksheet(text: str, book: Book, exercise: str) -> tuple[str, list[str]]:
    """Write one exercise's grades into a downloaded worksheet; return it, and who was not found.

    UserError when it is no such worksheet. Whoever is not in the book, or excused, stays as it is.
    """
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    header, *rows = list(reader) or [[]]
    places = {what: _place(header, names) for what, names in _COLUMNS.items()}
    grade, identifier = places["grade"], places["identifier"]
    if grade is None or identifier is None:
        raise UserError(
            Text(
                "This is no grading worksheet of Moodle: a column for identifiers or grades is "
                "missing.",
                "这不是 Moodle 的评分表：缺少编号或成绩列。",
            ),
            Text(
                "Download it from the assignment: Grading action, Download grading worksheet.",
                "请在作业页面下载：评分操作 → 下载评分表。",
            ),
        )
    roster = Roster(book.students)
    unknown = []
    for row in rows:
        student = roster.find(_person(row, places))
        if student is None:
            unknown.append(row[identifier] if identifier < len(row) else "")
            continue
        cell = book.cells[student.id, exercise]
        if cell.score.points is not None:
            row[grade] = points(cell.score.points)
        comment = places["comment"]
        if cell.comment and comment is not None:
            row[comment] = safe(cell.comment)
    return to_csv([header, *rows]), unknown


def _person(row: Sequence[str], places: Mapping[str, int | None]) -> Person:
    def said(what: str) -> str:
        place = places[what]
        return row[place] if place is not None and place < len(row) else ""

    # "Participant 4711": the number, as in the names of downloaded files.
    return Person(said("identifier").rpartition(" ")[2], said("name"), said("email"))


def _place(header: Sequence[str], names: Sequence[str]) -> int | None:
    return next((header.index(name) for name in names if name in header), None)


def _shown(cell: Cell) -> str:
    return "-" if cell.score.points is None else points(cell.score.points)
