"""How far a student got, kept in one small file of their own course: .grade/progress.json.

The student may delete or change the file at any time. So progress is a convenience: what is
missing, broken or unwritable counts as empty and never disturbs grading.
"""

from __future__ import annotations

import json
import os
import re
import stat
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from grader.course.course import ExerciseRef

_FORMAT_VERSION = 1
_MAX_BYTES = 1024 * 1024
_MAX_POINTS = 1e9
_MAX_CHECKS = 1000
_MAX_STEPS = 100
# The names of check functions, with the parameters that pytest may add.
_CHECK = re.compile(r"test\w*(\[.{1,80}\])?")


@dataclass(frozen=True)
class Score:
    """Points earned out of the points there were."""

    earned: float
    max_points: float


@dataclass(frozen=True)
class Progress:
    """What is remembered of one exercise; as it is made without arguments, nothing."""

    best: Score | None = None
    last: Score | None = None
    """Of the last grading with all checks."""
    graded_at: str = ""
    """When it was graded last, with all checks or some; UTC, ISO 8601, "" for never."""
    not_passed: tuple[str, ...] = ()
    """The public checks that did not pass when they ran last."""
    hints: Mapping[str, int] = field(default_factory=dict)
    """How many steps were shown of the hints for each function or class."""

    @property
    def is_done(self) -> bool:
        """Whether some grading earned every point."""
        return self.best is not None and self.best.earned >= self.best.max_points


def read_progress(course_root: Path) -> dict[str, Progress]:
    """Return what is remembered of each exercise of a course, by name."""
    data = _read(course_root)
    exercises = data.get("exercises") if isinstance(data, dict) else None
    if not isinstance(exercises, dict) or data.get("format_version") != _FORMAT_VERSION:
        return {}
    return {name: _progress(said) for name, said in exercises.items() if isinstance(said, dict)}


def progress_of(exercise: ExerciseRef) -> Progress:
    """Return what is remembered of one exercise."""
    return read_progress(exercise.course_root).get(exercise.name, Progress())


def record_grading(
    exercise: ExerciseRef, at: str, public: Mapping[str, bool], score: Score | None
) -> bool:
    """Remember a grading; return False when it cannot be saved.

    `at` is when it began. `public` says of each public check that ran whether it passed. `score`
    is None where only some checks ran, which changes what is known of those alone. When the
    points of the exercise have changed, its checks have, and the old best score is forgotten.
    """
    known = progress_of(exercise)
    before = dict.fromkeys(known.not_passed, False) if score is None else {}
    not_passed = tuple(name for name, passed in {**before, **public}.items() if not passed)
    new = replace(known, graded_at=at, not_passed=not_passed)
    if score is not None:
        new = replace(new, last=score, best=_better(known.best, score))
    return _save(exercise, new)


def record_hint(exercise: ExerciseRef, name: str, shown: int) -> bool:
    """Remember that so many steps were shown for a function or class; False as above."""
    known = progress_of(exercise)
    return _save(exercise, replace(known, hints={**known.hints, name: shown}))


def _better(best: Score | None, new: Score) -> Score:
    if best is None or best.max_points != new.max_points:
        return new
    return max(best, new, key=lambda score: score.earned)


def _folder(course_root: Path) -> Path:
    return course_root / ".grade"


def _file(course_root: Path) -> Path:
    return _folder(course_root) / "progress.json"


def _read(course_root: Path) -> Any:
    """Return the content of the file; None when it is no ordinary small file of JSON."""
    path = _file(course_root)
    try:
        # A link could lead to anything, and reading a pipe would never end.
        if _folder(course_root).is_symlink() or not stat.S_ISREG(path.lstat().st_mode):
            return None
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
        return json.loads(data) if len(data) <= _MAX_BYTES else None
    except (OSError, ValueError, RecursionError):
        return None


def _progress(said: dict[str, Any]) -> Progress:
    """Take what is well-formed and leave out the rest."""
    checks, hints = said.get("not_passed"), said.get("hints")
    return Progress(
        best=_score(said.get("best")),
        last=_score(said.get("last")),
        graded_at=_moment(said.get("graded_at")),
        not_passed=tuple(_checks(checks if isinstance(checks, list) else [])),
        hints=dict(_hints(hints if isinstance(hints, dict) else {})),
    )


def _score(said: Any) -> Score | None:
    if not isinstance(said, dict):
        return None
    earned, max_points = _number(said.get("earned")), _number(said.get("max_points"))
    return None if earned is None or max_points is None else Score(earned, max_points)


def _number(value: Any) -> float | None:
    is_number = type(value) in (int, float) and 0 <= value < _MAX_POINTS
    return float(value) if is_number else None


def _moment(value: Any) -> str:
    """Bring a moment to UTC, so that moments can be compared as text."""
    try:
        return datetime.fromisoformat(value).astimezone(UTC).isoformat()
    except (TypeError, ValueError, OverflowError):
        return ""


def _checks(names: list[Any]) -> Iterator[str]:
    for name in names[:_MAX_CHECKS]:
        if isinstance(name, str) and _CHECK.fullmatch(name):
            yield name


def _hints(hints: dict[str, Any]) -> Iterator[tuple[str, int]]:
    for name, shown in hints.items():
        if type(shown) is int and 0 < shown < _MAX_STEPS:
            yield name, shown


def _save(exercise: ExerciseRef, progress: Progress) -> bool:
    exercises = {**read_progress(exercise.course_root), exercise.name: progress}
    data = {
        "format_version": _FORMAT_VERSION,
        "exercises": {name: asdict(each) for name, each in exercises.items()},
    }
    try:
        _write(_file(exercise.course_root), json.dumps(data, indent=1))
    except OSError:
        return False
    return True


def _write(target: Path, text: str) -> None:
    """Replace the file in one step, so that a reader sees the old or the new one, never half.

    A link in its place is replaced as well; through a linked folder nothing is written.
    """
    if target.parent.is_symlink():
        raise NotADirectoryError(target.parent)
    target.parent.mkdir(exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".progress-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).replace(target)
    finally:
        Path(temporary).unlink(missing_ok=True)
