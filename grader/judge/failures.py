"""The exception with which a comparison says why a check fails."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from grader.judge.results import Cause, Datum

_LONGEST = 500
"""Characters of `str(CheckFailed)`: one line of a terminal or two."""


class CheckFailed(AssertionError):
    """What came back is not right; `causes` say why, the most telling first."""

    def __init__(self, causes: Iterable[Cause]) -> None:
        self.causes = tuple(causes)
        super().__init__(self.causes)

    def __str__(self) -> str:
        """One line of plain English, for plain pytest; reports make better ones from `causes`."""
        line = "; ".join(_sentence(cause) for cause in self.causes)
        # What a submission returned may hold line breaks and terminal controls.
        visible = "".join(char if char.isprintable() else " " for char in line)
        return visible if len(visible) <= _LONGEST else visible[: _LONGEST - 1] + "…"


def _sentence(cause: Cause) -> str:
    if cause.kind == "mistake" and "en" in cause.data:
        return str(cause.data["en"])
    digits = _digits(cause.data)
    words = [f"{key} {_text(value, digits)}" for key, value in cause.data.items()]
    name = cause.kind.replace("_", " ")
    return f"{name}: {', '.join(words)}" if words else name


def _text(value: Datum, digits: int) -> str:
    return f"{value:.{digits}g}" if isinstance(value, float) else str(value)


def _digits(data: Mapping[str, Datum]) -> int:
    """How many digits make the expected and the received number look different."""
    expected, got = data.get("expected"), data.get("got")
    if isinstance(expected, float) and isinstance(got, float):
        for digits in (6, 9, 12):
            if f"{expected:.{digits}g}" != f"{got:.{digits}g}":
                return digits
        return 17
    return 6
