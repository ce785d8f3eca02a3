"""What the tests of the command line share: the real command, on copies of the fake course."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

_FAKE_COURSE = Path(__file__).parent.parent / "fake_course"


@dataclass
class Grade:
    """The command `grade`, run in a folder with an environment of its own."""

    folder: Path
    state: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str, python: tuple[str, ...] = ()) -> Done:
        """Run it to its end with nothing attached to a terminal."""
        done = subprocess.run(
            self.command(*arguments, python=python),
            cwd=self.folder,
            env=self.env(),
            capture_output=True,
            check=False,
            timeout=120,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    def command(self, *arguments: str, python: tuple[str, ...] = ()) -> list[str]:
        """Return the words of the command, with options for Python itself."""
        return [sys.executable, *python, "-m", "grader.cli", *arguments]

    def env(self) -> dict[str, str]:
        """Return an environment in which nothing of the tester's own shows."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.state),
            "LANG": "C.UTF-8",
            "GRADE_STATE_DIR": str(self.state),
            **self.environment,
        }


@dataclass(frozen=True)
class Done:
    """What a finished command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture(name="course_root")
def _course_root(tmp_path: Path) -> Path:
    """Copy the fake course, so that a test may change it."""
    ignored = shutil.ignore_patterns("conftest.py", "__pycache__")
    return Path(shutil.copytree(_FAKE_COURSE, tmp_path / "course", ignore=ignored))


@pytest.fixture(name="grade")
def _grade(course_root: Path, tmp_path: Path) -> Grade:
    """Give the command, run at the root of the fake course."""
    return Grade(course_root, tmp_path / "state")


@pytest.fixture(name="handed_in")
def _handed_in(grade: Grade) -> Path:
    """Give the folder for a class's files."""
    folder = grade.folder / "handed_in"
    folder.mkdir()
    return folder
