"""A function of each value that is missing or surplus: a root, a logarithm, a ReLU."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import torch

from grader.judge.evidence import KNOWN, Pair, corner_of, evidence, matches
from grader.judge.results import Cause
from grader.judge.tolerance import EXACT

_Function: TypeAlias = Callable[[torch.Tensor], torch.Tensor]


def power(pair: Pair) -> Cause | None:
    """Recognise squares where the values themselves are wanted, and roots."""
    for missing, function in (("root", torch.square), ("square", torch.sqrt)):
        if _is_image(pair, function):
            return Cause("looks_power", {"missing": missing})
    return None


def exponential(pair: Pair) -> Cause | None:
    """Recognise probabilities where their logarithms are wanted, and the other way round."""
    for missing, function in (("log", torch.exp), ("exp", torch.log)):
        if _is_image(pair, function):
            return Cause("looks_exponential", {"missing": missing})
    return None


def clipped(pair: Pair) -> Cause | None:
    """Recognise negative values that were cut to 0, or should have been."""
    if pair.actual.is_complex():
        return None
    for relu, whole, cut in (
        ("surplus", pair.expected, pair.actual),
        ("missing", pair.actual, pair.expected),
    ):
        if (
            matches(cut, whole.clamp(min=0), pair.tolerance)
            and evidence(cut, pair.tolerance) >= KNOWN
            # A few zeros may have another reason, such as a border that was never written.
            and evidence((whole < 0).double(), EXACT) >= KNOWN
        ):
            return Cause("looks_clipped", {"relu": relu})
    return None


def _is_image(pair: Pair, function: _Function) -> bool:
    """Whether each value is `function` of the expected one, and hardly by chance.

    Near a fixed point of the function (the root of 1 is 1) any small noise would match, so the
    function has to move the values far.
    """
    if pair.actual.is_complex():
        return False
    corner = corner_of(pair.expected)
    if not matches(pair.actual[corner], function(pair.expected[corner]), pair.tolerance):
        return False
    image = function(pair.expected)
    return pair.shows(image) and evidence(image - pair.expected, pair.tolerance) >= KNOWN
