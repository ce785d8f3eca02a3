"""Tests of `grade hint`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Grade

_HINTS = """\
hints:
  - for: add
    checks: [test_same_shape]
    steps:
      - {en: What is 1 + 2?, zh: 1 加 2 是多少？}
      - {en: Operators work on tensors., zh: 运算符也能用于张量。}
      - {en: a + ..., zh: a + ……}
  - for: Adder
    checks: [test_broadcast]
    steps:
      - {en: Which shapes?, zh: 哪些形状？}
      - {en: Broadcasting does it., zh: 广播会处理好。}
      - {en: the same line, zh: 还是那一行}
"""


@pytest.fixture(name="hints", autouse=True)
def _hints(course_root: Path) -> Path:
    path = course_root / "exercises" / "ex01_add" / "hints.yaml"
    path.write_text(_HINTS, encoding="utf-8")
    return path


def _remember(course_root: Path, **said: object) -> None:
    """Put progress of ex01_add where `grade` keeps it."""
    score = {"earned": 1, "max_points": 6}
    known = {"best": score, "last": score, "graded_at": "2026-11-21T10:00:00+00:00", **said}
    (course_root / ".grade").mkdir()
    data = {"format_version": 1, "exercises": {"ex01_add": known}}
    (course_root / ".grade" / "progress.json").write_text(json.dumps(data))


def test_one_hint_comes_after_the_other(grade: Grade) -> None:
    """Question, idea, nearly the line, each once; then kindly the last one again."""
    first = grade("hint", "1")
    assert (first.code, first.err) == (0, "")
    assert first.out.splitlines() == [
        "add, hint 1 of 3: a question",
        "  What is 1 + 2?",
        "",
        "Try it, then grade again: grade ex01_add",
        "Still stuck? The next hint: grade hint ex01_add add",
    ]
    assert "hint 2 of 3: the idea\n  Operators work on tensors." in grade("hint", "1", "add").out
    last = grade("hint", "1", "add").out
    assert "hint 3 of 3: nearly the line\n  a + ..." in last
    assert "This was the last hint." in last
    again = grade("hint", "1", "add").out
    assert again.startswith("You have seen every hint for add. Here is the last one again.\n")
    assert "  a + ...\n" in again


def test_before_any_grading_the_first_with_hints_left_is_next(
    grade: Grade, course_root: Path
) -> None:
    """What was shown is remembered, so that the next function has its turn."""
    _remember(course_root, best=None, last=None, graded_at="", hints={"add": 3})
    assert grade("hint", "1").out.startswith("Adder, hint 1 of 3: a question")


def test_the_hint_is_about_what_did_not_pass(grade: Grade, course_root: Path) -> None:
    """After a grading the first entry with such a check is chosen, and the check is named."""
    own_file = course_root / "exercises" / "ex01_add" / "ex01_add.py"
    own_file.write_text("def add(a, b):\n    return a + b if a.shape == b.shape else a\n")
    assert grade("1", "--seed", "3").code == 1
    told = grade("hint", "1").out
    assert told.startswith("Adder, hint 1 of 3: a question")
    assert "Not passed last time: Tensors of different shapes are broadcast." in told
    own_file.write_text("def add(a, b):\n    return a + b\n")
    assert grade("1", "-k", "broadcast").code == 0
    assert grade("hint", "1").out.startswith("Every public check passed last time.\n")


def test_what_has_no_hint_left_gives_way(grade: Grade, course_root: Path) -> None:
    """Of two that did not pass, the one with hints left is chosen; with none left the first."""
    failed = ["test_same_shape", "test_broadcast[2]"]
    _remember(course_root, not_passed=failed, hints={"add": 3, "Adder": 2})
    assert grade("hint", "1").out.startswith("Adder, hint 3 of 3")
    assert grade("hint", "1").out.startswith("You have seen every hint for add.")


def test_a_check_without_a_hint_is_told(grade: Grade, course_root: Path) -> None:
    """The names that have hints are offered instead."""
    _remember(course_root, not_passed=["test_of_old"])
    told = grade("hint", "1").out
    assert told.startswith("There is no hint about what did not pass last time.")
    assert "name one of add, Adder: grade hint ex01_add add" in told


def test_again_repeats_what_was_shown(grade: Grade, course_root: Path) -> None:
    """Nothing new is shown, and nothing is counted."""
    _remember(course_root, hints={"add": 2, "Adder": 1})
    steps = [line for line in grade("hint", "1", "--again").out.splitlines() if "hint" in line]
    assert [step.partition(":")[0] for step in steps] == [
        "add, hint 1 of 3",
        "add, hint 2 of 3",
        "Adder, hint 1 of 3",
    ]
    assert "Adder" not in grade("hint", "1", "add", "--again").out
    assert "hint 3 of 3" in grade("hint", "1", "add").out


def test_again_with_nothing_shown_says_how_to_begin(grade: Grade) -> None:
    """There is nothing to repeat yet."""
    told = grade("hint", "1", "ADDER", "--again")
    assert told.code == 0
    assert told.out.endswith("The first one: grade hint ex01_add ADDER\n")


@pytest.mark.parametrize("task", ["Adder", "adder", "ADDER", "dder"])
def test_a_task_may_be_written_in_any_case_or_in_part(grade: Grade, task: str) -> None:
    """Capital letters are easy to forget, and a part that only one name has is enough."""
    assert grade("hint", "1", task).out.startswith("Adder, hint 1 of 3")


@pytest.mark.parametrize(
    ("task", "step"),
    [
        ("ad", "Did you mean add?"),
        ("addder", "Did you mean Adder or add?"),
        ("\x1b[2J", "There are hints for add, Adder."),
    ],
)
def test_an_unknown_task_is_met_with_near_names(grade: Grade, task: str, step: str) -> None:
    """One sentence, one step, and nothing that acts on the terminal."""
    done = grade("hint", "1", task)
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[1:] == [step]
    assert "\x1b" not in done.err


def test_in_chinese(grade: Grade) -> None:
    """The hint and all around it."""
    told = grade("hint", "1", "--lang", "zh").out
    assert told.startswith("add，第 1 条提示，共 3 条：一个问题\n  1 加 2 是多少？\n")


def test_long_hints_are_wrapped_and_lines_are_kept(grade: Grade, hints: Path) -> None:
    """No line is wider than a page, and a line of code stays a line with its indentation."""
    long = "{en: " + "word " * 40 + ", zh: 长}"
    code = '{en: "for i in x:\\n    f(i)", zh: x}'
    text = _HINTS.replace("{en: What is 1 + 2?, zh: 1 加 2 是多少？}", long)
    hints.write_text(
        text.replace("{en: Operators work on tensors., zh: 运算符也能用于张量。}", code)
    )
    assert max(map(len, grade("hint", "1").out.splitlines())) <= 88
    assert "\n  for i in x:\n      f(i)\n" in grade("hint", "1").out


def test_a_hint_that_cannot_be_remembered_is_shown_all_the_same(
    grade: Grade, course_root: Path
) -> None:
    """The student is told why the same one comes next time."""
    (course_root / ".grade").touch()
    done = grade("hint", "1")
    assert done.code == 0
    assert "What is 1 + 2?" in done.out
    assert "could not be saved in .grade" in done.out


def test_an_exercise_without_hints_says_so(grade: Grade) -> None:
    """One clear sentence, and what helps instead."""
    done = grade("hint", "2")
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines() == [
        "ex02_mean has no hints.",
        "`grade show ex02_mean` tells the task, `grade ex02_mean` what is wrong.",
    ]


def test_a_mistake_in_the_file_is_told_with_its_line(grade: Grade, hints: Path) -> None:
    """As for exercise.yaml."""
    hints.write_text(_HINTS.replace("for: Adder", "four: Adder"))
    done = grade("hint", "1")
    assert done.code == 2
    assert "hints.yaml:8" in done.err
