"""A class's files, made on the spot, and what is found in them."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.batch.collection import open_collection
from grader.batch.handed_in import HandedIn, handed_in
from grader.batch.layouts import parts_of
from grader.batch.roster import Roster
from grader.course import Course, find_course

_FAKE_COURSE = Path(__file__).parent.parent / "fake_course"
ADD = "def add(a, b):\n    return a + b\n"


@dataclass(frozen=True)
class Class:
    """Where a class's files are put, as a folder or as a zip, and looked for."""

    root: Path
    course: Course

    def write(self, files: Mapping[str, str | bytes]) -> Path:
        """Write them below a folder."""
        for name, data in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data.encode() if isinstance(data, str) else data)
        return self.root

    def zip(self, files: Mapping[str, str | bytes]) -> Path:
        """Write them into a zip."""
        path = self.root / "submissions.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return path

    def find(
        self, path: Path, exercises: str = "add mean line", roster: Roster | None = None
    ) -> HandedIn:
        """Find the submissions of these exercises."""
        refs = [self.course.resolve(word) for word in exercises.split()]
        return handed_in(parts_of(open_collection(path)), refs, roster)


@pytest.fixture(name="a_class")
def _a_class(tmp_path: Path) -> Class:
    """Give an empty place for a class's files; the course is the fake one."""
    root = tmp_path / "handed_in"
    root.mkdir()
    return Class(root, find_course(_FAKE_COURSE))


def found(handed: HandedIn) -> list[tuple[str, str]]:
    """Whose submissions were found, of which exercise."""
    return [(each.student, each.exercise) for each in handed.found]


def notes(handed: HandedIn) -> list[tuple[str, str]]:
    """What is not graded: why, and whose or of what name."""
    return [(str(note.why), note.student or note.place) for note in handed.notes]
