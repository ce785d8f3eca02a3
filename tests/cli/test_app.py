"""Tests of the command line as a whole: help, commands, language, no needless imports."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.course import find_course
from grader.course.scaffold import make_exercise
from tests.cli.conftest import Grade

_HEAVY = re.compile(r"\|\s*(torch|numpy|torchvision|pytest|jinja2|nbformat|rich)(\.|\s*$)")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("--version",),
        ("ex01_add", "--help"),
        ("list",),
        ("show", "ex01_add"),
        ("status",),
        ("new", "ex08_pool"),
        ("hint", "ex04_hinted"),
        ("completion", "bash"),
    ],
)
def test_commands_that_grade_nothing_import_nothing_heavy(
    grade: Grade, course_root: Path, arguments: tuple[str, ...]
) -> None:
    """Neither torch nor numpy nor anything else that is slow is imported."""
    make_exercise(find_course(course_root), "ex04_hinted", "With hints")
    done = grade(*arguments, python=("-X", "importtime"))
    assert done.code == 0
    assert "grader.cli.app" in done.err
    assert [line for line in done.err.splitlines() if _HEAVY.search(line)] == []


def test_version_is_one_line(grade: Grade) -> None:
    """`grade --version` prints name and version."""
    assert re.fullmatch(r"grade \d+\.\d+\.\d+\n", grade("--version").out)


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_shows_purpose_examples_commands_options(grade: Grade, option: str) -> None:
    """The page begins with what the command is for and with examples."""
    done = grade(option)
    headings = ["Grade PyTorch exercises", "Examples:", "Commands:", "Options for grading:"]
    places = [done.out.index(heading) for heading in headings]
    assert done.code == 0
    assert places == sorted(places)
    assert places[0] == 0
    words = ("list", "show", "hint", "status", "new", "doctor", "completion")
    for word in (*words, "--device", "--report", "--version"):
        assert word in done.out


@pytest.mark.parametrize(
    "command", ["list", "show", "hint", "status", "new", "doctor", "completion", "ex01_add"]
)
def test_every_command_has_a_page_with_examples(grade: Grade, command: str) -> None:
    """Each subcommand explains itself and has examples."""
    done = grade(command, "-h")
    assert done.code == 0
    assert done.out.index("Examples:") < done.out.index("Usage:") < done.out.index("Options:")
    assert max(map(len, done.out.splitlines())) <= 88


def test_grade_alone_shows_help_and_is_no_success(grade: Grade) -> None:
    """A script whose exercise name is empty must not take help for a passed exercise."""
    done = grade()
    assert done.code == 2
    assert "Examples:" in done.err
    assert done.out == ""


def test_options_may_stand_before_the_exercise(grade: Grade) -> None:
    """`grade --device cpu NAME` is about the exercise, as `grade NAME --device cpu` is."""
    done = grade("--device", "cpu", "ex99")
    assert done.code == 2
    assert "There is no exercise 'ex99'" in done.err


@pytest.mark.parametrize("arguments", [("--lang", "zh", "list"), ("list", "--lang", "zh")])
def test_the_language_may_be_chosen_before_and_after_the_command(
    grade: Grade, arguments: tuple[str, ...]
) -> None:
    """--lang counts wherever it stands."""
    assert "两个张量相加" in grade(*arguments).out


@pytest.mark.parametrize(
    ("environment", "title"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "两个张量相加"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}, "Add two tensors"),
        ({"LANG": "de_DE.UTF-8", "LC_MESSAGES": "zh_TW.UTF-8"}, "两个张量相加"),
        ({"LANG": ""}, "Add two tensors"),
    ],
)
def test_the_locale_chooses_the_language(
    grade: Grade, environment: dict[str, str], title: str
) -> None:
    """LC_ALL goes before LC_MESSAGES, and that before LANG; English is the default."""
    grade.environment = {**environment, "PYTHONUTF8": "1"}
    assert title in grade("list").out


def test_a_terminal_without_chinese_stops_nothing(grade: Grade) -> None:
    """Characters that the encoding lacks are escaped instead of raising."""
    grade.environment = {"PYTHONIOENCODING": "latin-1"}
    done = grade("list", "--lang", "zh")
    assert done.code == 0
    assert "\\u" in done.out
