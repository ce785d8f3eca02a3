"""What can go wrong outside a student's code, and the exit code each kind ends with.

    GradeError
    |-- UserError      the user can mend it: wrong name, no such file, broken zip   exit 2
    `-- GraderFault    our own fault, never the student's                           exit 3

Messages are bilingual (`Text`): one clear sentence, and in `next_step` what to do now.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.text import Text


class GradeError(Exception):
    """An error that ends the command with one sentence and no traceback."""

    exit_code: int

    def __init__(self, message: Text, next_step: Text | None = None) -> None:
        super().__init__(message.en)
        self.message = message
        self.next_step = next_step

    def as_data(self) -> dict[str, Any]:
        """It as plain data, for another process to tell (`from_data`)."""
        step = self.next_step
        return {
            "is_user_error": isinstance(self, UserError),
            "message": [self.message.en, self.message.zh],
            "next_step": step and [step.en, step.zh],
        }


class UserError(GradeError):
    """The user can mend it: an unknown exercise, a missing file, a broken zip."""

    exit_code = 2


class GraderFault(GradeError):
    """The grader itself failed; no student loses a point for it."""

    exit_code = 3


def from_data(data: Mapping[str, Any]) -> UserError | GraderFault:
    """The error that another process has told of."""
    step = data["next_step"]
    kind = UserError if data["is_user_error"] else GraderFault
    return kind(Text(*data["message"]), Text(*step) if step else None)
