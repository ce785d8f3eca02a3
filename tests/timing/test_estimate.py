"""From times to a number with an interval."""

from __future__ import annotations

import numpy as np
import pytest

from grader.timing.estimate import RESOLUTION, growth, ratio, spread


def test_ratio_is_of_runs_side_by_side() -> None:
    """A machine that slows down meanwhile slows both: the ratio does not change."""
    reference = [0.01 * 1.2**step for step in range(15)]
    found = ratio([3 * each for each in reference], reference)
    assert found.value == pytest.approx(3)
    assert found.low == pytest.approx(3, rel=2 * RESOLUTION)
    assert found.high == pytest.approx(3, rel=2 * RESOLUTION)


def test_a_disturbed_run_moves_nothing() -> None:
    """The median does not see one run of fifteen that took a hundred times as long."""
    found = ratio([2.0] * 14 + [200.0], [1.0] * 15)
    assert found.value == pytest.approx(2)


def test_no_interval_is_narrower_than_the_resolution() -> None:
    """Runs that agree exactly leave the difference between two processes of the same code."""
    found = ratio([1.0] * 15, [1.0] * 15)
    assert found.low == pytest.approx(np.exp(-RESOLUTION))
    assert found.high == pytest.approx(np.exp(RESOLUTION))


def test_the_same_times_give_the_same_interval() -> None:
    """Nothing in it is random from call to call."""
    times = list(np.random.default_rng(1).lognormal(0.0, 0.3, 15))
    assert ratio(times, [1.0] * 15) == ratio(times, [1.0] * 15)


def test_interval_holds_the_true_ratio_in_99_of_100_samples() -> None:
    """Lognormal noise of both sides, as wide as on a loaded machine."""
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(200):
        mine, theirs = rng.lognormal(0.0, 0.3, (2, 15))
        found = ratio(list(1.7 * mine), list(theirs))
        held += found.low <= 1.7 <= found.high
    assert held >= 194


@pytest.mark.parametrize("power", [0.0, 1.0])
def test_growth_is_the_power_of_the_size(power: float) -> None:
    """Compared with a linear reference, and with runs that were disturbed."""
    rng = np.random.default_rng(2)

    def disturbed(seconds: float) -> list[float]:
        return list(seconds * (1 + rng.exponential(0.3, 15)))

    sizes = (100, 400, 1600)
    found = growth(
        {size: (disturbed(3e-6 * size ** (1 + power)), disturbed(1e-6 * size)) for size in sizes}
    )
    assert found.low < power < found.high
    assert found.value == pytest.approx(power, abs=0.1)


def test_spread_is_of_the_middle_half() -> None:
    """Equal times have none, and a quarter of strange ones on either side adds none."""
    assert spread([0.5] * 8) == 0
    assert spread([0.01, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 99.0]) == 0
    assert spread([1.0, 2.0] * 8) == pytest.approx(np.log(2))
