"""What a time is worth."""

from __future__ import annotations

from collections.abc import Sequence

from grader.timing.estimate import Interval, spread

Limits = Sequence[tuple[float, float]]
"""(largest value, share of the points), the fastest first; empty: everything is worth everything"""

_UNEVEN = 3.0
"""So many times the reference's own spread is no noise of the machine."""
_LEAST_SPREAD = 0.05
_HOPELESS = 2.0
"""Runs that all take so many times the slowest limit need not be repeated further."""


def share_of(value: float, limits: Limits) -> float:
    """The share of the points that a value earns."""
    if not limits:
        return 1.0
    return next((share for limit, share in limits if value <= limit), 0.0)


def share_of_all(interval: Interval, limits: Limits) -> float | None:
    """The share that all of the interval earns; None where a limit lies within it."""
    best, worst = share_of(interval.low, limits), share_of(interval.high, limits)
    return best if best == worst else None


def is_uneven(times: Sequence[float], reference: Sequence[float]) -> bool:
    """Whether a submission's times vary by its own doing: the reference's, in between, do not."""
    return spread(times) > _UNEVEN * max(spread(reference), _LEAST_SPREAD)


def is_hopeless(ratios: Sequence[float], limits: Limits) -> bool:
    """Whether no run was anywhere near the slowest limit."""
    return bool(limits) and min(ratios) > _HOPELESS * max(limit for limit, _ in limits)
