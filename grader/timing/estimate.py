"""From times to one number with an interval.

The interval is the percentile bootstrap's (Efron 1979, "Bootstrap methods: another look at the
jackknife"), of medians, so a single disturbed run moves nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

CONFIDENCE = 0.99
"""Of 100 submissions as fast as the reference, about one is not said to be."""
RESOLUTION = 0.03
"""Two processes that run the same code differ by as much, run after run: where their memory lies
decides it. No interval is narrower, however well the runs agree."""
_RESAMPLES = 2000


@dataclass(frozen=True)
class Interval:
    """An estimate and the ends of its interval."""

    value: float
    low: float
    high: float


def ratio(times: Sequence[float], reference: Sequence[float]) -> Interval:
    """How many times as long as the reference: the median over runs side by side."""
    logs = np.log(np.asarray(times) / np.asarray(reference))
    low, high = _ends((logs,), np.median)
    value = float(np.median(logs))
    low, high = min(low, value - RESOLUTION), max(high, value + RESOLUTION)
    return Interval(math.exp(value), math.exp(low), math.exp(high))


def growth(pairs: Mapping[int, tuple[Sequence[float], Sequence[float]]]) -> Interval:
    """The power b in (time / reference's time) ~ size**b, from both times for each size.

    0: the time grows as the reference's does; 1: if that is linear, with the square. It is the
    slope, both as logs, of a line through the lower quartiles: what disturbs a run makes it longer,
    and the runs of the smallest size are short.
    """
    sizes = np.log(list(pairs))
    sizes -= sizes.mean()

    def slope(*logs: Any, axis: int = -1) -> Any:
        quartiles = np.stack([np.quantile(each, 0.25, axis=axis) for each in logs], axis=-1)
        ratios = quartiles[..., : len(sizes)] - quartiles[..., len(sizes) :]
        return (ratios * sizes).sum(-1) / (sizes**2).sum()

    logs = tuple(np.log(each) for times in zip(*pairs.values(), strict=True) for each in times)
    value = float(slope(*logs))
    low, high = _ends(logs, slope)
    return Interval(value, low, high)


def spread(times: Sequence[float]) -> float:
    """How far apart the middle half of the times lies, in logs."""
    low, high = np.percentile(np.log(times), (25, 75))
    return float(high - low)


def _ends(samples: tuple[Any, ...], statistic: Any) -> tuple[float, float]:
    from scipy import stats  # noqa: PLC0415  takes a second, and most checks are not timed

    found = stats.bootstrap(
        samples,
        statistic,
        n_resamples=_RESAMPLES,
        confidence_level=CONFIDENCE,
        method="percentile",
        vectorized=True,
        rng=np.random.default_rng(0),  # the same times give the same interval
    )
    return float(found.confidence_interval.low), float(found.confidence_interval.high)
