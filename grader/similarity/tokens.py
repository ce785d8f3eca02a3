"""Python text as tokens that stay the same when names, layout, comments and docstrings change.

Nothing is parsed: broken Python is cut like any other. No repetition of the one expression can
match the same text in two ways, and what follows a repetition always matches, so time grows with
the length of the text, whatever it holds.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass

NAME = "$"
STRING = '"'

_WORD = re.compile(
    r"""
      (?P<space> [\s\\]+ )
    | (?P<comment> \#[^\n]* )
    | (?P<string> [bBfFrRtTuU]{0,3} (?:
            \"{3} (?: [^"\\] | \\. | "(?!"") )* (?: \"{3} | \\?\Z )
          | '{3}  (?: [^'\\] | \\. | '(?!'') )* (?: '{3} | \\?\Z )
          | "     (?: [^"\\\n] | \\. )* "?
          | '     (?: [^'\\\n] | \\. )* '? ) )
    | (?P<number> \.?\d (?: [eE][+-]\d | [\w.] )* )
    | (?P<name> \w+ )
    | (?P<sign> \*\*=? | //=? | >>=? | <<=? | [-+*/%@&|^=!<>:]= | -> | \.{3} | . )
    """,
    re.DOTALL | re.VERBOSE,
)
_KEPT = frozenset(keyword.kwlist) | frozenset(dir(builtins))
_OWN = ("self", "cls")


@dataclass(frozen=True, slots=True)
class Token:
    """One token as it is compared, and where it stands."""

    symbol: str
    line: int
    """From 0."""


@dataclass(frozen=True, slots=True)
class _Word:
    """One token as it is written."""

    kind: str
    text: str
    line: int
    begins: bool
    """Whether it is the first of a line outside brackets, so that a string there is a docstring."""


def tokens(text: str) -> Iterator[Token]:
    """Cut a text into what counts.

    Left out are line breaks, comments, docstrings, semicolons and commas before a closing bracket.
    All strings are one symbol, and so are all names, which a student can change freely: all but
    keywords, built-ins and what stands after a dot, for that mostly belongs to a library.
    """
    before, last = "", ""
    comma: _Word | None = None
    for word in _words(text):
        if word.text == ";" or (word.kind == "string" and word.begins):
            continue
        if comma and word.text not in {")", "]", "}"}:
            yield Token(",", comma.line)
        comma = word if word.text == "," else None
        if word.kind == "string":
            if last != STRING:  # strings side by side are one
                yield Token(STRING, word.line)
        elif word.kind == "name":
            is_library = last == "." and before not in _OWN
            is_kept = is_library or word.text in _KEPT
            yield Token(word.text if is_kept else NAME, word.line)
        elif not comma:
            yield Token(word.text, word.line)
        before, last = last, STRING if word.kind == "string" else word.text


def _words(text: str) -> Iterator[_Word]:
    line = depth = 0
    begins = True
    for found in _WORD.finditer(text):
        kind, word = str(found.lastgroup), found[0]
        if kind not in {"space", "comment"}:
            yield _Word(kind, word, line, begins)
            begins = False
        if kind == "sign":
            depth = max(0, depth + (word in "([{") - (word in ")]}"))
        breaks = word.count("\n")
        line += breaks
        begins = begins or (kind == "space" and breaks > 0 and not depth)
