"""Right values in the wrong places: flipped, regrouped or shifted."""

from __future__ import annotations

import itertools

from grader.judge.evidence import KNOWN, Pair, evidence, matches
from grader.judge.results import Cause
from grader.judge.shape_diagnoses import MOST_DIMS

_FARTHEST_SHIFT = 2
_FIRST = 8


def flipped(pair: Pair) -> Cause | None:
    """Recognise dimensions in reverse order."""
    dims = [dim for dim, size in enumerate(pair.expected.shape) if size > 1]
    if len(dims) > MOST_DIMS:
        return None
    for count in range(1, len(dims) + 1):
        for some in itertools.combinations(dims, count):
            if pair.shows(pair.expected.flip(some)):
                return Cause("looks_flipped", {"dims": ", ".join(map(str, some))})
    return None


def regrouped(pair: Pair) -> Cause | None:
    """Recognise view or reshape where permute or transpose is wanted, and the other way round."""
    if not 2 <= pair.expected.ndim <= MOST_DIMS:
        return None
    for one, other in ((pair.actual, pair.expected), (pair.expected, pair.actual)):
        flat = one.flatten()
        for dims in itertools.permutations(range(other.ndim)):
            moved = other.permute(dims)
            # A look at the first values saves the copy in another order.
            first = moved[(0,) * (moved.ndim - 1)][:_FIRST]
            if (
                matches(flat[: first.numel()], first, pair.tolerance)
                and matches(flat, moved.flatten(), pair.tolerance)
                and evidence(one, pair.tolerance) >= KNOWN
            ):
                return Cause("looks_regrouped")
    return None


def shifted(pair: Pair) -> Cause | None:
    """Recognise everything moved by one or two places along one dimension."""
    for dim, size in enumerate(pair.expected.shape):
        for step in range(1, _FARTHEST_SHIFT + 1):
            overlap = size - step
            if overlap <= step:
                continue
            for by in (step, -step):
                if _is_shifted(pair, dim, by, overlap):
                    return Cause("looks_shifted", {"dim": dim, "by": by})
    return None


def _is_shifted(pair: Pair, dim: int, by: int, overlap: int) -> bool:
    """Whether `actual` is `expected` moved along `dim`, whatever stands at the border."""
    actual = pair.actual.narrow(dim, max(by, 0), overlap)
    moved = pair.expected.narrow(dim, max(-by, 0), overlap)
    unmoved = pair.expected.narrow(dim, max(by, 0), overlap)
    return (
        matches(actual, moved, pair.tolerance)
        # Equal rows look the same wherever they are moved.
        and not matches(actual, unmoved, pair.tolerance)
        and evidence(moved, pair.tolerance) >= KNOWN
    )
