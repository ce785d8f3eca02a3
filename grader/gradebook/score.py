"""What the attempts of one student at one exercise are worth: one function for all of it."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

from grader.gradebook.policy import Policy

_NO_TIME = dt.timedelta(0)


@dataclass(frozen=True)
class Attempt:
    """One grading of one submission."""

    earned: float
    max_points: float
    """Points of all checks but those that are excused."""
    handed_in: dt.datetime | None = None
    """With its time zone; None where nobody knows."""
    is_late: bool = False
    """Whether the platform that it comes from says so."""


@dataclass(frozen=True)
class Decisions:
    """What an instructor has decided about a student and an exercise."""

    override: float | None = None
    """The points, whatever the attempts say."""
    is_excused: bool = False
    extension: dt.timedelta = _NO_TIME


@dataclass(frozen=True)
class Score:
    """What counts."""

    points: float | None
    """None: excused, so that it counts neither for nor against the student."""
    whole: float
    counted: int | None = None
    """The place of the attempt that counts."""
    lost: float = 0.0
    """The share that lateness has cost it."""
    is_override: bool = False


def score(
    attempts: Sequence[Attempt],
    whole: float,
    policy: Policy,
    due: dt.datetime | None = None,
    decisions: Decisions = Decisions(),
) -> Score:
    """Say what a student gets for an exercise that is worth `whole` points.

    Checks that are excused are left out: the points that could be earned are scaled to the whole.
    No attempt is worth 0. The result is between 0 and `whole`; more points earned never make it
    less, and of the attempts only the last one's place matters, and only where the last counts.
    """
    if decisions.is_excused:
        return Score(None, whole)
    if decisions.override is not None:
        return Score(_within(decisions.override, whole), whole, is_override=True)
    worth = [_worth(attempt, whole, policy, due, decisions) for attempt in attempts]
    if not worth:
        return Score(0.0, whole)
    last = len(worth) - 1
    place = last if policy.counts == "last" else max(range(len(worth)), key=lambda k: worth[k][0])
    points, lost = worth[place]
    return Score(_within(_rounded(points, policy.step), whole), whole, place, lost)


def _worth(
    attempt: Attempt,
    whole: float,
    policy: Policy,
    due: dt.datetime | None,
    decisions: Decisions,
) -> tuple[float, float]:
    """The points of one attempt before rounding, and the share that lateness has cost."""
    share = attempt.earned / attempt.max_points if attempt.max_points > 0 else 0.0
    lost = _lost(attempt, policy, due, decisions.extension)
    return _within(share, 1.0) * whole * (1 - lost), lost


def _lost(
    attempt: Attempt, policy: Policy, due: dt.datetime | None, extension: dt.timedelta
) -> float:
    if policy.late is None:
        return 0.0
    if attempt.handed_in is not None and due is not None:
        late = attempt.handed_in - due - extension
        if late <= policy.grace:
            return 0.0
        units = math.ceil(late / policy.late.unit)
    else:
        # The platform has a due date of its own; an extension is given where there is one here.
        units = int(attempt.is_late and not extension)
    return min(units * policy.late.share, policy.late.at_most)


def _rounded(points: float, step: float | None) -> float:
    """The nearest multiple, halves up; a hair below a half is one, for sums of fractions."""
    return points if step is None else math.floor(points / step + 0.5 + 1e-9) * step


def _within(value: float, most: float) -> float:
    return min(max(value, 0.0), most)
