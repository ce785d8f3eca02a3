"""What the errors mean that PyTorch students meet most: the sentences of `torch_errors.toml`."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grader.judge.results import Cause
from grader.reports.visible import one_line
from grader.text import Text

_LONGEST_TEXT = 2048
"""Characters of an exception's text that are looked at; no message of torch's needs more."""


@dataclass(frozen=True)
class KnownError:
    """An error, how it is recognised and what it means."""

    name: str
    types: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...]
    meaning: Text


@cache
def known_errors() -> tuple[KnownError, ...]:
    """All of them, read once."""
    text = Path(__file__).with_name("torch_errors.toml").read_text(encoding="utf-8")
    return tuple(
        KnownError(
            name,
            tuple(entry["types"]),
            tuple(re.compile(pattern, re.DOTALL | re.ASCII) for pattern in entry["patterns"]),
            Text(entry["en"], entry["zh"]),
        )
        for name, entry in tomllib.loads(text).items()
    )


def explain_error(cause: Cause) -> Text | None:
    """What the exception of a cause means, if it is a well-known one; safe to show."""
    if cause.kind == "raised_other":
        return None  # the task asks for an exception: advice to avoid it would mislead
    kind, text = cause.data.get("type"), cause.data.get("text")
    if not isinstance(kind, str) or not isinstance(text, str):
        return None
    for known in known_errors():
        if kind in known.types and (words := _words(known, text[:_LONGEST_TEXT])) is not None:
            en, zh = known.meaning.en, known.meaning.zh
            return Text(en.format_map(words), zh.format_map(words))
    return None


def _words(known: KnownError, text: str) -> dict[str, str] | None:
    """What the named groups stand for, where a pattern matches the whole text."""
    for pattern in known.patterns:
        if found := pattern.fullmatch(text):
            return {name: one_line(word) for name, word in found.groupdict("").items()}
    return None
