"""Content addresses: what a grading's verdicts depend on, as one key.

The same key means the same verdicts, so whatever has one is not graded again. A changed check file,
reference or exercise.yaml changes the keys of its exercise alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from grader.course import ExerciseRef


@dataclass(frozen=True)
class Surroundings:
    """What verdicts depend on beside the submission and the exercise."""

    grade: str
    torch: str
    device: str
    tier: str


def version_of(ref: ExerciseRef) -> str:
    """A digest of everything by which an exercise judges; texts and hints are no part of it."""
    return digest([path.read_bytes() if path.is_file() else b"" for path in _judging(ref)])


def judging_files(ref: ExerciseRef) -> list[Path]:
    """The files by which an exercise judges, as far as they are there."""
    return [path for path in _judging(ref) if path.is_file()]


def _judging(ref: ExerciseRef) -> list[Path]:
    hidden = ref.hidden_checks or ref.reference.with_name("test_hidden.py")
    return [ref.folder / "exercise.yaml", ref.public_checks, hidden, *ref.reference_files]


def key_of(submission: str, version: str, surroundings: Surroundings) -> str:
    """The address of the grading of a submission, which is given by its digest."""
    parts = [submission, version, json.dumps(asdict(surroundings), sort_keys=True)]
    return digest([part.encode() for part in parts])


def digest(parts: Iterable[bytes]) -> str:
    """SHA-256 of some byte strings, each with its length before it."""
    found = hashlib.sha256()
    for part in parts:
        found.update(len(part).to_bytes(8, "big") + part)
    return found.hexdigest()
