"""Fingerprints of a text: a few of the hashes of its runs of tokens, chosen by winnowing.

After S. Schleimer, D. S. Wilkerson and A. Aiken, "Winnowing: Local Algorithms for Document
Fingerprinting", SIGMOD 2003. Of every `WINDOW` neighbouring runs of `GRAM` tokens the one with the
smallest hash is chosen. So two texts that have `GUARANTEED` tokens in a row in common have a
fingerprint in common, and nothing shorter than `GRAM` tokens is ever seen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence

from grader.similarity.tokens import Token

GRAM = 12
WINDOW = 4
GUARANTEED = GRAM + WINDOW - 1
_NEVER = 1 << 64


def grams(tokens: Sequence[Token]) -> list[int]:
    """The hash of each run of `GRAM` tokens, in order."""
    symbols = [token.symbol for token in tokens]
    return [_hash(symbols[at : at + GRAM]) for at in range(len(symbols) - GRAM + 1)]


def winnow(hashes: Sequence[int], ignored: Collection[int] = ()) -> Iterator[int]:
    """The positions of the fingerprints among all hashes, in order.

    Hashes of `ignored` are never chosen. Any other of the same window is, so the guarantee holds
    for whatever contains a run that is not ignored.
    """
    ranked = [_NEVER if each in ignored else each for each in hashes]
    chosen = -1
    for start in range(max(1, len(ranked) - WINDOW + 1)):
        window = range(start, min(start + WINDOW, len(ranked)))
        if not window:
            return
        smallest = min(window, key=lambda at: (ranked[at], -at))
        is_chosen = chosen >= start and ranked[chosen] == ranked[smallest]
        if ranked[smallest] != _NEVER and not is_chosen:
            chosen = smallest
            yield chosen


def _hash(symbols: Sequence[str]) -> int:
    digest = hashlib.blake2b(" ".join(symbols).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big")
