"""The sentences of `messages.toml`: causes explained, labels, names of verdicts."""

from __future__ import annotations

import math
import re
import string
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from grader.judge.results import Cause, Datum
from grader.judge.verdicts import Verdict
from grader.reports.visible import one_line
from grader.text import Lang

DATUM_LIMIT = 400
"""Characters of one piece of data within a sentence."""

# The list of all the forms that a function of torch's has, which fills a page.
_FORMS = re.compile(r", but expected one of:\n.*", re.DOTALL)

# Sizes rather than measured values: three digits say enough.
_ROUGH = {
    "worst",
    "tolerance",
    "factor",
    "constant",
    "seconds",
    "megabytes",
    "value",
    "low",
    "high",
    "limit",
}


@cache
def catalogue() -> dict[str, Any]:
    """All messages, read once."""
    return tomllib.loads(Path(__file__).with_name("messages.toml").read_text(encoding="utf-8"))


def explain(cause: Cause, lang: Lang) -> str:
    """One line that says what a cause means, as exact as its data allow; safe to show."""
    kinds = catalogue()["causes"]
    data = dict(cause.data) if cause.kind in kinds else {"kind": cause.kind}
    words = _words(data | _derived(data, lang))
    for variant in kinds.get(cause.kind, kinds["unknown"]):
        applies = all(data.get(key) == value for key, value in variant.get("when", {}).items())
        if applies and placeholders(variant[lang]) <= words.keys():
            return str(variant[lang].format_map(words))
    raise LookupError(cause.kind)  # every kind ends with a variant that needs nothing


def label(key: str, lang: Lang, **data: object) -> str:
    """A heading or a short line."""
    return str(catalogue()["labels"][key][lang].format_map(data))


def verdict_entry(verdict: Verdict) -> dict[str, Any]:
    """What is said about a verdict: en, zh, mark, ascii, tone and, unless passed, note."""
    entry: dict[str, Any] = catalogue()["verdicts"][verdict.value]
    return entry


def tier_name(tier: str, lang: Lang) -> str:
    """The name of a tier of isolation."""
    names = catalogue()["tiers"]
    return str(names[tier][lang]) if tier in names else one_line(tier, DATUM_LIMIT)


def placeholders(message: str) -> set[str]:
    """The names in braces of a message."""
    return {name for _, name, _, _ in string.Formatter().parse(message) if name}


def number(value: float) -> str:
    """Points, seconds: at most two decimals, none that say nothing."""
    return f"{round(value, 2) + 0.0:.12g}"


def _derived(data: Mapping[str, Datum], lang: Lang) -> dict[str, Datum]:
    """What is told of data that are longer than a sentence, and which cell a line is in."""
    last_line = str(data.get("text") or "").rstrip().rpartition("\n")[2]
    derived: dict[str, Datum] = {"sentence": data.get(lang), "last_line": last_line}
    if isinstance(text := data.get("text"), str):
        derived["text"] = _FORMS.sub("", text)
    return derived | {"line": line_text(data, lang)}


def line_text(data: Mapping[str, Datum], lang: Lang) -> Datum:
    """The number of a line, for a notebook with its cell."""
    line, cell = data.get("line"), data.get("cell")
    return (
        line if line is None or cell is None else label("line_of_cell", lang, line=line, cell=cell)
    )


def _words(data: Mapping[str, Datum]) -> dict[str, str]:
    """The data that have something to say, as text."""
    digits = _digits(data.get("expected"), data.get("got"))
    words = {}
    for key, value in data.items():
        if isinstance(value, float):
            words[key] = f"{value:.3g}" if key in _ROUGH else f"{value:.{digits}g}"
        elif value is not None and (text := one_line(str(value), DATUM_LIMIT)):
            words[key] = text
    return words


def _digits(expected: Datum, got: Datum) -> int:
    """How many digits two floats need to look different: "expected 0.1, got 0.1" helps nobody."""
    enough = 17  # every float64 is told apart by 17 digits
    if not (isinstance(expected, float) and isinstance(got, float)) or expected == got:
        return 6
    if math.isnan(expected) or math.isnan(got):
        return 6
    return next((n for n in range(6, enough) if f"{expected:.{n}g}" != f"{got:.{n}g}"), enough)
