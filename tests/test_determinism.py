"""The same submission and seed give the same result; other seeds give the same verdicts."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

_FAKE_COURSE = Path(__file__).parent / "fake_course"

# Right for square inputs only, and its error message and its output hold numbers.
_WRONG = """
import torch


def add(a, b):
    print(a, torch.rand(2))
    return (a + b).T.reshape(a.shape) if a.shape == b.shape else a * torch.randn(()) + b
"""


@pytest.fixture(name="course")
def _course(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("conftest.py", "__pycache__")
    return Path(shutil.copytree(_FAKE_COURSE, tmp_path / "course", ignore=ignored))


def _grade(course: Path, path: Path, seed: int) -> dict[str, Any]:
    """Grade and return the JSON report without what a clock has said."""
    options = ["--format", "json", "--seed", str(seed)]
    done = subprocess.run(
        [sys.executable, "-m", "grader.cli", "ex01_add", str(path), *options],
        cwd=course,
        env={"PATH": os.environ["PATH"], "HOME": str(course), "GRADE_STATE_DIR": str(course)},
        capture_output=True,
        check=False,
        timeout=300,
    )
    assert done.returncode in (0, 1), done.stderr.decode()
    result: dict[str, Any] = json.loads(done.stdout)
    for part in (result, *result["checks"]):
        del part["seconds"]
    del result["started_at"]
    return result


def _verdicts(result: dict[str, Any]) -> dict[str, str]:
    return {check["name"]: check["verdict"] for check in result["checks"]}


def test_one_seed_gives_one_result(course: Path) -> None:
    """Three runs agree in every cause, every number and every printed word."""
    path = course / "ex01_add.py"
    path.write_text(_WRONG)
    first, second, third = (_grade(course, path, seed=20) for _ in range(3))
    assert first["checks"][1]["causes"][0]["data"]["worst"] > 0
    assert "tensor(" in first["checks"][0]["output"]
    assert first == second == third


@pytest.mark.parametrize("seed", [1, 2**62 - 1])
def test_the_reference_passes_with_every_seed(course: Path, seed: int) -> None:
    """No seed makes a check fail the reference."""
    result = _grade(course, course / "solutions" / "ex01_add" / "ex01_add.py", seed)
    assert result["conditions"]["seed"] == seed
    assert set(_verdicts(result).values()) == {"passed"}


def test_another_seed_gives_other_inputs_and_the_same_verdicts(course: Path) -> None:
    """A wrong solution fails the same checks with other numbers."""
    path = course / "ex01_add.py"
    path.write_text(_WRONG)
    one, other = (_grade(course, path, seed) for seed in (1, 2))
    assert _verdicts(one) == _verdicts(other)
    assert set(_verdicts(one).values()) == {"passed", "failed"}
    assert one["checks"][1]["causes"] != other["checks"][1]["causes"]
