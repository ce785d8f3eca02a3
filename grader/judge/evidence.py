"""When a match of two tensors says something: ten zeros match ten zeros by chance."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import torch

from grader.judge.results import Cause
from grader.judge.tolerance import Tolerance, close

KNOWN = 12.0
"""Bits that a match with a fixed transformation has to be worth: chance 1 in 4096."""
ONE_UNKNOWN = 32.0
"""The same where one number, a factor or a constant, was fitted: it takes up to 16 bits itself."""

_MOST_PER_VALUE = 16.0


@dataclass(frozen=True)
class Pair:
    """Two different tensors of one wide dtype, and how close is close."""

    actual: torch.Tensor
    expected: torch.Tensor
    tolerance: Tolerance
    sizes: tuple[int, ...]
    """Numbers of values that a mean or a sum may have run over."""

    def shows(self, transformed: torch.Tensor) -> bool:
        """Whether what came back is the transformed expected tensor, and hardly by chance."""
        return (
            matches(self.actual, transformed, self.tolerance)
            and evidence(transformed, self.tolerance) >= KNOWN
        )


Diagnose: TypeAlias = Callable[[Pair], Cause | None]
"""Recognises one kind of mistake."""


def matches(actual: torch.Tensor, expected: torch.Tensor, tolerance: Tolerance) -> bool:
    """Whether two tensors agree; NaN agrees with NaN, a mistake may well lead to it."""
    if actual.shape != expected.shape:
        return False
    # Most candidates differ at once: a look at one corner saves most of the time.
    corner = corner_of(actual)
    return all(
        bool(close(a, e, tolerance, equal_nan=True).all())
        for a, e in ((actual[corner], expected[corner]), (actual, expected))
    )


def corner_of(values: torch.Tensor) -> tuple[slice, ...]:
    """The index of a corner that is quick to look at."""
    return (slice(8),) * values.ndim


def evidence(values: torch.Tensor, tolerance: Tolerance) -> float:
    """Estimate in bits how unlikely it is that other values match `values` by chance.

    The larger of two estimates. One counts how often which values occur, which suits masks and
    small integers. The other counts the distinct values and how finely the tolerance resolves
    them, which suits a few real numbers; zeros and repetitions add nothing to it.
    """
    flat = (torch.view_as_real(values) if values.is_complex() else values).flatten()
    finite = flat[flat.isfinite()]
    size = float(finite.abs().max()) if finite.numel() else 0.0
    step = 2 * (tolerance.atol + tolerance.rtol * size)
    if bool((finite == finite.round()).all()):
        step = max(step, 1.0)
    # The infinite entries of an attention mask count as one value more.
    beyond = 2 * size + step
    cells = (flat.nan_to_num(nan=0.0, posinf=beyond, neginf=-beyond) / step).round()
    kinds, counts = np.unique(cells.numpy(), return_counts=True)
    by_frequency = -float((counts * np.log2(counts / flat.numel())).sum())
    resolution = min(_MOST_PER_VALUE, math.log2(1 + size / step))
    return max(by_frequency, np.count_nonzero(kinds) * resolution)
