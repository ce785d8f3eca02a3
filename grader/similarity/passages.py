"""The passages that two works have in common, for people to look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.similarity.fingerprints import GRAM
from grader.similarity.work import Work

_PLACES = 16
"""Of one fingerprint on the right that are tried: a text may repeat one thing a thousand times."""

State = tuple[int, ...]
"""The numbers of the passages (from 1) that a line has a part of; one of these if it has none."""
GIVEN: State = (0,)
OWN: State = ()


@dataclass(frozen=True)
class Passage:
    """Tokens in a row that stand on both sides."""

    left: int
    """The first token."""
    right: int
    length: int
    lines: int
    """Of the left side, without those of the stub alone."""
    others: int
    """How many of the other works have at least half of its fingerprints."""


def passages(left: Work, right: Work, others: Sequence[Work]) -> list[Passage]:
    """Find them in the order of the left side; no token belongs to two.

    A shared fingerprint is extended as far as both sides agree, to the place where that is
    furthest. What the stub says at its ends is no part of it.
    """
    tiles = _Tiles(left, right)
    shared = left.marks.keys() & right.marks.keys()
    seeds = sorted((at, mark) for mark in shared for at in left.marks[mark])
    found = []
    for at, mark in seeds:
        runs = [tiles.extended(at, to) for to in right.marks[mark][:_PLACES]]
        longest = max(runs, key=lambda run: run.length)
        if longest.length < GRAM:
            continue
        tiles.take(longest)
        passage = _passage(left, others, longest)
        if passage:
            found.append(passage)
    return sorted(found, key=lambda passage: passage.left)


def states(work: Work, runs: Sequence[tuple[int, int]]) -> list[State]:
    """The state of each line; `runs` are the first token and the length of each passage.

    A line without tokens goes with its neighbours where these agree.
    """
    number_of = {
        token: number
        for number, (start, length) in enumerate(runs, 1)
        for token in range(start, start + length)
    }
    numbers: dict[int, set[int]] = {}
    own: set[int] = set()
    for at, token in enumerate(work.source.tokens):
        of_line = numbers.setdefault(token.line, set())
        if at not in work.given:
            own.add(token.line)
            of_line.update({number_of[at]} if at in number_of else ())
    found: list[State | None] = []
    for at, line in enumerate(work.source.lines):
        passages_there = tuple(sorted(numbers.get(at, ())))
        is_given = (at in numbers and at not in own) or line.text.strip() in work.stub.lines
        if passages_there or is_given:
            found.append(passages_there or GIVEN)
        else:
            found.append(OWN if at in numbers else None)
    before_each = _carried(found)
    after_each = reversed(list(_carried(found[::-1])))
    return [_between(before, after) for before, after in zip(before_each, after_each, strict=True)]


def _carried(found: Sequence[State | None]) -> Iterator[State | None]:
    """Each state; where there is none, the last one."""
    last: State | None = None
    for state in found:
        last = last if state is None else state
        yield last


def _between(before: State | None, after: State | None) -> State:
    if before is None or after is None:
        return before or after or OWN
    return before if before == after else OWN


@dataclass(frozen=True, slots=True)
class _Run:
    """Equal tokens: both starts, and how many."""

    left: int
    right: int
    length: int


class _Tiles:
    """Which tokens of both sides are taken."""

    def __init__(self, left: Work, right: Work) -> None:
        self._left = [token.symbol for token in left.source.tokens]
        self._right = [token.symbol for token in right.source.tokens]
        self._free_left = bytearray(b"\1" * len(self._left))
        self._free_right = bytearray(b"\1" * len(self._right))

    def extended(self, left: int, right: int) -> _Run:
        """The longest run of free, equal tokens around these places."""
        back = ahead = 0
        while self._agree(left + ahead, right + ahead):
            ahead += 1
        while ahead and self._agree(left - back - 1, right - back - 1):
            back += 1
        return _Run(left - back, right - back, back + ahead)

    def take(self, run: _Run) -> None:
        """Take them for one passage."""
        self._free_left[run.left : run.left + run.length] = bytes(run.length)
        self._free_right[run.right : run.right + run.length] = bytes(run.length)

    def _agree(self, left: int, right: int) -> bool:
        return (
            0 <= left < len(self._left)
            and 0 <= right < len(self._right)
            and bool(self._free_left[left] and self._free_right[right])
            and self._left[left] == self._right[right]
        )


def _passage(work: Work, others: Sequence[Work], run: _Run) -> Passage | None:
    """What of a run is not the stub's; None where that is nothing."""
    end = run.left + run.length
    own = [at for at in range(run.left, end) if at not in work.given]
    if not own:
        return None
    marks = {
        mark
        for mark, places in work.marks.items()
        if any(run.left <= at <= end - GRAM for at in places)
    }
    sharing = sum(2 * sum(mark in other.marks for mark in marks) >= len(marks) for other in others)
    lines = {work.source.tokens[at].line for at in own}
    right = run.right + own[0] - run.left
    return Passage(own[0], right, own[-1] + 1 - own[0], len(lines), sharing)
