"""Tests of reading hints.yaml, and of the hints of the course itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.course import Course, ExerciseRef, Hints, find_course, load_hints, public_sentences
from grader.errors import UserError
from grader.text import LANGS, Text

_GOOD = """\
hints:
  - for: add
    checks: [test_same_shape, test_broadcast]
    steps:
      - {en: Which?, zh: 哪个？}
      - {en: The idea., zh: 思路。}
      - {en: a + ..., zh: a + ...}
"""
_COURSE = find_course(Path(__file__).parents[2])
_HINTED = [ref for ref in _COURSE.exercises() if ref.hints.is_file()]


@pytest.fixture(name="load")
def _load(course: Course) -> Callable[[str], tuple[Hints, ...]]:
    def load(text: str) -> tuple[Hints, ...]:
        ref = course.resolve("ex01_add")
        ref.hints.write_text(text, encoding="utf-8")
        return load_hints(ref)

    return load


def test_hints_are_read_in_order(load: Callable[[str], tuple[Hints, ...]]) -> None:
    """Each entry has its name, its checks and three steps in both languages."""
    steps = (Text("Which?", "哪个？"), Text("The idea.", "思路。"), Text("a + ...", "a + ..."))
    assert load(_GOOD) == (Hints("add", ("test_same_shape", "test_broadcast"), steps),)


def test_a_line_break_in_chinese_is_no_space(load: Callable[[str], tuple[Hints, ...]]) -> None:
    """YAML folds lines with a space, which belongs between Latin words alone."""
    folded = "zh: >-\n          先看\n          形状，\n          `a` 和\n          b。"
    (hints,) = load(_GOOD.replace("{en: Which?, zh: 哪个？}", f"en: Which?\n        {folded}"))
    assert hints.steps[0].zh == "先看形状，`a` 和 b。"


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        (_GOOD, "{}", 1, "'hints' is missing"),
        (_GOOD, "hints: []", 1, "'hints' must not be empty"),
        (_GOOD, "hints: 3", 1, "'hints' must be a list"),
        ("hints:", "hint:", 1, "did you mean 'hints'"),
        ("    checks", "    check", 3, "did you mean 'checks'"),
        ("for: add", "for: 3", 2, "'for' must be text"),
        ("test_broadcast", "test_brodcast", 3, "did you mean 'test_broadcast'"),
        ("[test_same_shape, test_broadcast]", "[]", 3, "'checks' must not be empty"),
        ("      - {en: The idea., zh: 思路。}\n", "", 5, "'steps' must be 3"),
        ("en: The idea., ", "", 6, "'en' is missing"),
        ("en: The idea.", "de: Die Idee.", 6, "unknown key 'de'"),
        (_GOOD, _GOOD + _GOOD.removeprefix("hints:\n"), 8, "'add' has hints already"),
    ],
)
def test_a_mistake_is_told_with_its_line(
    load: Callable[[str], tuple[Hints, ...]], old: str, new: str, line: int, message: str
) -> None:
    """Everything is read strictly, so that a typing error of an author never hides a hint."""
    with pytest.raises(UserError) as caught:
        load(_GOOD.replace(old, new))
    assert f"hints.yaml:{line}: " in caught.value.message.en
    assert message in caught.value.message.en


def test_an_exercise_without_hints_says_so(course: Course) -> None:
    """One sentence with the name, and what helps instead."""
    with pytest.raises(UserError, match="ex01_add has no hints") as caught:
        load_hints(course.resolve("ex01_add"))
    assert caught.value.next_step is not None


@pytest.mark.parametrize("ref", _HINTED, ids=lambda ref: ref.name)
def test_the_hints_of_the_course_leave_no_public_check_alone(ref: ExerciseRef) -> None:
    """Each public check is listed, and each entry names something that the task asks for."""
    entries = load_hints(ref)
    assert set(public_sentences(ref)) == {check for hints in entries for check in hints.checks}
    nodes = [node for path in ref.stub_files for node in ast.parse(path.read_bytes()).body]
    defined = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    assert {hints.name for hints in entries} <= defined
    questions = [hints.steps[0][lang] for hints in entries for lang in LANGS]
    assert [text for text in questions if not re.search("[?？]", text)] == []


def test_the_model_exercise_has_hints() -> None:
    """ex07_conv is the one that authors read beside the guide."""
    assert "ex07_conv" in [ref.name for ref in _HINTED]
