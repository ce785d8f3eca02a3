"""The class report of the small class, written once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

pytest.importorskip("sqlalchemy", reason="class runs need sqlalchemy")
pytest.importorskip("matplotlib", reason="the class report needs matplotlib")

from grader.batch.files import folder_name
from grader.course import find_course
from grader.reports.class_report import Written, write_class_report
from grader.text import Lang
from tests.reports.class_report.classes import make_class


@dataclass(frozen=True)
class Report:
    """A report that was written."""

    course: Path
    out: Path
    written: Written

    def __call__(self, name: str) -> str:
        """Return a page."""
        return (self.out / name).read_text("utf-8")

    def of(self, kind: str, student: str) -> str:
        """Return a student's page, of `students` or `staff`."""
        return self(f"{kind}/{folder_name(student)}.html")


Write = Callable[[Path, Lang], Report]


@pytest.fixture(scope="session", name="write")
def _write(tmp_path_factory: pytest.TempPathFactory) -> Write:
    """Give a function that writes the report of a class anew."""

    def write(course: Path, lang: Lang) -> Report:
        out = tmp_path_factory.mktemp("out") / "class-report"
        key = course / "class.db.leaderboard-key"
        store = str(course / "class.db")
        written = write_class_report(store, find_course(course), out, lang, key=key)
        return Report(course, out, written)

    return write


@pytest.fixture(scope="session", name="report")
def _report(tmp_path_factory: pytest.TempPathFactory, write: Write) -> Report:
    """Give the report of the small class."""
    return write(make_class(tmp_path_factory.mktemp("class")), "en")
