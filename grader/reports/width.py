"""How wide text is on a terminal, and where Chinese and English lines may break."""

from __future__ import annotations

import re
import unicodedata

# Chinese punctuation that may not begin a line, nor end one.
_NOT_FIRST = "，。、；：？！）》」』”’…,.;:?!)]}"
_NOT_LAST = "（《「『“‘([{"


def cell_width(text: str) -> int:
    """Columns that a text takes: two for a wide character, none for a combining one."""
    return sum(_cells(character) for character in text)


def pad(text: str, width: int) -> str:
    """A text filled with spaces up to `width` columns."""
    return text + " " * (width - cell_width(text))


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` columns; words stay whole, Chinese breaks between characters."""
    lines = [""]
    for piece in _pieces(text):
        if cell_width(lines[-1] + piece.rstrip()) <= width:
            lines[-1] += piece
            continue
        lines += _chop(piece.strip(), width)
        lines[-1] += " " * piece.endswith(" ")
    return [line.rstrip() for line in lines if line.strip()] or [""]


def _cells(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _pieces(text: str) -> list[str]:
    """The text cut wherever a line may end; a space belongs to the word before it."""
    pieces: list[str] = []
    for run in re.findall(r"\s+|[\u2e80-\uffef]|[^\s\u2e80-\uffef]+", text):
        before = pieces[-1][-1] if pieces else " "
        has_to_follow = run[0] in _NOT_FIRST or before in _NOT_LAST
        if pieces and (run.isspace() or (has_to_follow and not before.isspace())):
            pieces[-1] += run
        else:
            pieces.append(run)
    return pieces


def _chop(word: str, width: int) -> list[str]:
    """A word in parts of at most `width` columns."""
    parts = [""]
    for character in word:
        if cell_width(parts[-1] + character) > width:
            parts.append("")
        parts[-1] += character
    return parts
