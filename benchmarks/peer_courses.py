"""The same small task as each grader wants it: one question, one check, one submission."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ANSWER = "import torch\n\n\ndef double(x):\n    return 2 * x\n"
_CHECK = "assert torch.equal(double(torch.arange(3)), torch.tensor([0, 2, 4]))\n"

_EXERCISE = """\
title:
  en: Doubling
  zh: 加倍
topics: [tensor-arithmetic]
minutes: 1
limits: {request_seconds: 60, check_seconds: 60, submission_seconds: 60, memory_mb: 1024}
preload: [torch]
"""
_GRADE_CHECK = '''\
import torch

from grader.checks import assert_tensor, check


@check(points=1, zh="double 把每个数乘以 2。")
def test_double(submission):
    """double multiplies every number by two."""
    assert_tensor(submission.double(torch.arange(3)), torch.tensor([0, 2, 4]))
'''
_OTTER_TEST = f"""\
OK_FORMAT = False
name = "q1"
points = 1
import torch
from otter.test_files import test_case


@test_case(points=1)
def test_double(double):
    {_CHECK}"""


@dataclass(frozen=True)
class Course:
    """A course on disk, and how to grade its one submission."""

    command: list[str]
    has_passed: Callable[[str], bool]
    """Whether the submission got its point, by what the command printed or wrote."""
    set_up: tuple[list[str], ...] = ()
    """Commands to run once."""
    finish: Callable[[], None] = lambda: None
    """What to do after them."""


CourseMaker = Callable[[Path], Course]


def make_grade_course(place: Path) -> Course:
    """Make a course of `grade` with one exercise."""
    folder = place / "exercises" / "ex01_double"
    folder.mkdir(parents=True)
    (place / "course.yaml").write_text("title: {en: Course, zh: 课程}\n", "utf-8")
    (folder / "exercise.yaml").write_text(_EXERCISE, "utf-8")
    (folder / "README.md").write_text("# Doubling\n", "utf-8")
    (folder / "README.zh.md").write_text("# 加倍\n", "utf-8")
    (folder / "ex01_double.py").write_text(
        "def double(x):\n    raise NotImplementedError\n", "utf-8"
    )
    (folder / "test_public.py").write_text(_GRADE_CHECK, "utf-8")
    _write_notebook(place / "ex01_double.ipynb", [(_ANSWER, {})])
    command = ["grade", "ex01_double", "ex01_double.ipynb", "--format", "json"]
    return Course(command, lambda said: json.loads(said)["score"] == 1)


def make_otter_course(place: Path) -> Course:
    """Make a configuration of otter-grader with one test."""
    (place / "tests").mkdir()
    (place / "tests" / "q1.py").write_text(_OTTER_TEST, "utf-8")
    _write_notebook(place / "submission.ipynb", [(_ANSWER, {})])

    def has_passed(_said: str) -> bool:
        tests = json.loads((place / "results.json").read_text("utf-8"))["tests"]
        return any(test["name"] == "q1" and test["score"] == 1 for test in tests)

    return Course(
        ["otter", "run", "-a", "autograder.zip", "submission.ipynb"],
        has_passed,
        (["otter", "generate", "-t", "tests", "-o", "autograder.zip"],),
    )


def make_nbgrader_course(place: Path) -> Course:
    """Make a course of nbgrader with one assignment, and one student's submission of it."""
    answer = f"### BEGIN SOLUTION\n{_ANSWER}### END SOLUTION\n"
    cells = [
        (answer, _cell("double", solution=True)),
        (_CHECK, {**_cell("test_double", solution=False), "points": 1}),
    ]
    source = place / "source" / "ps1" / "ps1.ipynb"
    _write_notebook(source, [(text, {"nbgrader": data}) for text, data in cells])
    (place / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'course'\n", "utf-8"
    )
    submitted = place / "submitted" / "student" / "ps1" / "ps1.ipynb"

    def hand_in() -> None:
        submitted.parent.mkdir(parents=True)
        submitted.write_bytes(source.read_bytes())

    def has_passed(_said: str) -> bool:
        graded = place / "autograded" / "student" / "ps1" / "ps1.ipynb"
        cells = json.loads(graded.read_text("utf-8"))["cells"]
        outputs = [output for cell in cells for output in cell.get("outputs", [])]
        was_run = all(cell["execution_count"] for cell in cells if cell["cell_type"] == "code")
        return was_run and not any(output["output_type"] == "error" for output in outputs)

    return Course(
        ["nbgrader", "autograde", "ps1", "--force"],
        has_passed,
        (["nbgrader", "generate_assignment", "ps1"],),
        hand_in,
    )


def _cell(name: str, *, solution: bool) -> dict[str, Any]:
    return {
        "grade_id": name,
        "grade": not solution,
        "solution": solution,
        "locked": not solution,
        "task": False,
        "schema_version": 3,
        "cell_type": "code",
    }


def _write_notebook(path: Path, cells: list[tuple[str, dict[str, Any]]]) -> None:

    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
        },
        "cells": [
            {
                "cell_type": "code",
                "id": f"cell-{number}",
                "metadata": metadata,
                "source": text,
                "execution_count": None,
                "outputs": [],
            }
            for number, (text, metadata) in enumerate(cells)
        ],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook), "utf-8")
