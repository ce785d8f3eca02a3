"""What is kept in memory of each report while the findings about the class are made."""

from __future__ import annotations

from dataclasses import dataclass, field

from grader.judge.results import CheckResult, SubmissionResult, Timing
from grader.judge.verdicts import Verdict
from grader.text import Text


@dataclass(frozen=True, slots=True)
class TimingFact:
    """What came of a timed task."""

    device: str
    kind: str
    value: float
    low: float
    high: float
    limits: tuple[tuple[float, float], ...]
    is_implausible: bool


@dataclass(frozen=True, slots=True)
class CheckFact:
    """What became of one check of one submission."""

    name: str
    verdict: Verdict
    earned: float
    cause: str
    """The kind of the first cause; empty where there is none."""
    timing: TimingFact | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """A student's submission for one exercise: the one that counts."""

    student: str
    key: str
    """Of its grading."""
    problem: str
    """The kind of what kept all of it from being graded; empty where nothing did."""
    checks: tuple[CheckFact, ...]


@dataclass(frozen=True)
class CheckText:
    """What is the same of a check for every submission."""

    sentence: Text
    points: float
    hidden: bool


@dataclass
class Exercise:
    """What has come of one exercise; grows report by report."""

    works: list[Work] = field(default_factory=list)
    texts: dict[str, CheckText] = field(default_factory=dict)
    """By the name of the check, in the order of the checks."""

    def add(self, student: str, key: str, result: SubmissionResult) -> None:
        """Keep what the findings need of a report."""
        for check in result.checks:
            if check.name not in self.texts:
                self.texts[check.name] = CheckText(check.sentence, check.points, check.hidden)
        checks = tuple(map(_fact, result.checks))
        problem = result.problem.kind if result.problem else ""
        self.works.append(Work(student, key, problem, checks))


def _fact(check: CheckResult) -> CheckFact:
    cause = check.causes[0].kind if check.causes else ""
    timing = _timing(check.timing) if check.timing else None
    return CheckFact(check.name, check.verdict, check.earned, cause, timing)


def _timing(timing: Timing) -> TimingFact:
    return TimingFact(
        timing.device,
        timing.kind,
        timing.value,
        timing.low,
        timing.high,
        timing.limits,
        timing.is_implausible,
    )
