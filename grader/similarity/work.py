"""One student's work on one exercise, with its fingerprints and without what the stub says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.similarity.fingerprints import GRAM, grams, winnow
from grader.similarity.source import Source


@dataclass(frozen=True)
class Stub:
    """What everybody was given."""

    hashes: frozenset[int]
    """Of all its runs of tokens, not of a few."""
    lines: frozenset[str]
    """Without the blanks around them."""


@dataclass(frozen=True, eq=False)
class Work:
    """What is compared."""

    student: str
    digest: str
    """Of the bytes: equal submissions have the same."""
    source: Source
    stub: Stub
    marks: Mapping[int, tuple[int, ...]]
    """Each fingerprint, and the tokens at which it begins."""
    given: frozenset[int]
    """The tokens that the stub has as well, in runs as long as those of a fingerprint."""


def make_stub(source: Source) -> Stub:
    """What of a submission is not the student's own."""
    lines = (line.text.strip() for line in source.lines)
    return Stub(frozenset(grams(source.tokens)), frozenset(line for line in lines if line))


def make_work(student: str, digest: str, source: Source, stub: Stub) -> Work:
    """Fingerprint a submission."""
    hashes = grams(source.tokens)
    marks: dict[int, list[int]] = {}
    for at in winnow(hashes, stub.hashes):
        marks.setdefault(hashes[at], []).append(at)
    given = frozenset(
        token
        for at, each in enumerate(hashes)
        if each in stub.hashes
        for token in range(at, at + GRAM)
    )
    return Work(student, digest, source, stub, {m: tuple(at) for m, at in marks.items()}, given)
