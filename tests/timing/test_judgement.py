"""What a time is worth."""

from __future__ import annotations

import pytest

from grader.timing.estimate import Interval
from grader.timing.judgement import is_hopeless, is_uneven, share_of, share_of_all

_LIMITS = ((2.0, 1.0), (5.0, 0.5))


@pytest.mark.parametrize(
    ("value", "share"), [(0.1, 1), (2.0, 1), (2.01, 0.5), (5.0, 0.5), (5.1, 0)]
)
def test_share_is_of_the_first_limit_that_holds(value: float, share: float) -> None:
    """A limit belongs to the better side."""
    assert share_of(value, _LIMITS) == share


def test_without_limits_everything_is_worth_everything() -> None:
    """A time that is only reported costs nothing."""
    assert share_of(99.0, ()) == 1
    assert share_of_all(Interval(9, 1, 99), ()) == 1


@pytest.mark.parametrize(
    ("low", "high", "share"),
    [(0.9, 1.1, 1), (2.1, 4.9, 0.5), (6, 9, 0), (1.9, 2.1, None), (4, 6, None), (1, 9, None)],
)
def test_nothing_is_said_where_a_limit_lies_within_the_interval(
    low: float, high: float, share: float | None
) -> None:
    """Only a share that all of the interval earns is given."""
    assert share_of_all(Interval((low + high) / 2, low, high), _LIMITS) == share


def test_uneven_is_what_the_reference_beside_it_is_not() -> None:
    """A submission that takes its time at random is; one on a noisy machine is not."""
    quiet, wild = [1.0, 1.01, 1.02] * 5, [1.0, 5.0, 9.0] * 5
    assert is_uneven(wild, quiet)
    assert not is_uneven(wild, [2 * each for each in wild])
    assert not is_uneven(quiet, quiet)


def test_hopeless_is_what_was_never_near() -> None:
    """One run that came near is reason enough to go on, and without limits there is no hope."""
    assert is_hopeless([11.0, 30.0], _LIMITS)
    assert not is_hopeless([9.0, 30.0], _LIMITS)
    assert not is_hopeless([1e9], ())
