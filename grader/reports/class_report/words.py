"""The sentences of `words.toml`, in the language of the report."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from grader.reports.messages import label
from grader.text import Lang


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """All of them, read once."""
    text = Path(__file__).with_name("words.toml").read_text(encoding="utf-8")
    words: dict[str, dict[str, str]] = tomllib.loads(text)
    return words


def say(key: str, lang: Lang, **data: object) -> str:
    """A heading or a sentence; one that is not here is a student report's."""
    entry = catalogue().get(key)
    return entry[lang].format_map(data) if entry else label(key, lang, **data)
