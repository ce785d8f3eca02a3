"""`grade batch` on a class of one course, with a store of its own: the real command."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.synthetic_class import Work, write_class
from benchmarks.watched import Ran, run
from grader.store import Store


@dataclass(frozen=True)
class Grading:
    """A copy of a course with a class's submissions and a store."""

    place: Path

    @property
    def store(self) -> Path:
        """Where results are kept."""
        return self.place / "class.db"

    def make(self, course: Path, works: Iterable[Work]) -> None:
        """Copy the course, and write what the class hands in."""
        ignored = shutil.ignore_patterns("__pycache__", "class.db*")
        for name in ("exercises", "solutions"):
            shutil.copytree(course / name, self.place / name, ignore=ignored)
        shutil.copy(course / "course.yaml", self.place)
        write_class(works, self.place)

    def grade(self, *options: str, look_every: float | None = None) -> Ran:
        """Grade what is not known; raises CannotRunError unless everything is graded then."""
        command = [sys.executable, "-m", "grader.cli", "batch", "handed_in", *options]
        command += ["--store", str(self.store)]
        variables = {**os.environ, "GRADE_STATE_DIR": str(self.place)}
        return run(command, self.place, variables, look_every=look_every)

    def forget(self) -> None:
        """Begin with an empty store."""
        for path in self.place.glob(f"{self.store.name}*"):
            path.unlink()

    def scores(self) -> dict[tuple[str, str], float]:
        """The score of each student and exercise."""
        with closing(Store(str(self.store))) as store:
            return {
                (each.student, each.exercise): each.earned
                for each in store.ledger.attempts()
                if each.earned is not None
            }

    def tier(self) -> str:
        """The tier in which the last run has graded."""
        with closing(sqlite3.connect(self.store)) as connection:
            (tier,) = connection.execute("SELECT tier FROM runs ORDER BY id DESC").fetchone()
            return str(tier)
