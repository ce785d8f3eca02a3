"""What a wrong tensor looks like: the expected one transposed, scaled, shifted ...

A diagnosis is only worth saying when it cannot be chance. So each one demands that the transformed
tensor matches within the tolerance *and* that the match means something: see `evidence.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch

from grader.judge.evidence import Pair, matches
from grader.judge.results import Cause
from grader.judge.shape_diagnoses import OF_SHAPES
from grader.judge.tolerance import Tolerance
from grader.judge.value_diagnoses import OF_VALUES

_MOST_ELEMENTS = 1_000_000
"""Larger tensors are not diagnosed: keeps it near a second and 100 MB."""


@dataclass(frozen=True)
class Mistake:
    """A mistake that a check's author knows: the value that it leads to and what to tell."""

    value: torch.Tensor
    en: str
    """One sentence that names the mistake and no value: hidden checks may show it too."""
    zh: str


def named_mistake(
    actual: torch.Tensor, mistakes: Iterable[Mistake], tolerance: Tolerance
) -> tuple[Cause, ...]:
    """Return the first of the author's mistakes that leads to `actual`, if any."""
    for mistake in mistakes:
        if _is_diagnosable(actual, mistake.value) and matches(
            *_widened(actual, mistake.value), tolerance
        ):
            return (Cause("mistake", {"en": mistake.en, "zh": mistake.zh}),)
    return ()


def looks_like(
    actual: torch.Tensor,
    expected: torch.Tensor,
    *,
    tolerance: Tolerance,
    sizes: Sequence[int] = (),
) -> tuple[Cause, ...]:
    """Return the likeliest mistake that makes `actual` of `expected`, or nothing.

    `sizes` are numbers of values that a mean or a sum may have run over and that the shape of
    `expected` does not tell.
    """
    if not _is_diagnosable(actual, expected):
        return ()
    # Integers are exact, but a factor found by least squares is not.
    tolerance = Tolerance(max(tolerance.rtol, 1e-9), max(tolerance.atol, 1e-12))
    pair = Pair(*_widened(actual, expected), tolerance, tuple(sizes))
    if matches(pair.actual, pair.expected, tolerance):
        return ()
    for diagnose in OF_VALUES if actual.shape == expected.shape else OF_SHAPES:
        cause = diagnose(pair)
        if cause:
            return (cause,)
    return ()


def _is_diagnosable(*tensors: torch.Tensor) -> bool:
    # An empty tensor may have huge dimensions, and its mean along one of them huge memory.
    return all(not tensor.is_meta and 0 < tensor.numel() <= _MOST_ELEMENTS for tensor in tensors)


def _widened(actual: torch.Tensor, expected: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    is_complex = actual.dtype.is_complex or expected.dtype.is_complex
    wide = torch.complex128 if is_complex else torch.float64
    return actual.detach().to("cpu", wide), expected.detach().to("cpu", wide)
