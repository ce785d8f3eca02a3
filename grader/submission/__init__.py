"""Intake: what a student hands in (.py, .ipynb, folder, zip) -> bytes by file name, safely."""

from grader.submission.encoded import decoded, encoded
from grader.submission.intake import Submission, read_submission
from grader.submission.notebook import CellLine, SourceMap
from grader.submission.source import source_problem

__all__ = [
    "CellLine",
    "SourceMap",
    "Submission",
    "decoded",
    "encoded",
    "read_submission",
    "source_problem",
]
