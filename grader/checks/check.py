"""The decorator that makes a test function a check, and the expectation of an exception."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from grader.judge.failures import CheckFailed
from grader.judge.outcomes import StudentRaised, is_not_written
from grader.judge.results import Cause
from grader.text import Text

_Function = TypeVar("_Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class CheckInfo:
    """What the author says of a check, beside its code."""

    points: float
    sentence: Text
    hint: Text | None


def check(
    *, points: float, zh: str, hint: str | None = None, hint_zh: str | None = None
) -> Callable[[_Function], _Function]:
    """Make a test function a check worth `points`; its docstring is the sentence in English.

    Raises ValueError for a missing docstring, negative points or a hint in one language only.
    """

    def mark(function: _Function) -> _Function:
        name = function.__name__
        sentence = " ".join((inspect.getdoc(function) or "").split())
        if not sentence or not zh:
            raise ValueError(f"{name} needs its sentence in both languages: a docstring and zh=")
        if points < 0:
            raise ValueError(f"{name} cannot be worth {points} points")
        if (hint is None) != (hint_zh is None):
            raise ValueError(f"{name} needs its hint in both languages: hint= and hint_zh=")
        hints = None if hint is None or hint_zh is None else Text(hint, hint_zh)
        function.grade_check = CheckInfo(points, Text(sentence, zh), hints)  # type: ignore[attr-defined]  # read by the plugin
        return function

    return mark


@contextlib.contextmanager
def raises(exception: type[BaseException]) -> Iterator[None]:
    """Pass if the student's code raises `exception` (or a subclass) in this block.

    What is raised is the worker's testimony: give such a check few points.
    """
    try:
        yield
    except StudentRaised as error:
        if error.is_a(exception):
            return
        if is_not_written(error.raised):
            raise
        raised = error.raised
        said = {"expected": exception.__name__, "type": raised.type, "text": raised.text}
        raise CheckFailed([Cause("raised_other", said)]) from None
    raise CheckFailed([Cause("did_not_raise", {"expected": exception.__name__})])
