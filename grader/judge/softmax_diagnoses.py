"""Softmax and log_softmax over the wrong dimension, or left out."""

from __future__ import annotations

import torch

from grader.judge.evidence import KNOWN, Pair, evidence, matches
from grader.judge.results import Cause


def logits(pair: Pair) -> Cause | None:
    """Recognise scores that softmax or log_softmax would turn into the expected result."""
    if pair.actual.is_complex():
        return None
    for how, softmax, expected in (
        ("softmax", torch.softmax, pair.expected),
        ("log_softmax", torch.log_softmax, pair.expected.exp()),
    ):
        for dim in sorted(_softmax_dims(expected)):
            is_meant = matches(softmax(pair.actual, dim), pair.expected, pair.tolerance)
            if is_meant and evidence(pair.expected, pair.tolerance) >= KNOWN:
                return Cause("looks_logits", {"how": how, "dim": dim})
    return None


def softmax_other_axis(pair: Pair) -> Cause | None:
    """Recognise softmax and log_softmax along another dimension."""
    if pair.actual.is_complex():
        return None
    for actual, expected in (
        (pair.actual, pair.expected),
        (pair.actual.exp(), pair.expected.exp()),
    ):
        wanted, got = _softmax_dims(expected), _softmax_dims(actual)
        for dim in got - wanted:
            if any(_differ_by_norm(actual, expected, dim, other) for other in wanted - got):
                return Cause("looks_softmax_other_axis", {"dim": dim})
    return None


def _softmax_dims(values: torch.Tensor) -> set[int]:
    """The dimensions along which the values are positive and add up to 1."""
    if not bool((values >= 0).all()):
        return set()
    sums = ((dim, values.sum(dim)) for dim, size in enumerate(values.shape) if size > 1)
    # Float16 rounds each of the values that are summed up here.
    return {dim for dim, total in sums if bool(((total - 1).abs() < 1e-2).all())}


def _differ_by_norm(actual: torch.Tensor, expected: torch.Tensor, dim: int, other: int) -> bool:
    """Whether the two differ by one factor per slice along `dim` and one along `other`.

    A softmax divides the same exponentials by a norm that is constant along its dimension.
    """
    ratio = actual.log() - expected.log()
    ratio = ratio.movedim((dim, other), (0, 1))
    kept = torch.isfinite(ratio)
    if not bool(kept.all()):
        # Masked places are 0 in both; without them the means below say nothing.
        return bool(((actual == 0) == (expected == 0)).all())
    rest = ratio - ratio.mean(0, keepdim=True) - ratio.mean(1, keepdim=True)
    return bool((rest + ratio.mean((0, 1), keepdim=True)).abs().max() < 1e-2)
