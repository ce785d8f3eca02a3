"""A course with timed tasks, and the way to grade a text by one of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.course import find_course, load_exercise
from grader.judge.attempt import Attempt, Options
from grader.judge.results import CheckResult
from grader.submission import read_submission

_YAML = """
title: {en: Rows, zh: 行}
topics: [x]
minutes: 5
limits: {request_seconds: 20, check_seconds: 20, submission_seconds: 300, memory_mb: 1024}
timed:
  - check: test_smooth_is_fast
    repeats: 7
    devices: [cpu, cuda]
    bands: [{within: 3, share: 1}, {within: 10, share: 0.5}]
  - check: test_total_grows_with_the_size
    sizes: [500, 1500, 4500]
    repeats: 5
    growth: 0.5
  - check: test_reported
    repeats: 5
"""
_CHECKS = '''
"""Timed checks."""
from grader.checks import assert_close, assert_equal, assert_tensor, check, probe

@probe
def smoothed(student, rows):
    """Call it."""
    return student.smooth(rows)

@check(points=4, zh="快。")
def test_smooth_is_fast(timed, rng):
    """It is about as fast as the reference."""
    for run in timed:
        rows = rng.randn(50, 1000)
        run.samples = len(rows)
        assert_tensor(run.submission.run(smoothed, rows), (rows[:-1] + rows[1:]) / 2)

@check(points=2, zh="线性。")
def test_total_grows_with_the_size(timed, rng):
    """Twice the numbers, twice the time."""
    for run in timed:
        numbers = [3] * run.size
        assert_equal(run.submission.total(numbers), sum(numbers))

@check(points=1, zh="报告。")
def test_reported(timed, rng):
    """Its time is told."""
    for run in timed:
        rows = rng.randn(3, 3)
        run.losses = {"one": [0.5, 0.25], "none": [float("nan")]}
        assert_tensor(run.submission.smooth(rows), (rows[:-1] + rows[1:]) / 2)
'''
REFERENCE = """
import torch

def smooth(rows):
    for _ in range(200):
        result = (rows[:-1] + rows[1:]) / 2
    return result

def total(numbers):
    result = 0
    for number in numbers:
        for _ in range(400):
            result += number
    return result // 400
"""
SLOW = REFERENCE.replace("range(200)", "range(10000)")
"""Right, and fifty times as slow."""

GradeTimed = Callable[..., CheckResult]


@pytest.fixture(scope="session", name="course")
def _course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the course."""
    root = tmp_path_factory.mktemp("timed")
    exercise, solution = (root / part / "ex01_rows" for part in ("exercises", "solutions"))
    for folder in (exercise, solution):
        folder.mkdir(parents=True)
    (root / "course.yaml").write_text("title: {en: T, zh: 时}\n", "utf-8")
    (exercise / "exercise.yaml").write_text(_YAML, "utf-8")
    (exercise / "ex01_rows.py").write_text("", "utf-8")
    (exercise / "test_public.py").write_text('"""None."""\n', "utf-8")
    (solution / "ex01_rows.py").write_text(REFERENCE, "utf-8")
    (solution / "test_hidden.py").write_text(_CHECKS, "utf-8")
    return root


@pytest.fixture(name="grade_timed")
def _grade_timed(course: Path, tmp_path: Path) -> GradeTimed:
    """Grade a text by one timed check, in a real sandbox."""

    def grade(
        text: str, check: str = "test_smooth_is_fast", *, device: str = "cpu", is_timed: bool = True
    ) -> CheckResult:
        file = tmp_path / "handed_in.py"
        file.write_text(text, "utf-8")
        exercise = load_exercise(find_course(course).resolve("ex01_rows"))
        submission = read_submission(file, exercise.entry)
        with Attempt() as attempt:
            options = Options(seed=1, select=check, device=device, is_timed=is_timed)
            result = attempt.grade(exercise, submission, options, lambda _: None, lambda _: None)
        assert result.problem is None, result.problem
        (found,) = result.checks
        return found

    return grade
