"""What the tests of `grade verify` share."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.course import Course
from tests.authors import sound_course


@pytest.fixture(name="course")
def _course(tmp_path: Path) -> Course:
    """Make a course that is sound; its exercise is ex01_double."""
    return sound_course(tmp_path / "course")
