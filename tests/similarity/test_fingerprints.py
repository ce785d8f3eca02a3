"""Winnowing keeps its promise, and what it ignores does not break it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grader.similarity.fingerprints import GRAM, GUARANTEED, WINDOW, grams, winnow
from grader.similarity.tokens import Token

SYMBOLS = st.lists(st.sampled_from("abc"), max_size=60)


def hashes(symbols: list[str]) -> list[int]:
    """Of these tokens."""
    return grams([Token(symbol, 0) for symbol in symbols])


def fingerprints(symbols: list[str], ignored: frozenset[int] = frozenset()) -> set[int]:
    """The hashes that are chosen."""
    found = hashes(symbols)
    return {found[at] for at in winnow(found, ignored)}


@given(SYMBOLS, SYMBOLS, st.lists(st.sampled_from("abc"), min_size=GUARANTEED), SYMBOLS, SYMBOLS)
def test_what_is_long_enough_is_found(
    before: list[str], after: list[str], common: list[str], ahead: list[str], behind: list[str]
) -> None:
    """Two texts with so many tokens in common have a fingerprint in common."""
    assert fingerprints(before + common + after) & fingerprints(ahead + common + behind)


@given(SYMBOLS, st.sets(st.integers(0, 60)))
def test_of_each_window_one_is_chosen(symbols: list[str], places: set[int]) -> None:
    """Unless all of it is ignored; nothing ignored is ever chosen."""
    found = hashes(symbols)
    ignored = frozenset(found[at] for at in places if at < len(found))
    chosen = list(winnow(found, ignored))
    assert chosen == sorted(set(chosen))
    assert not {found[at] for at in chosen} & ignored
    for start in range(len(found) - WINDOW + 1):
        window = range(start, start + WINDOW)
        assert set(window) & set(chosen) or {found[at] for at in window} <= ignored


def test_what_is_short_is_not_seen() -> None:
    """Fewer tokens than a fingerprint has are nothing, just so many are one."""
    assert not fingerprints(["a"] * (GRAM - 1))
    assert len(fingerprints(["a"] * GRAM)) == 1
