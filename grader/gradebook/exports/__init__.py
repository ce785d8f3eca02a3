"""The grade book for other systems, each by that system's own rules for what it reads."""

from grader.gradebook.exports.canvas import canvas_csv
from grader.gradebook.exports.moodle import filled_worksheet, moodle_csv
from grader.gradebook.exports.nbgrader import nbgrader_csv
from grader.gradebook.exports.own import book_csv, book_json

__all__ = [
    "book_csv",
    "book_json",
    "canvas_csv",
    "filled_worksheet",
    "moodle_csv",
    "nbgrader_csv",
]
