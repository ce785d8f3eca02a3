"""One assignment with four checks, as each grader wants it, and how to have it grade a class.

The checks are those of benchmarks/conv_course; plain_checks.py has them without `grade`.
"""

from __future__ import annotations

import ast
import csv
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from xml.etree import ElementTree as ET

from benchmarks.class_grading import Grading
from benchmarks.course import CONV_COURSE
from benchmarks.synthetic_class import Work, notebook
from benchmarks.watched import CannotRunError, Ran, run

_EXERCISE = "ex01_conv"
_CHECKS = CONV_COURSE / "plain_checks.py"
_REFERENCE = CONV_COURSE / "solutions" / _EXERCISE / f"{_EXERCISE}.py"
_NBGRADER_CONFIG = """\
c = get_config()
c.CourseDirectory.course_id = "course"
c.ExecutePreprocessor.timeout = 300
"""
_OTTER_CLASS = """\
import json
from pathlib import Path

from otter.api import grade_submission

scores = {
    path.stem: grade_submission(str(path), "autograder.zip", quiet=True).total
    for path in sorted(Path("submissions").glob("*.ipynb"))
}
Path("scores.json").write_text(json.dumps(scores))
"""
_FIXTURE = """\
import ex01_conv
import pytest


@pytest.fixture
def conv():
    return ex01_conv.conv


"""
_SOME_FAILED = 1


@dataclass(frozen=True)
class Tools:
    """The environment in which a grader is installed."""

    binaries: Path
    variables: dict[str, str] = field(default_factory=dict)

    def run(
        self,
        place: Path,
        *words: str,
        look_every: float | None = None,
        may_end_with: tuple[int, ...] = (0,),
    ) -> Ran:
        """Run one of its commands; raises CannotRunError."""
        path = f"{self.binaries}{os.pathsep}{os.environ.get('PATH', '')}"
        variables = {**os.environ, "PATH": path, "HOME": str(place), **self.variables}
        command = [str(self.binaries / words[0]), *words[1:]]
        return run(command, place, variables, look_every=look_every, may_end_with=may_end_with)


class Peer(Protocol):
    """A grader; each of its methods raises CannotRunError where the grader fails."""

    @property
    def name(self) -> str:
        """How it is called in the table."""

    @property
    def most(self) -> int | None:
        """So many students are enough to time it; None: all of them."""

    def make(self, place: Path, works: Sequence[Work]) -> None:
        """Make the assignment, and put what the students hand in where it looks for it."""

    def grade(self, place: Path, look_every: float | None) -> list[Ran]:
        """Grade the class."""

    def scores(self, place: Path) -> dict[str, float]:
        """Read the students' scores from what it has written."""


@dataclass(frozen=True)
class Grade:
    """This project."""

    name: str
    options: tuple[str, ...] = ()
    most: int | None = None

    def make(self, place: Path, works: Sequence[Work]) -> None:
        """Copy the course and write a folder for each student."""
        Grading(place).make(CONV_COURSE, works)

    def grade(self, place: Path, look_every: float | None) -> list[Ran]:
        """Grade with an empty store."""
        return [Grading(place).grade(*self.options, look_every=look_every)]

    def scores(self, place: Path) -> dict[str, float]:
        """Read the store; CannotRunError where the machine does not confine fully."""
        tier = Grading(place).tier()
        if tier != "full":
            raise CannotRunError(f"this machine offers tier {tier}, not full")
        return {student: score for (student, _), score in Grading(place).scores().items()}


@dataclass(frozen=True)
class PlainPytest:
    """One process of pytest for each submission, one after the other."""

    name: str
    most: int | None
    tools: Tools = Tools(
        Path(sys.executable).parent,
        # None of the plugins that happen to be installed here.
        {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )

    def make(self, place: Path, works: Sequence[Work]) -> None:
        """Write a folder for each student, with the submission and the check file."""
        checks = _FIXTURE + _CHECKS.read_text("utf-8")
        for work in works:
            folder = place / work.student
            folder.mkdir()
            (folder / work.file).write_bytes(work.data)
            (folder / "test_conv.py").write_text(checks, "utf-8")

    def grade(self, place: Path, look_every: float | None) -> list[Ran]:
        """Run pytest in each folder."""
        words = ("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junit-xml=result.xml")
        return [
            self.tools.run(folder, *words, look_every=look_every, may_end_with=(0, _SOME_FAILED, 2))
            for folder in sorted(place.iterdir())
        ]

    def scores(self, place: Path) -> dict[str, float]:
        """Count the cases of pytest's XML that have neither failed nor ended in an error."""
        return {
            folder.name: float(
                sum(
                    len(case) == 0
                    for case in ET.parse(folder / "result.xml").iter("testcase")  # noqa: S314  pytest's own
                )
            )
            for folder in sorted(place.iterdir())
        }


@dataclass(frozen=True)
class Nbgrader:
    """A cell for each check; one command grades all students, one after the other."""

    name: str
    most: int | None
    tools: Tools

    def make(self, place: Path, works: Sequence[Work]) -> None:
        """Write the assignment, have it generated, and hand in."""
        (place / "nbgrader_config.py").write_text(_NBGRADER_CONFIG, "utf-8")
        answer = f"### BEGIN SOLUTION\n{_REFERENCE.read_text('utf-8')}### END SOLUTION\n"
        source = place / "source" / "conv" / "conv.ipynb"
        source.parent.mkdir(parents=True)
        source.write_bytes(self._notebook(answer))
        self.tools.run(place, "nbgrader", "generate_assignment", "conv")
        for work in works:
            folder = place / "submitted" / work.student / "conv"
            folder.mkdir(parents=True)
            (folder / "conv.ipynb").write_bytes(self._notebook(work.data.decode()))

    def grade(self, place: Path, look_every: float | None) -> list[Ran]:
        """Grade all of them."""
        return [self.tools.run(place, "nbgrader", "autograde", "conv", look_every=look_every)]

    def scores(self, place: Path) -> dict[str, float]:
        """Have the grade book exported."""
        self.tools.run(place, "nbgrader", "export", "--to=grades.csv")
        with (place / "grades.csv").open(encoding="utf-8", newline="") as file:
            return {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}

    def _notebook(self, answer: str) -> bytes:
        cells = [(answer, {"nbgrader": _cell("conv", is_check=False)})]
        for name, text in _plain_checks():
            said = {**_cell(name, is_check=True), "points": 1}
            cells.append((f"{text}\n\n\n{name}(conv)\n", {"nbgrader": said}))
        return notebook(cells)


@dataclass(frozen=True)
class Otter:
    """A notebook for each student and one file of checks; a loop over otter's `grade_submission`.

    `otter grade` needs Docker, and `otter run` takes one submission, with a start of its own.
    """

    name: str
    most: int | None
    tools: Tools

    def make(self, place: Path, works: Sequence[Work]) -> None:
        """Write the checks, have the configuration generated, and hand in."""
        text = 'OK_FORMAT = False\nname = "conv"\nfrom otter.test_files import test_case\n'
        for _, check in _plain_checks():
            text += "\n\n" + check.replace("\ndef ", "\n@test_case(points=1)\ndef ") + "\n"
        (place / "tests").mkdir()
        (place / "tests" / "conv.py").write_text(text, "utf-8")
        self.tools.run(place, "otter", "generate", "-t", "tests", "-o", "autograder.zip")
        (place / "grade_class.py").write_text(_OTTER_CLASS, "utf-8")
        (place / "submissions").mkdir()
        for work in works:
            path = place / "submissions" / f"{work.student}.ipynb"
            path.write_bytes(notebook([(work.data.decode(), {})]))

    def grade(self, place: Path, look_every: float | None) -> list[Ran]:
        """Grade all of them."""
        return [self.tools.run(place, "python", "grade_class.py", look_every=look_every)]

    def scores(self, place: Path) -> dict[str, float]:
        """Read what the loop has written of otter's results."""
        scores: dict[str, float] = json.loads((place / "scores.json").read_text("utf-8"))
        return scores


def _plain_checks() -> Iterator[tuple[str, str]]:
    """Each plain check with the imports above it: its name and its text."""
    text = _CHECKS.read_text("utf-8")
    body = ast.parse(text).body
    imports = [
        ast.get_source_segment(text, each) or ""
        for each in body
        if isinstance(each, ast.Import | ast.ImportFrom)
    ]
    for each in body:
        if isinstance(each, ast.FunctionDef):
            check = ast.get_source_segment(text, each)
            yield each.name, "\n".join([*imports, "", "", f"{check}"])


def _cell(name: str, *, is_check: bool) -> dict[str, object]:
    return {
        "grade_id": name,
        "grade": is_check,
        "solution": not is_check,
        "locked": is_check,
        "task": False,
        "schema_version": 3,
        "cell_type": "code",
    }
