"""Who is stuck: several attempts without gain, or far below the class in many exercises."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from grader.reports.class_report.gather import Entry, Gathered, State, Tried

ATTEMPTS = 3
"""From so many submissions on."""
WITHOUT_GAIN = 2
"""So many of the last ones have brought nothing more."""
BELOW = 0.25
"""So far below the median, as a share of the points."""
LEAST_EXERCISES = 3
MANY = 1 / 3
"""Of the exercises that count here."""
_HAIR = 1e-9


@dataclass(frozen=True)
class Stuck:
    """One student and why."""

    student: str
    without_gain: tuple[tuple[str, int], ...]
    """(exercise, number of submissions)."""
    below: tuple[str, ...]
    """Exercises; empty where they are not many."""
    compared: int
    """How many exercises the class has been compared in."""


def stuck(gathered: Gathered) -> tuple[Stuck, ...]:
    """Everybody who is stuck, those with the most reasons first."""
    medians = _medians(gathered)
    found = []
    for student in gathered.book.students:
        own = {
            column.exercise: gathered.entries[student.id, column.exercise]
            for column in gathered.book.columns
        }
        each = Stuck(
            student.id, tuple(_without_gain(own)), _many(own, medians), compared=len(medians)
        )
        if each.without_gain or each.below:
            found.append(each)
    found.sort(key=lambda each: (-len(each.below) - len(each.without_gain), each.student))
    return tuple(found)


def _without_gain(own: Mapping[str, Entry]) -> Iterator[tuple[str, int]]:
    for exercise, entry in own.items():
        if entry.state is State.EXCUSED or entry.cell.score.is_override:
            continue
        shares = submission_shares(entry.tried)
        if len(shares) < ATTEMPTS:
            continue
        before, last = max(shares[:-WITHOUT_GAIN]), max(shares[-WITHOUT_GAIN:])
        if before < 1 - _HAIR and last <= before + _HAIR:
            yield exercise, len(shares)


def submission_shares(tried: tuple[Tried, ...]) -> list[float]:
    """What part of the points each submission has earned, in order; of each its newest grading."""
    newest: dict[int, float] = {}
    for each in tried:
        kept = each.kept
        if kept.earned is not None:
            share = kept.earned / kept.max_points if kept.max_points else 0.0
            newest.setdefault(kept.submission, share)
            newest[kept.submission] = share
    return list(newest.values())


def _medians(gathered: Gathered) -> dict[str, float]:
    """The class's median share, for the exercises that at least half of the class has begun."""
    students = gathered.book.students
    medians = {}
    for column in gathered.book.columns:
        entries = [gathered.entries[student.id, column.exercise] for student in students]
        shares = [each.share for each in entries if each.share is not None]
        begun = sum(each.state is not State.MISSING for each in entries)
        if shares and 2 * begun >= len(students):
            medians[column.exercise] = statistics.median(shares)
    return medians


def _many(own: Mapping[str, Entry], medians: Mapping[str, float]) -> tuple[str, ...]:
    below = []
    for exercise, median in medians.items():
        entry = own[exercise]
        if entry.state is State.UNGRADED or entry.share is None:
            continue
        if entry.share < median - BELOW - _HAIR:
            below.append(exercise)
    is_many = len(below) >= LEAST_EXERCISES and len(below) >= MANY * len(medians)
    return tuple(below) if is_many else ()
