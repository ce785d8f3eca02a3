"""What the checks of an exercise are worth, read from their source without importing it."""

from __future__ import annotations

import ast
import math
import re
from pathlib import Path

from grader.course.course import ExerciseRef

# Only the decorators are parsed: parsing whole check files would cost `grade list` half a second.
_DECORATOR = re.compile(
    r"^@(?:\w+\.)*check\(.*?(?=^(?:def|async def|class|@))", re.DOTALL | re.MULTILINE
)


def points_of(ref: ExerciseRef) -> float | None:
    """Add up the points of the checks that are here; None when they cannot be read."""
    files = [ref.public_checks, *([ref.hidden_checks] if ref.hidden_checks else [])]
    try:
        return math.fsum(points for file in files for points in _points_in(file))
    except (OSError, TypeError, ValueError, SyntaxError):
        return None


def _points_in(file: Path) -> list[float]:
    """Return the points of each check; ValueError when one is no constant."""
    source = file.read_text(encoding="utf-8")
    return [_points(decorator) for decorator in _DECORATOR.findall(source)]


def _points(decorator: str) -> float:
    call = ast.parse(decorator[1:], mode="eval").body
    for keyword in call.keywords if isinstance(call, ast.Call) else ():
        if keyword.arg == "points":
            return float(ast.literal_eval(keyword.value))
    raise ValueError(decorator)
