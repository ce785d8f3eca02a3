"""Submissions that fail in the same way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from grader.judge.verdicts import Verdict
from grader.reports.class_report.facts import Work

Way = tuple[tuple[str, str, str], ...]
"""(check, verdict, kind of its first cause) of each check that did not pass, by name; of a
submission that could not be graded at all one entry, with its problem as the cause."""


@dataclass(frozen=True)
class Cluster:
    """Those who fail in one way."""

    way: Way
    members: tuple[Work, ...]
    """By id of the student; the first one represents the others."""


def clusters(works: Iterable[Work]) -> tuple[Cluster, ...]:
    """The submissions that do not pass everything, the largest cluster first."""
    found: dict[Way, list[Work]] = {}
    for work in works:
        if way := way_of(work):
            found.setdefault(way, []).append(work)
    made = [
        Cluster(way, tuple(sorted(members, key=lambda work: work.student)))
        for way, members in found.items()
    ]
    return tuple(sorted(made, key=lambda each: (-len(each.members), each.way)))


def way_of(work: Work) -> Way:
    """In which way a submission fails; empty for one that fails nowhere."""
    if work.problem:
        return (("", Verdict.NOT_RUN.value, work.problem),)
    failing = (
        (check.name, check.verdict.value, check.cause)
        for check in work.checks
        if check.verdict is not Verdict.PASSED and not check.verdict.is_excused
    )
    return tuple(sorted(failing))
