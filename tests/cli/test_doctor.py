"""Tests of `grade doctor`."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from tests.cli.conftest import Grade


def test_it_tells_what_is_here(grade: Grade, course_root: Path) -> None:
    """Versions, devices, isolation and course, each on a line; exit code 0."""
    done = grade("doctor")
    assert done.code == 0
    facts = {line.split()[0]: line for line in done.out.splitlines() if not line.startswith(" ")}
    assert version("torch") in facts["torch"]
    assert "cpu" in facts["Devices"]
    assert "Isolation" in facts
    assert str(course_root) in facts["Course"]
    assert "3 exercises" in facts["Course"]


def test_outside_a_course_it_says_so_and_goes_on(grade: Grade, tmp_path: Path) -> None:
    """A missing course is a fact like any other, told in Chinese when asked."""
    grade.folder = tmp_path
    done = grade("doctor", "--lang", "zh")
    assert done.code == 0
    assert "设备" in done.out
    assert "这里没有课程" in done.out


def test_torch_is_not_imported_by_the_command_itself(grade: Grade) -> None:
    """Devices are found out by another process."""
    done = grade("doctor", python=("-X", "importtime"))
    own = [line for line in done.err.splitlines() if line.startswith("import time:")]
    assert any("grader.judge.attempt" in line for line in own)
    assert not any(line.split("|")[-1].strip() == "torch" for line in own)
