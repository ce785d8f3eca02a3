"""What a tensor of the wrong shape may look like."""

from __future__ import annotations

import itertools

import torch

from grader.judge.evidence import KNOWN, Diagnose, Pair, evidence, matches
from grader.judge.results import Cause
from grader.judge.tolerance import Tolerance

MOST_DIMS = 4
"""Dimensions of which all orders and all flips are tried: 24 and 15 of them."""


def transposed(pair: Pair) -> Cause | None:
    """Recognise the last two dimensions swapped."""
    if pair.expected.ndim >= 2 and pair.shows(pair.expected.mT):
        return Cause("looks_transposed")
    return None


def permuted(pair: Pair) -> Cause | None:
    """Recognise the dimensions in another order."""
    if pair.expected.ndim > MOST_DIMS:
        return None
    for dims in itertools.permutations(range(pair.expected.ndim)):
        if pair.shows(pair.expected.permute(dims)):
            return Cause("looks_permuted", {"dims": str(dims)})
    return None


def _singletons(pair: Pair) -> Cause | None:
    """Recognise dimensions of size 1 too many (keepdim) or missing."""
    actual, expected = pair.actual, pair.expected
    full = [size for size in actual.shape if size != 1]
    if full != [size for size in expected.shape if size != 1] or actual.ndim == expected.ndim:
        return None
    if not matches(actual.flatten(), expected.flatten(), pair.tolerance):
        return None
    return Cause("looks_keepdim" if actual.ndim > expected.ndim else "looks_squeezed")


def _reshaped(pair: Pair) -> Cause | None:
    if pair.actual.numel() != pair.expected.numel():
        return None
    if pair.shows(pair.expected.reshape(pair.actual.shape)):
        return Cause("looks_reshaped")
    return None


def _unreduced(pair: Pair) -> Cause | None:
    return _reduction("looks_unreduced", pair.actual, pair.expected, pair.tolerance)


def _reduced(pair: Pair) -> Cause | None:
    return _reduction("looks_reduced", pair.expected, pair.actual, pair.tolerance)


def _reduction(
    kind: str, whole: torch.Tensor, part: torch.Tensor, tolerance: Tolerance
) -> Cause | None:
    """Recognise `part` as the mean or the sum of `whole`, over everything or one dimension."""
    if part.ndim >= whole.ndim or evidence(part, tolerance) < KNOWN:
        return None
    dims = [tuple(range(whole.ndim))] if part.ndim == 0 else [(dim,) for dim in range(whole.ndim)]
    for dim in dims:
        for how, value in (("mean", whole.mean(dim)), ("sum", whole.sum(dim))):
            if matches(part, value, tolerance):
                return Cause(kind, {"how": how})
    return None


# The simplest explanation first: what one of them recognises, a later one may recognise too.
OF_SHAPES: tuple[Diagnose, ...] = (
    _singletons,
    transposed,
    permuted,
    _reshaped,
    _unreduced,
    _reduced,
)
