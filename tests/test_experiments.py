"""The small course of tests/experiments: gradients, training and files through the checks API.

What it showed is in docs/decisions.md. Every run is the real command, on a copy of the course.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

_COURSE = Path(__file__).parent / "experiments"
_EXERCISES = sorted(path.name for path in (_COURSE / "exercises").iterdir())
_WRONG = sorted(
    (path.parent.parent.name, path.stem) for path in _COURSE.glob("solutions/*/wrong/*.py")
)
_SEEDS = (1, 2, 3)
_TIMEOUT = 300.0


@dataclass(frozen=True)
class _Outcome:
    """What one run of the command said."""

    code: int
    score: float
    verdicts: dict[str, str]

    @property
    def not_passed(self) -> dict[str, str]:
        """The verdicts of the checks that did not pass."""
        return {name: verdict for name, verdict in self.verdicts.items() if verdict != "passed"}


@pytest.fixture(scope="session", name="course")
def _course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the course, once for all tests of a process; a run changes nothing in it."""
    folder = tmp_path_factory.mktemp("experiments") / "course"
    shutil.copytree(_COURSE, folder, ignore=shutil.ignore_patterns("conftest.py", "__pycache__"))
    return folder


def test_every_check_has_a_wrong_solution(course: Path) -> None:
    """Each wrong solution is promised an outcome, and each check is the aim of one of them."""
    for exercise in _EXERCISES:
        promises = _promises(exercise)
        assert sorted(promises) == [name for owner, name in _WRONG if owner == exercise]
        texts = [
            (course / half / exercise / name).read_text("utf-8")
            for half, name in (("exercises", "test_public.py"), ("solutions", "test_hidden.py"))
        ]
        checks = {
            line.removeprefix("def ").split("(")[0]
            for text in texts
            for line in text.splitlines()
            if line.startswith("def test_")
        }
        assert checks == {check for promise in promises.values() for check in promise}


@pytest.mark.parametrize("seed", _SEEDS)
@pytest.mark.parametrize("exercise", _EXERCISES)
def test_reference_passes(exercise: str, seed: int, course: Path, tmp_path: Path) -> None:
    """The reference passes every check, whatever the seed."""
    outcome = _grade(course, exercise, f"solutions/{exercise}/{exercise}.py", seed, tmp_path)
    assert outcome.not_passed == {}
    assert outcome.verdicts
    assert outcome.code == 0


@pytest.mark.parametrize("exercise", _EXERCISES)
def test_stub_earns_nothing(exercise: str, course: Path, tmp_path: Path) -> None:
    """The stub passes no check and gets 0 points."""
    outcome = _grade(course, exercise, f"exercises/{exercise}/{exercise}.py", 1, tmp_path)
    assert set(outcome.verdicts.values()) == {"crashed"}
    assert (outcome.score, outcome.code) == (0, 1)


@pytest.mark.parametrize(("exercise", "name"), _WRONG)
def test_wrong_solution_is_caught(exercise: str, name: str, course: Path, tmp_path: Path) -> None:
    """A wrong solution fails exactly the checks that are promised, and no other."""
    outcome = _grade(course, exercise, f"solutions/{exercise}/wrong/{name}.py", 1, tmp_path)
    assert outcome.not_passed == _promises(exercise)[name]
    assert outcome.code == 1


def _promises(exercise: str) -> dict[str, dict[str, str]]:
    """Read what becomes of each wrong solution: the checks that do not pass, with verdicts."""
    path = _COURSE / "solutions" / exercise / "expected.yaml"
    said = yaml.safe_load(path.read_text("utf-8"))["wrong"]
    return {name: promise["not_passed"] for name, promise in said.items()}


def _grade(course: Path, exercise: str, path: str, seed: int, state: Path) -> _Outcome:
    words = [sys.executable, "-m", "grader.cli", exercise, path]
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(state),
        "GRADE_STATE_DIR": str(state),
        "LANG": "C.UTF-8",
    }
    done = subprocess.run(
        [*words, "--format", "json", "--seed", str(seed), "--device", "cpu"],
        cwd=course,
        env=environment,
        capture_output=True,
        check=False,
        timeout=_TIMEOUT,
    )
    assert done.stdout, done.stderr.decode()
    report = json.loads(done.stdout)
    verdicts = {check["name"]: check["verdict"] for check in report["checks"]}
    return _Outcome(done.returncode, report["score"], verdicts)
