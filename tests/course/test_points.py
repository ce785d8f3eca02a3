"""Tests of counting points without importing checks."""

from __future__ import annotations

import shutil

import pytest

from grader.course import Course, points_of


def test_public_and_hidden_points_are_added(course: Course) -> None:
    """The whole course knows what an exercise is worth in all."""
    assert points_of(course.resolve("ex01_add")) == 6
    assert points_of(course.resolve("ex02_mean")) == 5


def test_a_students_copy_counts_the_public_points(course: Course) -> None:
    """Without solutions/ only the public checks count."""
    shutil.rmtree(course.root / "solutions")
    assert points_of(course.resolve("ex02_mean")) == 2.5


def test_only_decorators_count_and_nothing_runs(course: Course) -> None:
    """Other decorators, comments and calls are no checks, and the file is never executed."""
    ref = course.resolve("ex01_add")
    shutil.rmtree(course.root / "solutions")
    ref.public_checks.write_text(
        "raise SystemExit\n"
        "# @check(points=100)\n"
        "text = '@check(points=100)'\n"
        "@probe\n"
        "def helper(student): ...\n"
        "@checks.check(\n    hint='(points=9',\n    points=2.5,\n)\n"
        "@pytest.mark.filterwarnings('error')\n"
        "def test_a(): ...\n"
        "@check(zh='', points=1)\n"
        "def test_b(): ...\n",
        encoding="utf-8",
    )
    assert points_of(ref) == 3.5


@pytest.mark.parametrize("points", ["N", "[1]", "'x'", "1 +"])
def test_points_that_are_no_constant_are_unknown(course: Course, points: str) -> None:
    """What cannot be read as a number makes the sum unknown rather than wrong."""
    ref = course.resolve("ex01_add")
    ref.public_checks.write_text(f"@check(points={points})\ndef test(): ...\n", encoding="utf-8")
    assert points_of(ref) is None


def test_a_missing_check_file_makes_the_points_unknown(course: Course) -> None:
    """No test_public.py, no sum."""
    ref = course.resolve("ex01_add")
    ref.public_checks.unlink()
    assert points_of(ref) is None
