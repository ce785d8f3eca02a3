"""A student's best score of each exercise, kept in one small JSON file.

Progress is a convenience: a missing, broken or unwritable file is treated as empty and never
disturbs grading.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from grader.course.course import Course, ExerciseRef

_FORMAT_VERSION = 1
_MAX_BYTES = 4 * 1024 * 1024
_MAX_POINTS = 1e9


@dataclass(frozen=True)
class Score:
    """Points earned out of the points there were."""

    earned: float
    max_points: float


def state_folder() -> Path:
    """Where `grade` keeps its own files: $GRADE_STATE_DIR, or the place the platform has for it."""
    if chosen := os.environ.get("GRADE_STATE_DIR"):
        return Path(chosen)
    from platformdirs import user_state_path  # noqa: PLC0415 - 10 ms that only some commands need

    return user_state_path("grade", appauthor=False)


def record(exercise: ExerciseRef, earned: float, max_points: float) -> bool:
    """Remember a score unless a better one is known; return False when it cannot be saved.

    When the points of the exercise have changed, its checks have, and the old score is forgotten.
    """
    scores = _read()
    known = scores.get(_key(exercise))
    if known and known.max_points == max_points and known.earned >= earned:
        return True
    scores[_key(exercise)] = Score(earned, max_points)
    try:
        _write(scores)
    except OSError:
        return False
    return True


def best(exercise: ExerciseRef) -> Score | None:
    """Return the best score of an exercise, or None when it was never graded."""
    return _read().get(_key(exercise))


def best_scores(course: Course) -> dict[str, Score]:
    """Return the best score of each exercise that was graded, by name."""
    root = str(course.root.resolve())
    return {name: score for (place, name), score in _read().items() if place == root}


def _key(exercise: ExerciseRef) -> tuple[str, str]:
    return str(exercise.course_root.resolve()), exercise.name


def _file() -> Path:
    return state_folder() / "progress.json"


def _read() -> dict[tuple[str, str], Score]:
    """Read every score of every course; what is not well-formed is left out."""
    try:
        with _file().open("rb") as file:
            data = json.loads(file.read(_MAX_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(data, dict) or data.get("format_version") != _FORMAT_VERSION:
        return {}
    return dict(_scores(data.get("best")))


def _scores(courses: Any) -> Iterator[tuple[tuple[str, str], Score]]:
    if not isinstance(courses, dict):
        return
    for root, scores in courses.items():
        for name, score in scores.items() if isinstance(scores, dict) else ():
            points = _points(score)
            if points:
                yield (root, name), points


def _points(score: Any) -> Score | None:
    if not isinstance(score, dict):
        return None
    earned, max_points = _number(score.get("earned")), _number(score.get("max_points"))
    return None if earned is None or max_points is None else Score(earned, max_points)


def _number(value: Any) -> float | None:
    is_number = type(value) in (int, float) and 0 <= value < _MAX_POINTS
    return float(value) if is_number else None


def _write(scores: dict[tuple[str, str], Score]) -> None:
    """Replace the file in one step, so that a reader sees the old or the new one, never half."""
    courses: dict[str, dict[str, Any]] = {}
    for (root, name), score in scores.items():
        courses.setdefault(root, {})[name] = asdict(score)
    text = json.dumps({"format_version": _FORMAT_VERSION, "best": courses}, indent=1)
    target = _file()
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".progress-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).replace(target)
    finally:
        Path(temporary).unlink(missing_ok=True)
