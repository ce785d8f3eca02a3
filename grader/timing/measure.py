"""The timing protocol, and the fixture `timed` that a check runs it with.

    for run in timed:                                  # the reference and the submission, in turns
        images = rng.randn(run.size, 28, 28)           # fresh for every run
        answer = run.submission.run(blur, images)      # timed
        assert_close(answer, expected(images))         # not timed; the next run comes after it

Each side is a worker of its own, with one thread, on one processor. A worker's processes run only
while its clock does: before and after they are stopped, the submission's while the reference runs
above all. The clock is the judge's: from the last byte of a request sent to the last byte of its
answer received, so nothing is gained by answering early or by changing a clock. What the way there
and back takes is measured with as many bytes, and taken off.

The first runs warm up and do not count; nothing tells them from the others. Then the runs are
repeated as often as the task says, up to `_MOST` times as often while the result could still be
either of two.
"""

from __future__ import annotations

import contextlib
import math
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from grader.course import Exercise, TimedTask
from grader.judge.failures import CheckFailed
from grader.judge.grading import Grading, Handle
from grader.judge.launch import Launcher
from grader.judge.outcomes import Inconclusive, JudgeFault, StudentFault
from grader.judge.results import Cause, Repeat, Timing
from grader.judge.workers import Exchange, Worker
from grader.timing.judgement import is_hopeless, is_uneven, share_of, share_of_all
from grader.timing.lock import only_one
from grader.timing.reasons import Counts, slow_reasons
from grader.wire import messages as m

if TYPE_CHECKING:
    from grader.timing.estimate import Interval

_WARM_UPS = 2
_ECHOES = 5
_FEWEST = 5
"""Repeats before it may be said that more are of no use."""
_MOST = 3
"""Times the task's repeats, while the result is undecided."""
_LEAST_SECONDS = 1e-6
Launch = Callable[[int | None], AbstractContextManager[Launcher]]
"""Gives a launcher whose worker has a processor, the one named, for itself."""
Measure = Callable[[str], AbstractContextManager["Timed"]]
"""`measuring`, for any check of one attempt."""


@dataclass
class Run:
    """One run of one of the two sides, which are not told apart; a check fills in the rest."""

    submission: Handle
    size: int
    samples: int = 0
    """How many samples it has worked through, if that means something."""
    losses: Sequence[float] = ()
    """The loss at each step, if there are steps."""


class Side:
    """The worker of the submission or of the reference; stopped but while it is asked something."""

    def __init__(self, worker: Worker) -> None:
        """Take a worker that has imported its files, and stop it."""
        self.worker = worker
        self.requests: list[m.Request] = []
        """Those of the last run."""
        self.exchanges: list[Exchange] = []
        """By the clock, the same."""
        worker.pause()

    def begin(self) -> None:
        """Begin another run."""
        self.requests.clear()
        self.exchanges.clear()
        self.worker.start_clock(math.inf)

    def ask(self, request: m.Request) -> m.Returned | m.Yielded:
        """Have the worker go on, ask it, and stop it."""
        answer = self._ask(request)
        self.requests.append(request)
        self.exchanges.append(self.worker.last)
        return answer

    @property
    def seconds(self) -> float:
        """How long it has worked in the last run."""
        return sum(exchange.seconds for exchange in self.exchanges)

    def echo(self) -> float:
        """Return what the way there and back takes for the last run's bytes, without any work."""
        return sum(self._echo(exchange) for exchange in list(self.exchanges))

    def watched(self, what: str) -> dict[str, float]:
        """Repeat the last run with a profile of it; {} where that does not work."""
        if self.worker.is_ended:
            return {}
        try:
            self.worker.start_clock(math.inf)
            for request in (m.Profile(what), *self.requests):
                self._ask(request)
            seen = self._ask(m.Profile("")).value
        except StudentFault:
            return {}
        if not isinstance(seen, dict):
            return {}
        return {str(key): value for key, value in seen.items() if isinstance(value, float)}

    def _echo(self, exchange: Exchange) -> float:
        payload = bytes(exchange.sent), exchange.received
        times = []
        for _ in range(_ECHOES):
            self._ask(m.Run("echo", None, "", list(payload), {}, "cpu"))
            times.append(self.worker.last.seconds)
        return statistics.median(times)

    def _ask(self, request: m.Request) -> m.Returned | m.Yielded:
        self.worker.resume()
        answer = self.worker.ask(request)
        self.worker.pause()
        return answer


class Timed:
    """The runs of one timed task; when they are over it says what came of it."""

    def __init__(self, task: TimedTask, submission: Side, reference: Side, device: str) -> None:
        self._task = task
        self._submission = submission
        self._reference = reference
        self._device = device
        self._limits: Sequence[tuple[float, float]] = [
            (band.within, band.share) for band in task.bands
        ]
        if task.growth is not None:
            self._limits = [(task.growth, 1.0)]
        self._echo: dict[int, float] = {}
        self._repeats: list[Repeat] = []
        self._last = Run(Handle(submission.worker, device), task.sizes[-1])
        self.runs_reference = False
        """Whether the run under way is the reference's: what goes wrong in it is our fault."""
        self.timing: Timing | None = None
        """What came of it; None as long as it is not over."""
        self.share = 1.0
        self.causes: tuple[Cause, ...] = ()
        """Why it earns less than all."""

    def __iter__(self) -> Iterator[Run]:
        """Give one run after another; at the end raise what keeps the check from passing."""
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
            max(side.seconds - self._echo[size], _LEAST_SECONDS)
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

    def _interval(self) -> Interval:
        from grader.timing.estimate import growth, ratio  # noqa: PLC0415  scipy takes its time

        times: dict[int, tuple[list[float], list[float]]]
        times = {size: ([], []) for size in self._task.sizes}
        for each in self._repeats:
            times[each.size][0].append(each.seconds)
            times[each.size][1].append(each.reference)
        if self._task.growth is not None:
            return growth(times)
        return ratio(*times[self._task.sizes[-1]])

    def _conclude(self) -> None:
        interval = self._interval()
        share = share_of_all(interval, self._limits)
        mine = [each.seconds for each in self._repeats if each.size == self._task.sizes[-1]]
        theirs = [each.reference for each in self._repeats if each.size == self._task.sizes[-1]]
        cause = self._cause(interval)
        causes: tuple[Cause, ...] = (cause,)
        is_undecided = share is None
        if share is None and is_uneven(mine, theirs):
            share = share_of(interval.high, self._limits)
            causes = (cause, Cause("uneven"))
            is_undecided = False
        self.timing = self._told(interval, statistics.median(mine))
        if is_undecided or share is None:
            raise Inconclusive(Cause("too_noisy", cause.data))
        self.share = share
        if share < 1:
            self.causes = (*causes, *self._reasons())
        if share == 0:
            raise CheckFailed(self.causes)

    def _cause(self, interval: Interval) -> Cause:
        kind = "too_slow" if self._task.growth is None else "grows_too_fast"
        limit = self._limits[0][0] if self._limits else 0.0
        values = {"value": interval.value, "low": interval.low, "high": interval.high}
        return Cause(
            kind, {**{key: _rounded(each) for key, each in values.items()}, "limit": limit}
        )

    def _reasons(self) -> tuple[Cause, ...]:
        theirs: Counts = self._reference.watched("operations")
        return slow_reasons(self._submission.watched("operations"), theirs)

    def _told(self, interval: Interval, seconds: float) -> Timing:
        run = self._last
        peak = self._submission.worker.peak_memory()  # before anything watches it from within
        parts: Mapping[str, float] = self._submission.watched("times")
        is_ratio = self._task.growth is None
        return Timing(
            device=self._device,
            kind="ratio" if is_ratio else "growth",
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
            losses=tuple(_rounded(float(loss)) for loss in run.losses),
            is_implausible=is_ratio and interval.value < self._task.floor,
        )


@contextlib.contextmanager
def measuring(grading: Grading, exercise: Exercise, launch: Launch, check: str) -> Iterator[Timed]:
    """Give a check its runs; nothing else of the submission is alive meanwhile.

    Raises StudentFault if the submission cannot be imported, JudgeFault for a task that is not
    there or a reference that cannot be.
    """
    task = next((task for task in exercise.timed if task.check == check), None)
    if task is None:
        raise JudgeFault(f"exercise.yaml lists no timed task for {check}")
    if not exercise.reference.is_file():
        raise JudgeFault(f"{check} has no reference to be timed against")
    load = grading.load
    if load.device not in task.devices:
        load = replace(load, device="cpu")
    files = {exercise.entry: exercise.reference.read_bytes()}
    grading.close()
    began = time.monotonic()
    with only_one(), _processor() as cpu, ExitStack() as stack:
        reference, submission = (
            _started(stack.enter_context(launch(cpu)), grading, each)
            for each in (replace(load, files=files, entry=exercise.entry), load)
        )
        import grader.timing.estimate  # noqa: F401, PLC0415  takes as long as both need to import

        try:
            reference.wait_until_loaded()
        except StudentFault as fault:
            raise JudgeFault(f"the reference cannot be imported: {fault}") from fault
        submission.wait_until_loaded()
        grading.current = submission
        yield Timed(task, Side(submission), Side(reference), load.device)
    grading.excuse(time.monotonic() - began)


def _started(launcher: Launcher, grading: Grading, load: m.Load) -> Worker:
    worker = launcher.start_worker(grading.limits)
    worker.send_load(load)
    return worker


@contextlib.contextmanager
def _processor() -> Iterator[int | None]:
    """Choose a processor for the workers and leave it to them; None where nobody can."""
    if sys.platform != "linux":
        yield None
        return
    mine = os.sched_getaffinity(0)
    chosen = max(mine)
    os.sched_setaffinity(0, mine - {chosen} or mine)
    try:
        yield chosen
    finally:
        os.sched_setaffinity(0, mine)


def _rounded(value: float) -> float:
    """Three digits: more would only say what the machine did besides."""
    return float(f"{value:.3g}")
