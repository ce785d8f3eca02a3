"""What `grade verify` looks at, and what it found wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from grader.text import Text


class Aspect(StrEnum):
    """One thing that is proved of every exercise; a column of the table."""

    METADATA = "metadata"
    FILES = "files"
    TEXTS = "texts"
    SECRECY = "secrecy"
    STUB = "stub"
    REFERENCE = "reference"
    RIGHT = "right"
    WRONG = "wrong"
    CHECKS = "checks"
    MUTANTS = "mutants"


BY_GRADING = (Aspect.STUB, Aspect.REFERENCE, Aspect.RIGHT, Aspect.WRONG, Aspect.CHECKS)
"""What is proved by grading; nothing can be said of it where nothing could be graded."""


@dataclass(frozen=True)
class Finding:
    """One thing that does not hold."""

    exercise: str
    aspect: Aspect
    text: Text
    """One sentence: where, and what is wrong."""
