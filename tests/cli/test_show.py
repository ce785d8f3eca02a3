"""Tests of `grade show`."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Grade


def test_piped_it_is_the_markdown_itself(grade: Grade, course_root: Path) -> None:
    """The file's text comes out unchanged, in the language asked for."""
    folder = course_root / "exercises" / "ex02_mean"
    assert grade("show", "2").out == (folder / "README.md").read_text(encoding="utf-8")
    chinese = (folder / "README.zh.md").read_text(encoding="utf-8")
    assert grade("show", "mean", "--lang", "zh").out == chinese


def test_without_a_translation_the_other_language_is_shown(grade: Grade, course_root: Path) -> None:
    """A task in the wrong language helps more than none."""
    (course_root / "exercises" / "ex02_mean" / "README.zh.md").unlink()
    assert "The mean of each row" in grade("show", "2", "--lang", "zh").out


def test_without_any_text_the_user_is_told(grade: Grade, course_root: Path) -> None:
    """An exercise without README is one sentence and a next step."""
    for path in (course_root / "exercises" / "ex02_mean").glob("README*"):
        path.unlink()
    done = grade("show", "2")
    assert done.code == 2
    assert done.err.startswith("ex02_mean has no README.md.")


def test_the_exercise_must_be_named(grade: Grade) -> None:
    """A missing word is told in the chosen language."""
    done = grade("show", "--lang", "zh")
    assert done.code == 2
    assert done.err.startswith("缺少 EXERCISE。")
    assert "`grade show --help`" in done.err
