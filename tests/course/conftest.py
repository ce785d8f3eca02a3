"""What the tests of the course share."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.course import Course, Exercise, find_course, load_exercise

_FAKE_COURSE = Path(__file__).parent.parent / "fake_course"


@pytest.fixture(name="course")
def _course(tmp_path: Path) -> Course:
    """Copy the fake course, so that a test may change it."""
    shutil.copytree(_FAKE_COURSE, tmp_path / "course")
    return find_course(tmp_path / "course")


@pytest.fixture(name="load")
def _load(course: Course) -> Callable[[str], Exercise]:
    """Load ex01_add with another exercise.yaml."""

    def load(text: str) -> Exercise:
        ref = course.resolve("ex01_add")
        (ref.folder / "exercise.yaml").write_text(text, encoding="utf-8")
        return load_exercise(ref)

    return load
