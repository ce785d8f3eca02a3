"""Tests of completion in a shell."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Grade


def _complete(grade: Grade, words: str, index: int) -> list[str]:
    """Ask as the script in a bash does; return the completions."""
    grade.environment = {
        "_GRADE_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(index),
    }
    return [line.partition(",")[2] for line in grade().out.splitlines() if line]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_for_each_shell_says_how_to_install_it(grade: Grade, shell: str) -> None:
    """The script asks `grade` through its variable, and its last line tells the installation."""
    done = grade("completion", shell)
    assert done.code == 0
    assert f"_GRADE_COMPLETE={shell}_complete" in done.out
    assert done.out.splitlines()[-1].startswith("# To install: grade completion")


def test_an_unknown_shell_is_told_which_are_known(grade: Grade) -> None:
    """The sentence lists the shells."""
    done = grade("completion", "tcsh")
    assert done.code == 2
    assert "bash, zsh, fish" in done.err


def test_the_first_word_completes_to_exercises_and_commands(grade: Grade) -> None:
    """Both kinds of words are offered, and only those that fit."""
    assert {"ex01_add", "ex02_mean", "list", "show"} <= set(_complete(grade, "grade ", 1))
    assert _complete(grade, "grade ex02", 1) == ["ex02_mean"]


def test_commands_and_options_complete_too(grade: Grade) -> None:
    """An exercise after `show`, an option after the exercise."""
    assert _complete(grade, "grade show ex01", 2) == ["ex01_add"]
    assert _complete(grade, "grade ex01_add --dev", 2) == ["--device"]


def test_outside_a_course_there_is_nothing_to_offer(grade: Grade) -> None:
    """Completion never prints an error into the user's prompt."""
    grade.folder = grade.folder.parent
    assert _complete(grade, "grade show ", 2) == []
