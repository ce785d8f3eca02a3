"""How well each check tells students apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from grader.judge.verdicts import Verdict
from grader.reports.class_report.facts import Exercise

LEAST = 10
"""With fewer submissions a correlation says nothing."""


@dataclass(frozen=True)
class CheckFinding:
    """One check over the whole class."""

    name: str
    counted: int
    """Submissions with a verdict that is not excused."""
    passed: int
    excused: int
    discrimination: float | None
    """None where it is not defined."""

    @property
    def rate(self) -> float | None:
        """The share that passes."""
        return self.passed / self.counted if self.counted else None

    @property
    def flag(self) -> str:
        """What a person should look at: `nobody`, `everybody`, `negative` or nothing."""
        if self.counted and self.passed == 0:
            return "nobody"
        if self.counted and self.passed == self.counted:
            return "everybody"
        return "negative" if (self.discrimination or 0.0) < 0 else ""


def check_findings(exercise: Exercise) -> tuple[CheckFinding, ...]:
    """Tell of each check, in the order of the checks, how many pass it and whether it tells.

    Discrimination is the point-biserial correlation between passing the check and the rest score:
    what the same submission has earned with all other checks. It is not defined for fewer than
    `LEAST` submissions, or where everybody passes, nobody does, or all rest scores are equal.
    """
    verdicts: dict[str, list[tuple[bool, float]]] = {name: [] for name in exercise.texts}
    excused = dict.fromkeys(exercise.texts, 0)
    for work in exercise.works:
        whole = math.fsum(check.earned for check in work.checks)
        for check in work.checks:
            if check.verdict.is_excused:
                excused[check.name] += 1
            else:
                passes = check.verdict is Verdict.PASSED
                verdicts[check.name].append((passes, whole - check.earned))
    return tuple(
        CheckFinding(
            name,
            len(pairs),
            sum(passes for passes, _ in pairs),
            excused[name],
            _discrimination(pairs),
        )
        for name, pairs in verdicts.items()
    )


def _discrimination(pairs: Sequence[tuple[bool, float]]) -> float | None:
    if len(pairs) < LEAST:
        return None
    passes, rests = [float(each) for each, _ in pairs], [rest for _, rest in pairs]
    return correlation(passes, rests)


def correlation(ones: Sequence[float], others: Sequence[float]) -> float | None:
    """Pearson's; None where one side is all the same."""
    mean_one, mean_other = math.fsum(ones) / len(ones), math.fsum(others) / len(others)
    one = [each - mean_one for each in ones]
    other = [each - mean_other for each in others]
    spread = math.sqrt(math.fsum(x * x for x in one) * math.fsum(y * y for y in other))
    tiny = 1e-9 * len(ones)  # what rounding leaves of equal sums of points
    if spread < tiny:
        return None
    return max(-1.0, min(1.0, math.fsum(x * y for x, y in zip(one, other, strict=True)) / spread))
