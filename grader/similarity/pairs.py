"""Which submissions of one exercise are alike, and how much.

A fingerprint that two students share says the more the fewer others have it. So it weighs
1 - log(1 + others) / log(n) of n texts: 1 if only these two have it, next to nothing if everybody
has. (In a smaller class n is 10, for there a single other says little.) The likeness of two
submissions is the weight of what they share as part of the weight of the lighter one, so that
padding does not hide a copy:

    shared / (shared + the lighter of what only one has)

It is 1 for two equal texts, 0 where nothing but the stub is common, and the same in both
directions. A pair counts as alike if its likeness reaches `THRESHOLD` and the shared weight
`RARE`: in a short exercise everybody may have all in common, which is no more than the task.
The weights are whole numbers, so no order of adding them changes a result.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import starmap
from math import log

import numpy as np
from scipy.sparse import csr_array, triu

from grader.similarity.work import Work

THRESHOLD = 0.4
"""Chosen from the course's own exercises: docs/how-it-works.md has the figures."""
RARE = 20.0
"""Fingerprints that nobody else has, or more of them that few have: some fifty tokens."""
MAX_PAIRS = 200
"""Of one exercise. So many are more than anybody looks at."""
_SMALLEST = 10
"""The least n."""
_ONE = 1_000_000
"""The weight of a fingerprint that only two have."""


@dataclass(frozen=True)
class Likeness:
    """How alike two works are, which are named by their positions."""

    left: int
    right: int
    share: float
    """From 0 to 1."""
    rare: float
    """How much they share, in fingerprints that nobody else has."""


@dataclass(frozen=True)
class Pair:
    """Two works that are alike; students who handed in the same bytes stand on one side."""

    left: tuple[Work, ...]
    right: tuple[Work, ...]
    share: float

    @property
    def is_same(self) -> bool:
        """Whether both are the same bytes."""
        return self.left[0].digest == self.right[0].digest


@dataclass(frozen=True)
class Alike:
    """The pairs that are alike, the most alike first."""

    pairs: tuple[Pair, ...]
    left_out: int
    """How many more there are."""


def alike(works: Sequence[Work], independent: Sequence[Collection[int]] = ()) -> Alike:
    """Find the pairs; `independent` are the fingerprints of texts that nobody can have copied.

    Students with the same bytes are one pair, whatever it is that they have in common, and stand
    together on one side of every other.
    """
    works = sorted(works, key=lambda work: work.student)
    same: dict[str, list[Work]] = {}
    for work in works:
        same.setdefault(work.digest, []).append(work)
    groups = {group[0]: tuple(group) for group in same.values()}
    pairs = [Pair(group[:1], group[1:], 1.0) for group in groups.values() if len(group) > 1]
    for each in sorted(likenesses(works, independent), key=_most_alike):
        left, right = groups.get(works[each.left]), groups.get(works[each.right])
        if left and right and each.share >= THRESHOLD and each.rare >= RARE:
            pairs.append(Pair(left, right, each.share))
    return Alike(tuple(pairs[:MAX_PAIRS]), max(0, len(pairs) - MAX_PAIRS))


def likenesses(
    works: Sequence[Work], independent: Sequence[Collection[int]] = ()
) -> Iterator[Likeness]:
    """Every two works that share anything beside the stub.

    One product of sparse matrices: it costs what is shared, not every pair of texts.
    """
    count = max(_SMALLEST, len(works) + len(independent))
    having = Counter(mark for work in works for mark in work.marks)
    shared = sorted(mark for mark, students in having.items() if students > 1)
    if not shared:
        return
    for known in independent:
        having.update(mark for mark in known if mark in having)
    weights = [round(_ONE * (1 - log(1 + others) / log(count))) for others in range(count)]
    place = {mark: column for column, mark in enumerate(shared)}
    rows = [sorted(place[mark] for mark in work.marks if mark in place) for work in works]
    has = csr_array(
        (
            np.ones(sum(map(len, rows)), np.int64),
            np.array([column for row in rows for column in row], np.int64),
            np.cumsum([0, *map(len, rows)]),
        ),
        shape=(len(works), len(shared)),
    )
    with_one_other = np.array([weights[having[mark] - 2] for mark in shared], np.int64)
    alone = np.array([weights[having[mark] - 1] for mark in shared], np.int64)
    both = triu(has.multiply(with_one_other) @ has.T, k=1).tocoo()
    if_alone = (has.multiply(alone) @ has.T).tocsr()[both.row, both.col]
    whole = np.array([sum(weights[having[mark] - 1] for mark in work.marks) for work in works])
    rest = np.minimum(whole[both.row], whole[both.col]) - if_alone
    columns = (both.row, both.col, both.data / (both.data + rest), both.data / _ONE)
    yield from starmap(Likeness, zip(*(column.tolist() for column in columns), strict=True))


def _most_alike(each: Likeness) -> tuple[float, float, int, int]:
    return -each.share, -each.rare, each.left, each.right
