"""Who a layout's person is, and who is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.batch.layouts import Person
from grader.batch.roster import read_roster
from grader.errors import UserError
from tests.batch.conftest import ADD, Class, found

_ROSTER = """id,name,email,section,canvas_id,group
anna,Anna Meier,anna@example.org,A,4711,1
ben,Ben Weiss,Ben@example.org,A,4712,1
zoe,Zoë Braun,zoe@example.org,B,4713,2
ben-2,Ben Weiss,,B,4714,2
"""


@pytest.mark.parametrize(
    ("person", "student"),
    [
        (Person("anna"), "anna"),
        (Person("ANNA"), "anna"),
        (Person("4711"), "anna"),
        (Person("x", email="ben@EXAMPLE.org"), "ben"),
        (Person("x", name="Anna Meier"), "anna"),
        (Person("x", name="Zoe\u0308 Braun"), "zoe"),
        (Person("x", name="Ben Weiss"), None),
        (Person("x", name="1"), None),
        (Person("homework-anna"), "anna"),
        (Person("homework-ben-2"), "ben-2"),
        (Person("hanna"), None),
    ],
)
def test_a_person_is_found(tmp_path: Path, person: Person, student: str | None) -> None:
    """By id, any column that tells, address, name; never where two could be meant."""
    path = tmp_path / "roster.csv"
    path.write_text(_ROSTER, "utf-8")
    found = read_roster(path).find(person)
    assert (found.id if found else None) == student


def test_further_columns_are_kept(tmp_path: Path) -> None:
    """With a mark at the start and semicolons, as spreadsheets write it."""
    path = tmp_path / "roster.csv"
    path.write_text("ID;Name;Seat\nanna;Anna;7\n\n", "utf-8-sig")
    (anna,) = read_roster(path).students
    assert (anna.id, anna.name, dict(anna.more or {})) == ("anna", "Anna", {"seat": "7"})


def test_who_is_missing_and_who_is_a_stranger(a_class: Class, tmp_path: Path) -> None:
    """Each student of the roster without a submission, each submission without a student."""
    path = tmp_path / "roster.csv"
    path.write_text(_ROSTER, "utf-8")
    handed = a_class.find(
        a_class.write({"anna/ex01_add.py": ADD, "eve/ex01_add.py": ADD, "zoe/ex01_add.zip": "x"}),
        "add",
        read_roster(path),
    )
    assert found(handed) == [("anna", "ex01_add"), ("eve", "ex01_add")]
    assert handed.strangers == ["eve"]
    # What cannot be read was handed in.
    assert [student.id for student, _ in handed.missing] == ["ben", "ben-2"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name\nAnna\n", "line 1: there is no column id"),
        ("id\nanna\nANNA\n", "line 3: ANNA is in line 2 too"),
        ("id,name\n,Anna\n", "line 2: the id is empty"),
    ],
)
def test_a_broken_roster_is_told_by_its_line(tmp_path: Path, text: str, said: str) -> None:
    """With the place and what to do."""
    path = tmp_path / "roster.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(UserError) as error:
        read_roster(path)
    assert said in error.value.message.en
