"""The Python files of one submission as lines and tokens, within bounds."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice

from grader.similarity.tokens import Token, tokens
from grader.submission.source import source_problem

MAX_BYTES = 100_000
MAX_TOKENS = 20_000
"""In all files together: about 2000 lines. What is longer is refused, never cut."""


class Why(StrEnum):
    """Why a submission cannot be compared."""

    NOT_PYTHON = "not_python"
    EMPTY = "empty"
    """It holds nothing but blanks, comments and docstrings."""
    TOO_LONG = "too_long"
    UNREADABLE = "unreadable"
    """It has changed or is gone since it was found."""


class IncomparableError(Exception):
    """A submission cannot be compared."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Line:
    """One line, and where it stands."""

    file: str
    number: int
    text: str


@dataclass(frozen=True)
class Source:
    """All lines of a submission, and the tokens in them."""

    lines: tuple[Line, ...]
    tokens: tuple[Token, ...]
    """Their `line` counts through all files."""


def read_source(files: Mapping[str, bytes], entry: str) -> Source:
    """Read Python files, the one to grade first; IncomparableError where that cannot be."""
    names = sorted(files, key=lambda name: (name != entry, name))
    if sum(map(len, files.values())) > MAX_BYTES:
        raise IncomparableError(Why.TOO_LONG)
    lines: list[Line] = []
    found: list[Token] = []
    for name in names:
        text = _text(files[name], name)
        found += islice(_shifted(text, len(lines)), MAX_TOKENS + 1 - len(found))
        rows = enumerate(text.rstrip("\n").split("\n"), 1)
        lines += [Line(name, number, row) for number, row in rows]
    if len(found) > MAX_TOKENS:
        raise IncomparableError(Why.TOO_LONG)
    if not found:
        raise IncomparableError(Why.EMPTY)
    return Source(tuple(lines), tuple(found))


def _text(data: bytes, name: str) -> str:
    problem = source_problem(data, name)
    if problem and problem.kind == "not_python":
        raise IncomparableError(Why.NOT_PYTHON)
    return importlib.util.decode_source(data)


def _shifted(text: str, lines: int) -> Iterator[Token]:
    return (replace(token, line=token.line + lines) for token in tokens(text))
