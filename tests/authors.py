"""A small course whose one exercise is sound, as `grade new` makes it; tests then break it."""

from __future__ import annotations

from pathlib import Path

from grader.course import Course, find_course
from grader.course.scaffold import make_exercise


def sound_course(root: Path) -> Course:
    """Make the course in a new folder; its exercise is ex01_double."""
    (root / "exercises").mkdir(parents=True)
    (root / "solutions").mkdir()
    (root / "course.yaml").write_text("title: {en: Numbers, zh: 数}\n", "utf-8")
    course = find_course(root)
    make_exercise(course, "ex01_double", "Doubling")
    return course


def replace_in(path: Path, old: str, new: str) -> None:
    """Change a text that has to be there."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
