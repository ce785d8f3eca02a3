"""A small course whose one exercise is sound, as `grade new` makes it; tests then break it."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.course import Course, find_course
from grader.course.scaffold import make_exercise


@pytest.fixture(name="course")
def _course(tmp_path: Path) -> Course:
    """Make the course; its exercise is ex01_double."""
    root = tmp_path / "course"
    (root / "exercises").mkdir(parents=True)
    (root / "solutions").mkdir()
    (root / "course.yaml").write_text("title: {en: Numbers, zh: 数}\n", "utf-8")
    course = find_course(root)
    make_exercise(course, "ex01_double", "Doubling")
    return course
