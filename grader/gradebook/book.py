"""The grade book as data: who, which exercises, what counts."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass

from grader.batch.roster import Student
from grader.gradebook.score import Score
from grader.text import Text


@dataclass(frozen=True)
class Column:
    """An exercise of the book."""

    exercise: str
    title: Text
    whole: float
    due: dt.datetime | None = None


@dataclass(frozen=True)
class Cell:
    """What one student has for one exercise."""

    score: Score
    raw: float = 0.0
    """The points of the attempt that counts before lateness and rounding."""
    handed_in: dt.datetime | None = None
    comment: str = ""
    """Of an instructor, for the student."""
    key: str = ""
    """Of the grading that counts; empty where there is none, or a decision in its place."""


@dataclass(frozen=True)
class Book:
    """Rows and columns; a student has a cell for every exercise."""

    students: tuple[Student, ...]
    columns: tuple[Column, ...]
    cells: Mapping[tuple[str, str], Cell]
    """By (id of the student, name of the exercise)."""

    def total(self, student: str) -> tuple[float, float]:
        """The points of a student, and what they are out of: without what is excused."""
        scores = [self.cells[student, column.exercise].score for column in self.columns]
        counted = [(each.points, each.whole) for each in scores if each.points is not None]
        return math.fsum(got for got, _ in counted), math.fsum(whole for _, whole in counted)
