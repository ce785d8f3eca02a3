"""One attempt: a submission, the workers that run it, and the time it may take."""

from __future__ import annotations

import contextlib
import math
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from grader.course import Limits
from grader.judge.launch import Launcher
from grader.judge.outcomes import JudgeFault, StudentFault
from grader.judge.probes import Probe
from grader.judge.results import Cause
from grader.judge.verdicts import Verdict
from grader.judge.workers import Worker
from grader.wire import messages as m

_THREADS = 1
"""One thread gives the same sums on every machine, and a fork starts no pool of threads."""


class Grading:
    """Hands out a fresh worker per check, each with the submission imported.

    While a check uses its worker another may already import the submission for the next.
    """

    def __init__(
        self,
        launcher: Launcher,
        limits: Limits,
        files: Mapping[str, bytes],
        entry: str,
        *,
        device: str,
        seed: int,
    ) -> None:
        self._launcher = launcher
        self.limits = limits
        self.load = m.Load(dict(files), entry, device, seed, _THREADS)
        self._ahead: deque[Worker] = deque()
        self.current: Worker | None = None
        """The worker of the check under way, or of the last."""
        self._is_kept = False
        self._deadline = time.monotonic() + limits.submission_seconds

    def find_problem(self) -> Cause | None:
        """Import the submission once; return what keeps it from being imported."""
        try:
            self._ahead.append(self._started())
            self._ahead[0].wait_until_loaded()
        except StudentFault as fault:
            self.close()
            return fault.causes[0]
        return None

    def begin(self) -> Handle:
        """Give the next check its worker; raises StudentFault when the import or time fails."""
        self.require_time()
        if self._is_kept and self.current and not self.current.is_ended:
            return self._handle(self.current)
        worker = self._ahead.popleft() if self._ahead else self._started()
        try:
            worker.wait_until_loaded()
            while len(self._ahead) < self._launcher.ahead:
                self._ahead.append(self._started())
        except BaseException:
            worker.end()
            raise
        self.current = worker
        return self._handle(worker)

    def _handle(self, worker: Worker) -> Handle:
        worker.start_clock(self._deadline)
        return Handle(worker, self.load.device)

    def require_time(self) -> None:
        """Raise StudentFault when the submission's time is used up."""
        if time.monotonic() > self._deadline:
            seconds = {"seconds": self.limits.submission_seconds}
            raise StudentFault(Verdict.NOT_RUN, Cause("submission_time_used_up", seconds))

    def finish(self) -> bytes:
        """End the check's worker; return what it had printed. Raises StudentFault on surplus."""
        return self.current.finish() if self.current and not self._is_kept else b""

    @contextlib.contextmanager
    def same_worker(self) -> Iterator[None]:
        """Give all checks of the block one worker, as long as it lives, and time of their own."""
        began, deadline = time.monotonic(), self._deadline
        self._is_kept, self._deadline = True, math.inf
        try:
            yield
        finally:
            self._is_kept, self._deadline = False, deadline + time.monotonic() - began
            if self.current:
                self.current.end()

    @property
    def has_answered(self) -> bool:
        """Whether a value has come back from the submission in this check."""
        return self.current is not None and self.current.has_answered

    def excuse(self, seconds: float) -> None:
        """Give the submission time that it did not use itself."""
        self._deadline += seconds

    def judge_rules(self, rules: list[tuple[list[str], list[str]]]) -> list[list[tuple[str, int]]]:
        """For each (calls, inside): the uses found in the files, none of which is imported."""
        self.close()
        worker = self._launcher.start_worker(self.limits)
        try:
            worker.wait_until_ready()
            # Not on the submission's time: if that is used up, its text can still be read.
            worker.start_clock(math.inf)
            wanted = [list(map(list, rule)) for rule in rules]
            answer = worker.ask(m.Rules(self.load.files, self.load.entry, wanted))
        finally:
            worker.end()
        return [[(str(name), int(line)) for name, line in uses] for uses in answer.value]

    def close(self) -> None:
        """End the workers that nobody will use."""
        while self._ahead:
            self._ahead.popleft().end()

    def _started(self) -> Worker:
        worker = self._launcher.start_worker(self.limits)
        worker.send_load(self.load)
        return worker


class Asked(Protocol):
    """What can be asked: a worker."""

    def ask(self, request: m.Request) -> m.Returned | m.Yielded:
        """Send one request and return its answer."""


class Handle:
    """The submission as a check sees it: `handle.NAME(...)` calls NAME in the worker."""

    def __init__(self, worker: Asked, device: str) -> None:
        self._worker = worker
        self._device = device

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)

        def call(*args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            return self._worker.ask(m.Call(name, list(args), kwargs, self._device)).value

        return call

    def run(self, probe: Probe, *args: Any, **kwargs: Any) -> Any:
        """Run a probe beside the submission and return what it returns."""
        __tracebackhide__ = True
        _require(probe, is_generator=False)
        return self._worker.ask(m.Run(*self._shipped(probe, args, kwargs))).value

    def start(self, probe: Probe, *args: Any, **kwargs: Any) -> Conversation:
        """Start a generator probe; data sent later cannot be known to what ran before."""
        __tracebackhide__ = True
        _require(probe, is_generator=True)
        first = self._worker.ask(m.Start(*self._shipped(probe, args, kwargs)))
        return Conversation(self._worker, self._device, first.value)

    def on(self, device: str) -> Handle:
        """The same submission with its arguments placed on another device ("meta")."""
        return Handle(self._worker, device)

    def _shipped(
        self, probe: Probe, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[str, str | None, str, list[Any], dict[str, Any], str]:
        return probe.name, probe.source, probe.file, list(args), kwargs, self._device


def _require(probe: Probe, *, is_generator: bool) -> None:
    """Refuse what the check's author got wrong, before the submission is blamed for it."""
    if not isinstance(probe, Probe):
        raise JudgeFault(f"{probe!r} is no probe: mark it with @probe")
    if probe.is_generator != is_generator:
        verb = "start" if probe.is_generator else "run"
        raise JudgeFault(f"use submission.{verb} for the probe {probe.name}")


class Conversation:
    """A running generator probe."""

    def __init__(self, worker: Asked, device: str, value: Any) -> None:
        self._worker = worker
        self._device = device
        self.value = value
        """What it yielded last, or returned."""

    def send(self, value: Any) -> Any:
        """Resume the probe with `value` and return what it yields or returns next."""
        __tracebackhide__ = True
        self.value = self._worker.ask(m.Resume(value, self._device)).value
        return self.value
