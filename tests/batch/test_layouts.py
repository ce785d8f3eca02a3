"""Whose files are whose, in every layout, as a folder and as a zip; nothing vanishes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.batch.handed_in import handed_in
from grader.batch.mapping import mapped_parts
from grader.batch.roster import read_roster
from grader.errors import UserError
from tests.batch.conftest import ADD, Class, found, notes

_GRADESCOPE = """
submission_11:
  :submitters:
  - :name: Anna Meier
    :sid: anna
    :email: anna@example.org
  - :name: Ben Weiss
    :sid: ben
  :created_at: 2026-01-02 03:04:05 Z
submission_12:
  :submitters:
  - :name: 王芳
    :sid:
"""

LAYOUTS = {
    "folders": {
        "anna/ex01_add.py": ADD,
        "ben/week 1/EX01_ADD (2).py": ADD,
        "王芳/ex01_add.py": ADD,
    },
    "clones": {
        f"ex-{name}/{path}": text
        for name in ("anna", "ben", "王芳")
        for path, text in {
            "README.md": "",
            "exercises/ex01_add/ex01_add.py": ADD,
            "old/ex01_add.py": "x = 1",
        }.items()
    },
    "canvas": {
        "meieranna_4711_98765_ex01_add.py": ADD,
        "weissben_LATE_4712_98766_ex01_add-1.py": ADD,
        "王芳_4713_98767_ex01_add.py": ADD,
    },
    "moodle": {
        "Anna Meier_4711_assignsubmission_file/ex01_add.py": ADD,
        "Ben Weiss_4712_assignsubmission_file_ex01_add.py": ADD,
        "王芳_4713_assignsubmission_file_/ex01_add.py": ADD,
    },
    "gradescope": {
        "submission_metadata.yml": _GRADESCOPE,
        "submission_11/ex01_add.py": ADD,
        "submission_12/ex01_add.py": ADD,
    },
}
STUDENTS = {
    "folders": ["anna", "ben", "王芳"],
    "clones": ["ex-anna", "ex-ben", "ex-王芳"],
    "canvas": ["4711", "4712", "4713"],
    "moodle": ["4711", "4712", "4713"],
    "gradescope": ["anna", "ben", "王芳"],
}


@pytest.mark.parametrize("packed", ["folder", "zip"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_student_is_found(a_class: Class, layout: str, packed: str) -> None:
    """Every layout, as a folder and as a zip: one submission for each of three students."""
    files = LAYOUTS[layout]
    path = a_class.write(files) if packed == "folder" else a_class.zip(files)
    handed = a_class.find(path)
    assert found(handed) == [(student, "ex01_add") for student in STUDENTS[layout]]
    assert handed.notes == []
    assert handed.layout == ("folders" if layout == "clones" else layout)
    assert handed.found[0].read().files["ex01_add.py"] == ADD.encode()


@pytest.mark.parametrize("layout", ["canvas", "moodle", "gradescope"])
def test_a_folder_around_a_platforms_files(a_class: Class, layout: str) -> None:
    """As Gradescope's export has it, and whoever packs a download again."""
    files = {f"assignment_1/{name}": text for name, text in LAYOUTS[layout].items()}
    handed = a_class.find(a_class.zip(files))
    assert found(handed) == [(student, "ex01_add") for student in STUDENTS[layout]]


def test_canvas_marks_who_is_late(a_class: Class) -> None:
    """The late marker of a file's name is that of its student."""
    handed = a_class.find(a_class.write(LAYOUTS["canvas"]))
    assert [each.student for each in handed.found if each.is_late] == ["4712"]


def test_a_student_may_hand_in_a_zip(a_class: Class) -> None:
    """As the student's whole folder, and within it."""
    inner = a_class.zip({"work/ex01_add.py": ADD}).read_bytes()
    (a_class.root / "submissions.zip").unlink()
    handed = a_class.find(a_class.write({"anna.zip": inner, "ben/ex01_add.zip": inner}))
    assert found(handed) == [("anna", "ex01_add"), ("ben", "ex01_add")]
    assert handed.found[1].read().files == {"ex01_add.py": ADD.encode()}


@pytest.mark.parametrize("exercises", ["add", "add mean line"])
def test_one_zip_may_hold_everything(a_class: Class, exercises: str) -> None:
    """As students upload to Canvas, whatever they call it."""
    inner = a_class.zip({"work/ex01_add.py": ADD, "work/ex02_mean.py": "x = 1"}).read_bytes()
    (a_class.root / "submissions.zip").unlink()
    path = a_class.write({"meieranna_4711_98765_homework.zip": inner})
    handed = a_class.find(path, exercises)
    assert found(handed)[0] == ("4711", "ex01_add")
    assert handed.found[0].read().files["ex01_add.py"] == ADD.encode()
    assert len(handed.found) == len(exercises.split()[:2])


def test_everything_else_is_named(a_class: Class) -> None:
    """What is nobody's, broken, ambiguous, untouched or of no exercise: each with its reason."""
    stub = (a_class.course.resolve("add").stub).read_bytes()
    handed = a_class.find(
        a_class.write(
            {
                "notes.txt": "for everybody",
                "anna/ex01_add.py": stub.replace(b"\n", b"\r\n"),
                "ben/a/ex01_add.py": ADD,
                "ben/b/ex01_add.py": ADD,
                "carl/ex01_add.zip": b"PK no zip",
                "dora/homework.py": ADD,
                "emil.zip": b"",
                "fay/ex01_add.py": b"#" * (1 << 21),
            }
        )
    )
    assert found(handed) == []
    assert sorted(notes(handed)) == [
        ("ambiguous", "ben"),
        ("no_exercise", "dora"),
        ("nobodys", "notes.txt"),
        ("unreadable", "carl"),
        ("unreadable", "emil"),
        ("unreadable", "fay"),
        ("untouched", "anna"),
    ]


def test_a_single_file_is_the_exercise_that_is_asked_for(a_class: Class) -> None:
    """With one exercise, whatever it is called; with several, its name has to tell."""
    path = a_class.write({"dora/homework.py": ADD})
    assert found(a_class.find(path, "add")) == [("dora", "ex01_add")]
    assert found(a_class.find(path, "add mean")) == []


@pytest.mark.parametrize(
    "again", ["meieranna_4711_1_ex01_add-1.py", "meieranna_4711_2_ex01_add.py"]
)
def test_two_files_of_one_upload_are_ambiguous(a_class: Class, again: str) -> None:
    """Canvas has renamed one of them, and nobody knows which is meant."""
    files = {"meieranna_4711_1_ex01_add.py": ADD, again: ADD}
    assert notes(a_class.find(a_class.write(files))) == [("ambiguous", "4711")]


def test_a_student_in_two_places(a_class: Class, tmp_path: Path) -> None:
    """Two equal copies are one submission; two different ones are ambiguous, and both are named."""
    (tmp_path / "roster.csv").write_text("id,number\nanna,4711\n", "utf-8")
    roster = read_roster(tmp_path / "roster.csv")
    path = a_class.write({"anna/ex01_add.py": ADD, "4711/ex01_add.py": ADD})
    assert found(a_class.find(path, "add", roster)) == [("anna", "ex01_add")]
    a_class.write({"4711/ex01_add.py": ADD + "# better"})
    assert notes(a_class.find(path, "add", roster)) == [("ambiguous", "anna")] * 2


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links here")
def test_links_are_refused(a_class: Class, tmp_path: Path) -> None:
    """A link out of a student's folder, and a folder that is one."""
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "ex01_add.py").write_text("KEY = 1")
    root = a_class.write({"anna/ex02_mean.py": "x"})
    (root / "anna" / "ex01_add.py").symlink_to(secret / "ex01_add.py")
    (root / "ben").symlink_to(secret)
    handed = a_class.find(root)
    assert ("anna", "ex01_add") not in found(handed)
    assert {(note.why, note.student or note.place) for note in handed.notes} == {
        ("unreadable", "anna"),
        ("nobodys", "ben"),
    }


@pytest.mark.parametrize(
    "name",
    ["../evil/ex01_add.py", "/etc/ex01_add.py", "anna/../../ex01_add.py", "C:/x/ex01_add.py"],
)
def test_names_that_leave_the_zip_cost_their_owner_alone(a_class: Class, name: str) -> None:
    """Nothing is read of such a member, and the others are found."""
    handed = a_class.find(a_class.zip({"ben/ex01_add.py": ADD, name: ADD, "carl/a.txt": ""}))
    assert ("ben", "ex01_add") in found(handed)
    assert [each for each in found(handed) if each[0] != "ben"] == []
    assert len(handed.notes) == 2


@pytest.mark.parametrize("label", ["a" * 65, "x\u202ey", "a\\b", "nul\x07"])
def test_hostile_ids_are_no_students(a_class: Class, label: str) -> None:
    """Too long, turned around, or with characters that no name has."""
    handed = a_class.find(a_class.zip({"ben/ex01_add.py": ADD, f"{label}/ex01_add.py": ADD}))
    assert found(handed) == [("ben", "ex01_add")]
    assert [why for why, _ in notes(handed)] == ["unreadable"]


def test_a_mapping_names_everything(a_class: Class) -> None:
    """Files, folders and zips by path, with the exercise and the late marker."""
    a_class.write({"odd name.py": ADD, "ben/ex01_add.py": ADD, "ben/ex02_mean.py": "x = 1"})
    table = a_class.root / "mapping.csv"
    table.write_text(
        "Student;Exercise;Path;Late\nanna;1;odd name.py;yes\nben;ex02_mean;ben;\n", "utf-8-sig"
    )
    handed = handed_in(mapped_parts(table, a_class.course), a_class.course.exercises(), roster=None)
    assert [(each.student, each.exercise, each.is_late) for each in handed.found] == [
        ("anna", "ex01_add", True),
        ("ben", "ex02_mean", False),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("student,path\nanna,gone.py\n", "line 2: there is no gone.py"),
        ("student,file\nanna,x\n", "line 1: there is no column path"),
        ("student,path,late\nanna,.,maybe\n", "line 2: late is neither"),
        ("student,path,exercise\nanna,.,ex99\n", "line 2:"),
        ('student,path\nanna,"x\n', "line 2:"),
        ("student,path\n\xe9,x\n", "line 2: this is not UTF-8"),
    ],
)
def test_a_broken_mapping_is_told_by_its_line(a_class: Class, text: str, said: str) -> None:
    """With the place, and nothing is looked for."""
    table = a_class.root / "mapping.csv"
    table.write_bytes(text.encode("latin-1"))
    with pytest.raises(UserError) as error:
        mapped_parts(table, a_class.course)
    assert said in error.value.message.en
