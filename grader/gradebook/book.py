"""The grade book as data: who, which exercises, what counts."""

from __future__ import annotations

import datetime as dt
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
