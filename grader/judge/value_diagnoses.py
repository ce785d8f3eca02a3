"""What a tensor of the right shape, but with wrong values, may look like."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch

from grader.judge.evidence import KNOWN, ONE_UNKNOWN, Diagnose, Pair, evidence, matches
from grader.judge.function_diagnoses import clipped, exponential, power
from grader.judge.order_diagnoses import flipped, regrouped, shifted
from grader.judge.results import Cause
from grader.judge.shape_diagnoses import permuted, transposed
from grader.judge.softmax_diagnoses import logits, softmax_other_axis
from grader.judge.tolerance import Tolerance

_SMALLEST_CHANGE = 1e-3
"""What an unknown factor differs from 1 by: "times 1" would help nobody."""


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
    known = _known_factor(pair, factor, slack)
    if known or certainty < ONE_UNKNOWN or abs(factor - 1) < _SMALLEST_CHANGE:
        return known
    return Cause("looks_scaled", {"factor": factor})


def _known_factor(pair: Pair, factor: float, slack: float) -> Cause | None:
    """Recognise the factors that have a reason."""
    if abs(factor + 1) <= slack:
        return Cause("looks_negated")
    for n in _counts(pair):
        if abs(factor / n - 1) <= slack:
            return Cause("looks_summed", {"n": n})
        if abs(factor * n - 1) <= slack:
            return Cause("looks_averaged", {"n": n})
    for n, ratio in _corrections(pair):
        if abs(factor / ratio - 1) <= slack:
            return Cause("looks_correction", {"n": n})
    return None


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


def _corrections(pair: Pair) -> Iterator[tuple[int, float]]:
    """Factors between a variance that divides by n and one that divides by n - 1, and of roots."""
    for n in _counts(pair):
        root = math.sqrt((n - 1) / n)
        yield from ((n, root), (n, 1 / root))
        # 0.8 or 1.25 have too many other causes where n is but a guess from a shape.
        if n in pair.sizes:
            yield from ((n, root**2), (n, 1 / root**2))


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


# The simplest explanation first: what one of them recognises, a later one may recognise too.
OF_VALUES: tuple[Diagnose, ...] = (
    _zero,
    _scaled,
    exponential,
    logits,
    _offset,
    transposed,
    flipped,
    permuted,
    regrouped,
    shifted,
    softmax_other_axis,
    power,
    clipped,
)
