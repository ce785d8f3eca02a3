"""Tests of finding a course and its exercises."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader.course import Course, ExerciseRef, find_course
from grader.errors import UserError
from grader.text import Text


def test_a_course_is_found_from_a_folder_within_it(course: Course) -> None:
    """Any folder of a course leads to its root."""
    assert find_course(course.root / "exercises" / "ex01_add") == course


def test_no_course_is_an_error_with_a_next_step(tmp_path: Path) -> None:
    """Outside a course the user is told what to do."""
    with pytest.raises(UserError, match=r"course\.yaml") as caught:
        find_course(tmp_path)
    assert caught.value.next_step is not None


def test_a_course_needs_both_the_file_and_the_folder(course: Course) -> None:
    """A course.yaml without exercises/ makes no course."""
    shutil.rmtree(course.root / "exercises")
    with pytest.raises(UserError):
        find_course(course.root)


def test_the_title_comes_from_course_yaml(course: Course) -> None:
    """The title is there in both languages."""
    assert course.title() == Text("A tiny course", "小课程")


def test_exercises_are_sorted_by_number_and_other_folders_left_out(course: Course) -> None:
    """Order comes from the number in the name; ex100 stands behind ex99."""
    for name in ("ex100_late", "ex99_early", "__pycache__", "notes", "ex3_short", "ex04_No"):
        (course.root / "exercises" / name).mkdir()
    (course.root / "exercises" / "ex05_file").touch()
    names = [ref.name for ref in course.exercises()]
    assert names == ["ex01_add", "ex02_mean", "ex03_line", "ex99_early", "ex100_late"]


def test_a_ref_knows_the_layout(course: Course) -> None:
    """Every path of an exercise exists in the complete course."""
    ref = course.resolve("ex01_add")
    assert ref.entry == "ex01_add.py"
    assert ref.course_root == course.root
    for path in (ref.stub, ref.public_checks, ref.reference, ref.readme("en"), ref.readme("zh")):
        assert path.is_file()
    assert ref.hidden_checks == course.root / "solutions" / "ex01_add" / "test_hidden.py"


def test_a_students_copy_has_no_hidden_checks(course: Course) -> None:
    """Without solutions/ there are no hidden checks, and that is no error."""
    shutil.rmtree(course.root / "solutions")
    assert course.resolve("ex01_add").hidden_checks is None


def test_a_dot_means_the_exercise_of_this_folder(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within an exercise's folder, `.` names it."""
    monkeypatch.chdir(course.root / "exercises" / "ex02_mean")
    assert course.resolve(".") == ExerciseRef(course.root / "exercises" / "ex02_mean")
