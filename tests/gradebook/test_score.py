"""One function says what attempts are worth: examples by hand, and what always holds."""

from __future__ import annotations

import datetime as dt
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.gradebook import Attempt, Decisions, LatePolicy, Policy, score

DUE = dt.datetime(2026, 11, 30, 23, 59, tzinfo=dt.UTC)
DAY, HOUR, MINUTE = dt.timedelta(days=1), dt.timedelta(hours=1), dt.timedelta(minutes=1)
TEN_A_DAY = Policy(grace=15 * MINUTE, late=LatePolicy(0.1, DAY, 0.5), step=0.5)


def attempt(earned: float, late: dt.timedelta | None = None, of: float = 10) -> Attempt:
    """An attempt that was handed in so much after the due date."""
    return Attempt(earned, of, None if late is None else DUE + late)


@pytest.mark.parametrize(
    ("late", "points"),
    [
        (-DAY, 8),
        (15 * MINUTE, 8),
        (16 * MINUTE, 7),  # 8 - 0.8 = 7.2
        (DAY, 7),
        (DAY + MINUTE, 6.5),  # 8 - 1.6 = 6.4
        (30 * DAY, 4),
    ],
)
def test_lateness_costs_by_the_day(late: dt.timedelta, points: float) -> None:
    """Nothing within the grace, then for each day that has begun, up to the most."""
    assert score([attempt(8, late)], 10, TEN_A_DAY, DUE).points == points


def test_an_extension_moves_the_due_date() -> None:
    """With the grace on top of it."""
    decisions = Decisions(extension=2 * DAY)
    assert score([attempt(8, 2 * DAY)], 10, TEN_A_DAY, DUE, decisions).points == 8
    assert score([attempt(8, 3 * DAY)], 10, TEN_A_DAY, DUE, decisions).points == 7


def test_a_platforms_late_marker_costs_one_unit() -> None:
    """Where nobody knows how late it was."""
    late = Attempt(8, 10, None, is_late=True)
    assert score([late], 10, TEN_A_DAY, DUE).points == 7
    assert score([late], 10, Policy(), DUE).points == 8


def test_which_attempt_counts() -> None:
    """The best after what lateness costs, or the last."""
    attempts = [attempt(7, -DAY), attempt(8, 3 * DAY), attempt(5, -HOUR)]
    best = score(attempts, 10, TEN_A_DAY, DUE)
    assert (best.points, best.counted) == (7, 0)
    last = score(attempts, 10, Policy(counts="last"), DUE)
    assert (last.points, last.counted) == (5, 2)


def test_excused_checks_cost_nothing() -> None:
    """What can be earned is scaled to the whole; with nothing left there is nothing to earn."""
    assert score([attempt(6, of=8)], 10, Policy()).points == 7.5
    assert score([attempt(0, of=0)], 10, Policy()).points == 0


def test_what_an_instructor_decides_stands() -> None:
    """Whatever the attempts say; excused counts neither way."""
    assert score([attempt(2)], 10, Policy(), None, Decisions(override=9)).points == 9
    assert score([attempt(2)], 10, Policy(), None, Decisions(override=99)).points == 10
    assert score([], 10, Policy(), None, Decisions(is_excused=True)).points is None
    assert score([], 10, Policy()).points == 0


_POINTS = st.floats(0, 100, allow_nan=False)
_ATTEMPTS = st.lists(
    st.builds(
        lambda share, most, late, has_time, is_late: Attempt(
            share * most, most, DUE + late if has_time else None, is_late
        ),
        st.floats(0, 1),
        _POINTS,
        st.timedeltas(-30 * DAY, 30 * DAY),
        st.booleans(),
        st.booleans(),
    ),
    max_size=5,
)
_POLICIES = st.builds(
    Policy,
    grace=st.timedeltas(dt.timedelta(0), DAY),
    late=st.none()
    | st.builds(LatePolicy, st.floats(0, 1), st.sampled_from([HOUR, DAY]), st.floats(0, 1)),
    counts=st.sampled_from(["best", "last"]),
    step=st.none() | st.sampled_from([0.1, 0.25, 0.5, 1.0, 3.0]),
)
_DECISIONS = st.builds(
    Decisions,
    override=st.none() | st.floats(-10, 200, allow_nan=False),
    extension=st.timedeltas(dt.timedelta(0), 40 * DAY),
)


@given(_ATTEMPTS, _POINTS, _POLICIES, _DECISIONS)
def test_never_below_zero_nor_above_the_whole(
    attempts: list[Attempt], whole: float, policy: Policy, decisions: Decisions
) -> None:
    """Whatever was earned, decided and rounded."""
    points = score(attempts, whole, policy, DUE, decisions).points
    assert points is not None
    assert 0 <= points <= whole


@given(_ATTEMPTS, _POINTS, _POLICIES, st.data())
def test_more_points_never_make_it_less(
    attempts: list[Attempt], whole: float, policy: Policy, data: st.DataObject
) -> None:
    """An attempt that earns more, all else equal."""
    if not attempts:
        return
    place = data.draw(st.integers(0, len(attempts) - 1))
    old = attempts[place]
    better = Attempt(
        data.draw(st.floats(old.earned, max(old.earned, old.max_points))),
        old.max_points,
        old.handed_in,
        old.is_late,
    )
    changed = [*attempts[:place], better, *attempts[place + 1 :]]
    before, after = (score(each, whole, policy, DUE).points for each in (attempts, changed))
    assert before is not None
    assert after is not None
    assert after >= before


@given(_ATTEMPTS, _POINTS, _POLICIES, st.randoms(use_true_random=False))
def test_the_order_does_not_matter_where_the_best_counts(
    attempts: list[Attempt], whole: float, policy: Policy, random: Random
) -> None:
    """Attempts may be read from the store in any order."""
    if policy.counts == "best":
        mixed = list(attempts)
        random.shuffle(mixed)
        assert score(mixed, whole, policy, DUE).points == score(attempts, whole, policy, DUE).points


@given(_ATTEMPTS, _POINTS, _POLICIES, st.timedeltas(dt.timedelta(0), 40 * DAY))
def test_an_extension_never_costs(
    attempts: list[Attempt], whole: float, policy: Policy, extension: dt.timedelta
) -> None:
    """More time is never worth less."""
    before = score(attempts, whole, policy, DUE).points
    after = score(attempts, whole, policy, DUE, Decisions(extension=extension)).points
    assert before is not None
    assert after is not None
    assert after >= before
