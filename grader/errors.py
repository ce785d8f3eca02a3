"""What can go wrong outside a student's code, and the exit code each kind ends with.

    GradeError
    |-- UserError      the user can mend it: wrong name, no such file, broken zip   exit 2
    `-- GraderFault    our own fault, never the student's                           exit 3

Messages are bilingual (`Text`): one clear sentence, and in `next_step` what to do now.
"""

from __future__ import annotations

from grader.text import Text


class GradeError(Exception):
    """An error that ends the command with one sentence and no traceback."""

    exit_code: int

    def __init__(self, message: Text, next_step: Text | None = None) -> None:
        super().__init__(message.en)
        self.message = message
        self.next_step = next_step


class UserError(GradeError):
    """The user can mend it: an unknown exercise, a missing file, a broken zip."""

    exit_code = 2


class GraderFault(GradeError):
    """The grader itself failed; no student loses a point for it."""

    exit_code = 3
