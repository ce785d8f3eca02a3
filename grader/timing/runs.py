"""The runs of a timed task, and what comes of them."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from grader.course import TimedTask
from grader.judge.failures import CheckFailed
from grader.judge.grading import Handle
from grader.judge.outcomes import Inconclusive, JudgeFault
from grader.judge.results import Cause, Repeat, Timing
from grader.timing.estimate import Interval, growth, ratio
from grader.timing.judgement import is_hopeless, is_uneven, share_of, share_of_all
from grader.timing.reasons import slow_reasons
from grader.timing.side import Side

_WARM_UPS = 2
_FEWEST = 3
"""Repeats before it may be said that more are of no use."""
_MOST = 3
"""Times the task's repeats, while the result is undecided."""
_LEAST_SHARE = 0.5
"""Of a run: more than the rest is not taken off for the way there and back, however busy it is."""
_MOST_LOSSES = 1000
_TOO_MUCH = {"ratio": "too_slow", "growth": "grows_too_fast"}
"""The cause of each kind of timing."""


@dataclass
class Run:
    """One run of one of the two sides, which are not told apart; a check fills in the rest."""

    submission: Handle
    size: int
    samples: int = 0
    """How many samples it has worked through, if that means something."""
    losses: Mapping[str, Sequence[float]] = field(default_factory=dict)
    """The loss at each step, by the name of what was trained: drawn in the report."""


class Timed:
    """The runs of one timed task; when they are over it says what came of it."""

    def __init__(
        self,
        task: TimedTask,
        submission: Side,
        reference: Side,
        device: str,
        *,
        is_measured: bool,
    ) -> None:
        self._task = task
        self._is_measured = is_measured
        self._submission = submission
        self._reference = reference
        self._device = device
        self._limits: Sequence[tuple[float, float]] = [
            (band.within, band.share) for band in task.bands
        ]
        self._kind = "ratio"
        if task.growth is not None:
            self._kind, self._limits = "growth", [(task.growth, 1.0)]
        self._echo: dict[int, float] = {}
        self._repeats: list[Repeat] = []
        self._last: Run
        """The submission's last."""
        self.runs_reference = False
        """Whether the run under way is the reference's: what goes wrong in it is our fault."""
        self.is_over = False
        self.timing: Timing | None = None
        """What came of it, when it is over, if it was measured."""
        self.share = 1.0
        self.causes: tuple[Cause, ...] = ()
        """Why it earns less than all."""

    def __iter__(self) -> Iterator[Run]:
        """Give one run after another; at the end raise what keeps the check from passing."""
        if self._is_measured:
            yield from self._measured()
        else:
            yield from self._pair(self._task.sizes[0], 0)
        self.is_over = True

    def _measured(self) -> Iterator[Run]:
        for size in self._task.sizes:
            for number in range(_WARM_UPS):
                yield from self._pair(size, number)
            self._echo[size] = self._reference.echo()
        for number in range(_MOST * self._task.repeats):
            for size in self._task.sizes:
                yield from self._pair(size, number)
                self._repeats.append(self._repeat(size))
            if self._is_enough(number + 1):
                break
        self._conclude()

    def _pair(self, size: int, number: int) -> Iterator[Run]:
        """A run of each side; who comes first changes, for the second may find things warm."""
        sides = (self._reference, self._submission)
        for side in sides if number % 2 else reversed(sides):
            self.runs_reference = side is self._reference
            side.begin()
            run = Run(Handle(side, self._device), size)
            yield run
            if not side.exchanges:
                raise JudgeFault(f"a run of {self._task.check} asks nothing")
            if side is self._submission:
                self._last = run
        self.runs_reference = False

    def _repeat(self, size: int) -> Repeat:
        mine, theirs = (
            max(side.seconds - self._echo[size], _LEAST_SHARE * side.seconds)
            for side in (self._submission, self._reference)
        )
        return Repeat(size, mine, theirs)

    def _is_enough(self, rounds: int) -> bool:
        if rounds < min(_FEWEST, self._task.repeats):
            return False
        ratios = [each.seconds / each.reference for each in self._repeats]
        if self._task.bands and is_hopeless(ratios, self._limits):
            return True
        if rounds % self._task.repeats:
            return False
        return share_of_all(self._interval(), self._limits) is not None

    def _times(self) -> dict[int, tuple[list[float], list[float]]]:
        """For each size the times of the submission and of the reference."""
        times: dict[int, tuple[list[float], list[float]]]
        times = {size: ([], []) for size in self._task.sizes}
        for each in self._repeats:
            times[each.size][0].append(each.seconds)
            times[each.size][1].append(each.reference)
        return times

    def _interval(self) -> Interval:
        times = self._times()
        return growth(times) if self._kind == "growth" else ratio(*times[self._task.sizes[-1]])

    def _conclude(self) -> None:
        interval = self._interval()
        mine, theirs = self._times()[self._task.sizes[-1]]
        self.timing = timing = self._told(interval, statistics.median(mine))
        numbers = {"value": timing.value, "low": timing.low, "high": timing.high}
        limit = self._limits[0][0] if self._limits else 0.0
        causes = [Cause(_TOO_MUCH[self._kind], {**numbers, "limit": limit})]
        share = share_of_all(interval, self._limits)
        if share is None and is_uneven(mine, theirs):
            share = share_of(interval.high, self._limits)
            causes.append(Cause("uneven"))
        if share is None:
            raise Inconclusive(Cause("too_noisy", causes[0].data))
        self.share = share
        if share < 1:
            self.causes = (*causes, *self._reasons())
        if share == 0:
            raise CheckFailed(self.causes)

    def _reasons(self) -> tuple[Cause, ...]:
        theirs = self._reference.watched("operations")
        return slow_reasons(self._submission.watched("operations"), theirs)

    def _told(self, interval: Interval, seconds: float) -> Timing:
        run = self._last
        peak = self._submission.worker.peak_memory()  # before anything watches it from within
        parts = self._submission.watched("times")
        return Timing(
            device=self._device,
            kind=self._kind,
            value=_rounded(interval.value),
            low=_rounded(interval.low),
            high=_rounded(interval.high),
            limits=tuple(self._limits),
            repeats=tuple(
                Repeat(each.size, _rounded(each.seconds), _rounded(each.reference))
                for each in self._repeats
            ),
            samples_per_second=_rounded(run.samples / seconds) if run.samples else None,
            peak_bytes=peak,
            parts={part: _rounded(spent) for part, spent in parts.items()},
            losses={name: tuple(_finite(losses)) for name, losses in run.losses.items()},
            is_implausible=self._kind == "ratio" and interval.value < self._task.floor,
        )


def _finite(losses: Sequence[float]) -> Iterator[float]:
    """Those that can be drawn: an answer of the submission may hold anything."""
    for loss in itertools.islice(losses, _MOST_LOSSES):
        if isinstance(loss, int | float) and math.isfinite(loss):
            yield _rounded(loss)


def _rounded(value: float) -> float:
    """Three digits: more would only say what the machine did besides."""
    return float(f"{value:.3g}")
