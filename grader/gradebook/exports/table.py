"""CSV that no spreadsheet can be harmed by."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def to_csv(rows: Iterable[Iterable[str]], *, delimiter: str = ",") -> str:
    """Write rows; a field is quoted where it has to be."""
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return stream.getvalue()


def safe(text: str) -> str:
    """A text of somebody else's, which spreadsheets would take for a formula if it begins like one.

    The apostrophe is what spreadsheets themselves write before such a text (OWASP, CSV Injection).
    """
    clean = _CONTROL.sub(" ", text)
    return f"'{clean}" if clean.startswith(_FORMULA) else clean


def points(value: float, *, places: int = 2) -> str:
    """A number with at most so many places, never in scientific notation."""
    return f"{value:.{places}f}".rstrip("0").rstrip(".")
