"""The result of grading, as plain data: no text for people, no torch.

Sentences for people are made in `grader.reports` from `Cause` (a kind and its data).
A hidden check's result holds nothing that could give away an input, an expected value or the
check's source: `redacted` is applied in the judge, before a result leaves it, but for a class run,
whose store is the instructor's: there it is applied before a student sees it (`judge.secrecy`).
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field, replace

from grader.judge.verdicts import Verdict
from grader.text import Text

FORMAT_VERSION = 1

Datum = str | int | float | bool | None


@dataclass(frozen=True)
class Frame:
    """A place in the student's files on the way to an exception."""

    file: str
    line: int
    function: str
    """As Python names it, `Net.forward` or `<module>`; "" where the file cannot be parsed."""
    text: str
    """The line as it stands in the submission, without its indentation, cut."""
    cell: int | None = None
    """The cell of a notebook that `line` counts in."""


@dataclass(frozen=True)
class Cause:
    """Why something is not right: the key of a message in `reports/messages.toml` and its data."""

    kind: str
    data: Mapping[str, Datum] = field(default_factory=dict)
    frames: tuple[Frame, ...] = ()
    """For an exception the student's own traceback, outermost first; never of a hidden check."""


@dataclass(frozen=True)
class Repeat:
    """One run of the submission and the run of the reference beside it."""

    size: int
    seconds: float
    """By the judge's clock, less what the way there and back takes."""
    reference: float


@dataclass(frozen=True)
class Timing:
    """What came of a timed task."""

    device: str
    kind: str
    """`ratio`: times the reference's time; `growth`: with which power of the size that grows."""
    value: float
    low: float
    """The ends of the interval that holds the true value, at `estimate.CONFIDENCE`."""
    high: float
    limits: tuple[tuple[float, float], ...]
    """(largest value, share of the points), the fastest first; empty where nothing is graded."""
    repeats: tuple[Repeat, ...]
    samples_per_second: float | None
    peak_bytes: int | None
    """The most memory of the submission's processes (on CUDA: of the device), where known."""
    parts: Mapping[str, float]
    """Seconds in forward, backward, step and loading, and in all: the worker's own word."""
    losses: Mapping[str, tuple[float, ...]]
    """Of one run, as the check was told them, by the check's own names."""
    is_implausible: bool
    """Whether it is faster than anything plausible: for a person to look at."""


@dataclass(frozen=True)
class CheckResult:
    """One check of one attempt."""

    name: str
    """The name of the check function, `test_...`."""
    sentence: Text
    """What the check demands, in one sentence."""
    points: float
    """What the check is worth."""
    verdict: Verdict
    hidden: bool
    seconds: float | None
    """Wall time by the judge's clock, start of the worker included; None for a hidden check: code
    that sees the inputs can take its time in proportion to them."""
    causes: tuple[Cause, ...] = ()
    """Why it did not pass, the most telling first; empty when it passed."""
    hint: Text | None = None
    """The author's hint, shown when the check did not pass."""
    output: str = ""
    """What the code printed, cut and escaped; always empty for a hidden check."""
    share: float = 1.0
    """What part of the points a pass earns: less than 1 for a timed task that is rather slow."""
    timing: Timing | None = None
    """Of a timed task whose runs all gave right answers."""

    @property
    def earned(self) -> float:
        """The share of the points that a passed check earns, otherwise 0."""
        return self.share * self.points if self.verdict is Verdict.PASSED else 0.0

    @property
    def is_full(self) -> bool:
        """Whether it earned all that it is worth."""
        return self.verdict is Verdict.PASSED and self.share == 1

    def redacted(self, known_names: Container[str]) -> CheckResult:
        """This result without anything that a student may not see of a hidden check.

        A submission sees a hidden check's inputs and may try to carry them out in whatever it can
        choose: the name of an exception, of a function, a text. So names are shown only if they
        are Python's own exceptions or in `known_names` (those that the task asks for).
        """
        if not self.hidden:
            return self
        causes = tuple(Cause(cause.kind, _shown(cause, known_names)) for cause in self.causes)
        return replace(self, causes=causes, output="", seconds=None)


# What a hidden check may say beside the kind of mistake.
_JUDGES_OWN = {
    "mistake": ("en", "zh"),
    "did_not_raise": ("expected",),
    "timed_out": ("seconds", "phase"),
    "out_of_memory": ("megabytes",),
    "killed": ("signal",),
    "too_slow": ("value", "low", "high", "limit"),
    "grows_too_fast": ("value", "low", "high", "limit"),
    "too_noisy": ("low", "high"),
    **dict.fromkeys(
        ("slow_loop", "slow_reading", "slow_moving", "slow_batches", "slow_graph"),
        ("count", "expected"),
    ),
}
_NAMES = {"raised": ("type",), "missing_name": ("name",), "not_written": ("function",)}
_EXCEPTIONS = frozenset(
    name
    for name, value in vars(builtins).items()
    if isinstance(value, type) and issubclass(value, BaseException)
)


def _shown(cause: Cause, known_names: Container[str]) -> dict[str, Datum]:
    shown = {key: cause.data[key] for key in _JUDGES_OWN.get(cause.kind, ()) if key in cause.data}
    for key in _NAMES.get(cause.kind, ()):
        name = cause.data.get(key)
        if name in _EXCEPTIONS or name in known_names:
            shown[key] = name
    return shown


@dataclass(frozen=True)
class RuleResult:
    """One source rule of an exercise: calls that the task forbids or requires."""

    sentence: Text
    penalty: float
    """Points lost when the rule is broken; 0 makes it advice only."""
    broken: tuple[Cause, ...]
    """One cause per place (`forbidden_call`, `required_call`), empty when the rule holds."""

    @property
    def lost(self) -> float:
        """The points that this rule takes away."""
        return self.penalty if self.broken else 0.0


@dataclass(frozen=True)
class Conditions:
    """Under what conditions an attempt was graded, enough to repeat it exactly."""

    seed: int
    device: str
    tier: str
    """full, lite or none: which isolation was witnessed."""
    tier_notes: tuple[Cause, ...]
    """Why the tier is not a higher one."""
    python: str
    torch: str
    grade: str


@dataclass(frozen=True)
class SubmissionResult:
    """One attempt: one grading of one student's files for one exercise."""

    exercise: str
    """The folder's name, ex07_conv."""
    title: Text
    submission: str
    """How the user named it: a path, shown to people only."""
    checks: tuple[CheckResult, ...]
    rules: tuple[RuleResult, ...]
    problem: Cause | None
    """What kept the whole submission from being graded (a syntax error ...), if anything."""
    public_only: bool
    """Whether hidden checks were left out or are not here at all."""
    started_at: str
    """UTC, ISO 8601."""
    seconds: float
    """Wall time; with hidden checks in whole seconds, for the reason above."""
    conditions: Conditions

    def with_causes(self, change: Callable[[Cause], Cause]) -> SubmissionResult:
        """This result with every cause changed: of the problem, the checks and the rules."""
        return replace(
            self,
            problem=self.problem and change(self.problem),
            checks=tuple(
                replace(check, causes=tuple(map(change, check.causes))) for check in self.checks
            ),
            rules=tuple(
                replace(rule, broken=tuple(map(change, rule.broken))) for rule in self.rules
            ),
        )

    @property
    def max_points(self) -> float:
        """Points of all checks but those whose verdict is excused."""
        return sum(check.points for check in self.checks if not check.verdict.is_excused)

    @property
    def earned(self) -> float:
        """Points earned, less the penalties of broken rules, never below 0."""
        points = sum(check.earned for check in self.checks)
        return max(0.0, points - sum(rule.lost for rule in self.rules))

    @property
    def all_passed(self) -> bool:
        """Whether every check passed and no rule took points."""
        return (
            self.problem is None
            and all(check.is_full for check in self.checks)
            and not any(rule.lost for rule in self.rules)
        )
