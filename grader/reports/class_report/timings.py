"""How fast the class is: the figures of timed tasks, in order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from grader.judge.verdicts import Verdict
from grader.reports.class_report.facts import Exercise, TimingFact


@dataclass(frozen=True)
class Timed:
    """One student's figure."""

    student: str
    timing: TimingFact
    has_passed: bool


@dataclass(frozen=True)
class TimedCheck:
    """A timed task and everybody's figures, the fastest first."""

    check: str
    kind: str
    device: str
    """Figures of different devices are not compared."""
    limits: tuple[tuple[float, float], ...]
    figures: tuple[Timed, ...]


def timed_checks(exercise: Exercise) -> tuple[TimedCheck, ...]:
    """Every timed task, once for each device that it was timed on."""
    found: dict[tuple[str, str, str], list[Timed]] = {}
    for work in exercise.works:
        for check in work.checks:
            if check.timing:
                place = check.name, check.timing.kind, check.timing.device
                passed = check.verdict is Verdict.PASSED
                found.setdefault(place, []).append(Timed(work.student, check.timing, passed))
    return tuple(
        TimedCheck(*place, figures[-1].timing.limits, _fastest_first(figures))
        for place, figures in sorted(found.items())
    )


def _fastest_first(figures: Iterable[Timed]) -> tuple[Timed, ...]:
    return tuple(sorted(figures, key=lambda each: (each.timing.value, each.student)))
