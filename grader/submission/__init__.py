"""Intake: what a student hands in (.py, .ipynb, folder, zip) -> bytes by file name, safely."""

from grader.submission.intake import Submission, read_submission
from grader.submission.notebook import CellLine, SourceMap
from grader.submission.source import source_problem

__all__ = ["CellLine", "SourceMap", "Submission", "read_submission", "source_problem"]
