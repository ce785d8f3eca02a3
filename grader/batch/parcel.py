"""One grading as text, for a machine that has neither the course nor the store.

    parcel   {"here": what the machine must offer, "exercise": {"version", "name", "files"},
              "submission": {"name", "entry", "files"}, "options": {...}}
    answer   {"checks": [their JSON, as they were judged]} and one of
             {"result": its JSON}, {"error": {...}}, {"differs": what the machine offers};
             with none of them it is the beginning of an answer

All of it is JSON with bytes in base64: whoever reads it builds nothing but plain data.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from grader.batch.address import judging_files, version_of
from grader.course import Exercise, find_course, load_exercise
from grader.judge.attempt import Options
from grader.submission import Submission, decoded, encoded


@dataclass(frozen=True)
class Parcel:
    """One grading to do."""

    here: Mapping[str, str]
    version: str
    """Of the exercise, so that it is unpacked once."""
    exercise: str
    exercise_files: Mapping[str, bytes]
    """What it judges by; names relative to the course."""
    submission: Submission
    options: Options


def packed(exercise: Exercise) -> dict[str, Any]:
    """An exercise as it travels with each of its submissions."""
    root = exercise.course_root
    files = {
        path.relative_to(root).as_posix(): path.read_bytes() for path in judging_files(exercise)
    }
    return {"version": version_of(exercise), "name": exercise.name, "files": encoded(files)}


def pack(
    here: Mapping[str, str],
    exercise: Mapping[str, Any],
    submission: Submission,
    options: Options,
) -> str:
    """Make a text of a grading; a notebook's map of lines stays with the caller."""
    parcel = {
        "here": dict(here),
        "exercise": exercise,
        "submission": {
            "name": submission.name,
            "entry": submission.entry,
            "files": encoded(submission.files),
        },
        "options": asdict(options),
    }
    return json.dumps(parcel)


def unpack(text: str) -> Parcel:
    """Read what `pack` wrote."""
    raw = json.loads(text)
    exercise, submission, options = raw["exercise"], raw["submission"], raw["options"]
    return Parcel(
        here=raw["here"],
        version=exercise["version"],
        exercise=exercise["name"],
        exercise_files=decoded(exercise["files"]),
        submission=Submission(
            submission["name"], submission["entry"], decoded(submission["files"])
        ),
        options=Options(**{name: _as_packed(value) for name, value in options.items()}),
    )


def _as_packed(value: Any) -> Any:
    """An option as it was before JSON, which knows no tuples."""
    return tuple(value) if isinstance(value, list) else value


def lay_out(parcel: Parcel, folder: Path) -> Exercise:
    """Write what is needed of the course into an empty folder, and read the exercise there."""
    for name, data in parcel.exercise_files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (folder / "course.yaml").touch()  # only that it is there makes it a course
    return load_exercise(find_course(folder).resolve(parcel.exercise))
