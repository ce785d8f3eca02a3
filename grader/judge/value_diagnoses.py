"""What a tensor of the right shape, but with wrong values, may look like."""

from __future__ import annotations

import itertools
import math

import torch

from grader.judge.evidence import KNOWN, ONE_UNKNOWN, Diagnose, Pair, evidence, matches
from grader.judge.results import Cause
from grader.judge.shape_diagnoses import MOST_DIMS, permuted, transposed
from grader.judge.tolerance import Tolerance

_FARTHEST_SHIFT = 2


def _zero(pair: Pair) -> Cause | None:
    # A single value says nothing about all of them.
    is_zero = not pair.actual.any() and int(pair.expected.count_nonzero()) > 1
    return Cause("looks_zero") if is_zero else None


def _scaled(pair: Pair) -> Cause | None:
    factor = _factor(pair)
    slack = 2 * pair.tolerance.rtol
    if factor is None or abs(factor - 1) <= slack:
        return None
    certainty = evidence(pair.expected, pair.tolerance)
    if certainty < KNOWN:
        return None
    if abs(factor + 1) <= slack:
        return Cause("looks_negated")
    for n in _counts(pair):
        if abs(factor / n - 1) <= slack:
            return Cause("looks_summed", {"n": n})
        if abs(factor * n - 1) <= slack:
            return Cause("looks_averaged", {"n": n})
    return Cause("looks_scaled", {"factor": factor}) if certainty >= ONE_UNKNOWN else None


def _factor(pair: Pair) -> float | None:
    """Return the real number that makes `actual` of `expected`, if one does."""
    actual, expected = pair.actual.flatten(), pair.expected.flatten()
    square = torch.vdot(expected, expected).real.item()
    if not square or not math.isfinite(square):
        return None
    ratio = complex(torch.vdot(expected, actual).item()) / square
    factor = ratio.real
    if abs(ratio.imag) > pair.tolerance.rtol * abs(factor):
        return None
    # For a small factor the absolute tolerance shrinks too, or else any small noise would match.
    tolerance = Tolerance(pair.tolerance.rtol, pair.tolerance.atol * min(1.0, abs(factor)))
    return factor if factor and matches(actual, factor * expected, tolerance) else None


def _counts(pair: Pair) -> list[int]:
    """How many values a mean or a sum may have run over."""
    # A factor of 2 has too many other causes to guess a mean over 2 from a shape.
    own = {n for n in (pair.expected.numel(), *pair.expected.shape) if n > 2}
    return sorted(own | {n for n in pair.sizes if n > 1})


def _offset(pair: Pair) -> Cause | None:
    if pair.actual.is_complex():
        return None
    constant = (pair.actual - pair.expected).mean().item()
    if not math.isfinite(constant):
        return None
    is_offset = matches(pair.actual - constant, pair.expected, pair.tolerance)
    if is_offset and evidence(pair.expected, pair.tolerance) >= ONE_UNKNOWN:
        return Cause("looks_offset", {"constant": constant})
    return None


def _flipped(pair: Pair) -> Cause | None:
    dims = [dim for dim, size in enumerate(pair.expected.shape) if size > 1]
    if len(dims) > MOST_DIMS:
        return None
    for count in range(1, len(dims) + 1):
        for some in itertools.combinations(dims, count):
            if pair.shows(pair.expected.flip(some)):
                return Cause("looks_flipped", {"dims": ", ".join(map(str, some))})
    return None


def _shifted(pair: Pair) -> Cause | None:
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


def _softmax_other_axis(pair: Pair) -> Cause | None:
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


# The simplest explanation first: what one of them recognises, a later one may recognise too.
OF_VALUES: tuple[Diagnose, ...] = (
    _zero,
    _scaled,
    _offset,
    transposed,
    _flipped,
    permuted,
    _shifted,
    _softmax_other_axis,
)
