"""Makes text that a student's code may have chosen safe to show: nothing in it stays invisible."""

from __future__ import annotations

import re
import unicodedata

DEFAULT_LIMIT = 2000

# C0 and C1 controls (so every escape and OSC sequence), all format characters (bidi controls,
# zero-width characters, soft hyphens, tags), lone surrogates and the two Unicode line separators.
_UNSAFE_CATEGORIES = {"Cc", "Cf", "Cs", "Zl", "Zp"}

# Letters and marks that are drawn as nothing: grapheme joiner and Hangul fillers.
_INVISIBLE = set("\u034f\u115f\u1160\u3164\uffa0")

_PLAIN = re.compile(r"[\n\t\x20-\x7e\u4e00-\u9fff]*")


def is_unsafe(character: str) -> bool:
    """Whether a character could hide itself or act on a terminal, a browser or an XML parser."""
    return (
        unicodedata.category(character) in _UNSAFE_CATEGORIES
        or character in _INVISIBLE
        or ord(character) & 0xFFFE == 0xFFFE  # the noncharacters, which XML forbids
    )


def escape(character: str) -> str:
    r"""One character as Python writes it in a string: `\x1b`, `\u202e`, `\U000e0041`."""
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def visible(text: str, limit: int = DEFAULT_LIMIT) -> str:
    """Foreign text with every invisible character but newline and tab written out, cut at `limit`.

    What was cut is counted at the end, so that nobody takes a cut text for the whole.
    """
    text = text.replace("\r\n", "\n")
    surplus = len(text) - limit
    shown = text[:limit]
    if not _PLAIN.fullmatch(shown):
        shown = "".join(
            escape(each) if each not in "\n\t" and is_unsafe(each) else each for each in shown
        )
    return f"{shown}… (+{surplus})" if surplus > 0 else shown


def one_line(text: str, limit: int = DEFAULT_LIMIT) -> str:
    """The same with line breaks and tabs turned into single spaces, for use within a sentence."""
    return re.sub(r"\s*[\n\t]\s*", " ", visible(text, limit)).strip()
