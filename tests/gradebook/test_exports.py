"""Each export is read by a parser written from the other system's own rules, with hostile names."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from typing import Any

import pytest

from grader.batch.roster import Student
from grader.errors import UserError
from grader.gradebook.book import Book, Cell, Column
from grader.gradebook.exports import (
    book_csv,
    book_json,
    canvas_csv,
    filled_worksheet,
    moodle_csv,
    nbgrader_csv,
)
from grader.gradebook.score import Score
from grader.text import Text

NAMES = {
    "anna": "Anna Meier",
    "eve": '=HYPERLINK("http://127.0.0.1/"&A1,"x")',
    "mal": "+cmd|' /C calc'!A0",
    "quote": 'O"Brien, "Jr."\nsecond line',
    "wang": "王芳",
    "tab": "\tTab\x00Null",
    "free": "Excused Person",
}
DUE = dt.datetime(2026, 11, 30, 23, 59, tzinfo=dt.timezone(dt.timedelta(hours=1)))


def book() -> Book:
    """Two exercises; one student is excused from both."""
    students = tuple(
        Student(key, name, f"{key}@example.org", "A", {"canvas_id": str(4710 + place), "x": "@7"})
        for place, (key, name) in enumerate(NAMES.items())
    )
    columns = (
        Column("ex01_add", Text("Add", "加"), 10, DUE),
        Column("ex02_mean", Text("Mean", "平均"), 5),
    )
    cells = {}
    for place, student in enumerate(students):
        for column in columns:
            points = None if student.id == "free" else column.whole * place / 8
            score = Score(points, column.whole, 0)
            cells[student.id, column.exercise] = Cell(score, (points or 0.0) + 1, DUE, "=1+1")
    return Book(students, columns, cells)


def no_formula(text: str) -> bool:
    """Whether no spreadsheet takes a field of somebody else's for a formula."""
    rows = csv.reader(io.StringIO(text, newline=""))
    number = re.compile(r"-?[0-9.]*")
    return all(
        number.fullmatch(field) or field[0] not in "=+-@\t\r" for row in rows for field in row
    )


def canvas_import(text: str) -> dict[str, dict[str, Any]]:
    """Read it as Canvas does: by the header's words, the row of points, then by id."""
    header, possible, *rows = csv.reader(io.StringIO(text, newline=""))
    assert "Student" in header[0]
    assert "ID" in header[1]
    assert header[2:4] == ["SIS User ID", "SIS Login ID"]
    assert "Section" in header[4]
    assert "Points Possible" in possible[0]
    assert all(float(field) > 0 for field in possible[5:])
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        assert len(row) == len(header)
        assert row[1].isdigit()
        scores = dict(zip(header[5:], row[5:], strict=True))
        assert all(
            value == "EX" or float(value) == round(float(value), 2) for value in scores.values()
        )
        found[row[1]] = scores
    return found


def test_canvas() -> None:
    """Every student by Canvas's own number, points with two places, EX for the excused."""
    text = canvas_csv(book(), {"ex01_add": 12345})
    found = canvas_import(text)
    assert found["4710"] == {"ex01_add (12345)": "0", "ex02_mean": "0"}
    assert found["4713"] == {"ex01_add (12345)": "3.75", "ex02_mean": "1.88"}
    assert found["4716"] == {"ex01_add (12345)": "EX", "ex02_mean": "EX"}
    assert no_formula(text)


def test_moodles_gradebook() -> None:
    """A column for the user, and for each exercise a number or "-"."""
    text = moodle_csv(book())
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["idnumber"] for row in rows] == list(NAMES)
    assert [row["ex01_add"] for row in rows] == ["0", "1.25", "2.5", "3.75", "5", "6.25", "-"]
    assert no_formula(text)
    columns = (Column("ex01_add", Text("A", "一"), 101),)
    with pytest.raises(UserError, match="at most 100"):
        moodle_csv(Book((), columns, {}))


@pytest.mark.parametrize(
    "header",
    [
        (
            "Identifier,Full name,Email address,Status,Grade,Maximum Grade,"
            "Last modified (grade),Feedback comments"
        ),
        "编号,全名,电子邮件地址,状态,成绩,最高分,最后修改（成绩）,反馈评论",
    ],
)
def test_moodles_worksheet_is_filled_in(header: str) -> None:
    """Only grades and comments change; who is not known is told, who is excused stays."""
    text = (
        f"\ufeff{header}\r\n"
        "Participant 1,Anna Meier,anna@example.org,Submitted,,10.00,-,\r\n"
        "Participant 2,Somebody,nobody@example.org,,3.00,10.00,-,\r\n"
        "Participant 3,Excused Person,free@example.org,,7.00,10.00,-,\r\n"
        "Participant 4,,wang@example.org,,,10.00,-,\r\n"
    )
    filled, unknown = filled_worksheet(text, book(), "ex01_add")
    rows = list(csv.reader(io.StringIO(filled, newline="")))
    assert rows[0] == header.split(",")
    assert [row[4] for row in rows[1:]] == ["0", "3.00", "7.00", "5"]
    assert [row[7] for row in rows[1:]] == ["'=1+1", "", "'=1+1", "'=1+1"]
    assert unknown == ["Participant 2"]
    assert [row[:4] for row in rows[1:]] == [row[:4] for row in csv.reader(io.StringIO(text[1:]))][
        1:
    ]


@pytest.mark.parametrize("text", ["", "a,b\r\n1,2\r\n", "Identifier,Name\r\n"])
def test_what_is_no_worksheet_is_refused(text: str) -> None:
    """With where to get one."""
    with pytest.raises(UserError, match="no grading worksheet"):
        filled_worksheet(text, book(), "ex01_add")


def test_nbgrader() -> None:
    """Its columns in its order; times in UTC; the penalty is what was taken off."""
    text = nbgrader_csv(book())
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert list(rows[0]) == [
        *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
        *("raw_score", "late_submission_penalty", "score", "max_score"),
    ]
    assert len(rows) == 2 * (len(NAMES) - 1)
    anna = rows[0]
    assert (anna["first_name"], anna["last_name"]) == ("Anna", "Meier")
    assert anna["duedate"] == "2026-11-30 22:59:00.000000"
    assert float(anna["raw_score"]) - float(anna["late_submission_penalty"]) == float(anna["score"])
    assert no_formula(text)


def test_our_own() -> None:
    """The total is of what counts; JSON has everything as it is."""
    text = book_csv(book())
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert rows[3]["name"] == NAMES["quote"]
    assert (rows[4]["total"], rows[4]["out_of"]) == ("7.5", "15")
    assert (rows[6]["ex01_add"], rows[6]["total"], rows[6]["out_of"]) == ("excused", "0", "0")
    assert no_formula(text)
    told = json.loads(book_json(book()))
    assert [student["name"] for student in told["students"]] == list(NAMES.values())
    assert told["students"][4]["scores"]["ex01_add"]["points"] == 5
    assert told["students"][6]["scores"]["ex01_add"]["excused"] is True
