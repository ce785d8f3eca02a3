"""The judge's pytest plugin: turns what becomes of each check into a CheckResult."""

from __future__ import annotations

import contextlib
import time
import traceback
from collections.abc import Callable, Sequence
from typing import Literal

import pytest
from _pytest.runner import runtestprotocol

from grader.checks import CheckInfo
from grader.judge.failures import CheckFailed
from grader.judge.outcomes import Inconclusive, JudgeFault, StudentFault
from grader.judge.plugin import ATTEMPT, LEFT, Left
from grader.judge.results import Cause, CheckResult
from grader.judge.sandboxes import ZygoteFault
from grader.judge.verdicts import Verdict

_TRIES = 3
"""A fault of our own is tried again before it is reported."""
_LONGEST_ASSERTION = 600
HIDDEN = "test_hidden.py"
_Tried = tuple[Verdict, tuple[Cause, ...], Left]
"""What became of a check, and what it leaves."""


class Recorder:
    """Runs the collected checks and keeps their results in order."""

    def __init__(
        self,
        *,
        shown: Callable[[CheckResult], CheckResult],
        find_problem: Callable[[], Cause | None],
        on_plan: Callable[[int], None],
        on_check: Callable[[CheckResult], None],
        until_failure: bool = False,
        more_seeds: Sequence[int] = (),
        known: Sequence[CheckResult] = (),
    ) -> None:
        self.results: list[CheckResult] = []
        self._known = {check.name: check for check in known}
        """Results of an attempt that was interrupted; these checks are not run again."""
        self._shown = shown
        """What may be told of a check."""
        self._find_problem = find_problem
        self._until_failure = until_failure
        self._more_seeds = more_seeds
        self._is_over = False
        """Whether no check is run any more: none can be, or none is wanted."""
        self._on_plan = on_plan
        self._on_check = on_check
        self._errors: list[BaseException] = []
        self._has_erred = False
        """Whether a fault of our own has taken time from the submission's."""

    def begin(self, count: int) -> None:
        """Announce how many checks there are, and try the import of the submission once."""
        self._on_plan(count)
        self._is_over = self._find_problem() is not None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        """Run one check, again if we ourselves failed, and record it."""
        if known := self._known.get(self._name(item)):
            self._keep(known)
            return True
        started = time.monotonic()
        verdict = Verdict.NOT_RUN
        causes: tuple[Cause, ...] = ()
        left = Left()
        for _ in range(0 if self._is_over else _TRIES):
            verdict, causes, left = self._tried(item, nextitem)
            if verdict is not Verdict.GRADER_ERROR:
                break
            self._has_erred = True
        if verdict is Verdict.NOT_RUN and self._has_erred:
            # Without our fault there might have been time.
            verdict, causes = Verdict.GRADER_ERROR, (Cause("grader", {"text": "no time left"}),)
        if self._more_seeds and not self._is_over:
            tried = self._tried_with_more_seeds(item, nextitem, (verdict, causes, left))
            verdict, causes, left = tried
        self._is_over |= self._until_failure and verdict is not Verdict.PASSED
        self._record(item, verdict, causes, left, time.monotonic() - started)
        return True

    def _tried(self, item: pytest.Item, nextitem: pytest.Item | None) -> _Tried:
        self._errors = []
        left = item.stash[LEFT] = Left()
        item._initrequest()  # type: ignore[attr-defined]  # noqa: SLF001  as plugins that rerun tests do
        runtestprotocol(item, nextitem=nextitem, log=False)
        return (*verdict_of(self._errors, has_answered=left.has_answered), left)

    def _tried_with_more_seeds(
        self, item: pytest.Item, nextitem: pytest.Item | None, first: _Tried
    ) -> _Tried:
        """Give the first that ends otherwise than `first`; without one, that."""
        verdict, _, left = first
        if left.timed and verdict is not Verdict.PASSED:
            return first  # without a clock it may end otherwise
        attempt = item.config.stash[ATTEMPT]
        usual = attempt.seed, attempt.is_timed
        # Of a timed task each side has a worker for itself, that ends with the task.
        block = contextlib.nullcontext() if left.timed else attempt.grading.same_worker()
        try:
            with block:
                attempt.is_timed = False
                for attempt.seed in self._more_seeds:
                    tried = self._tried(item, nextitem)
                    if tried[0] is not verdict:
                        return tried
        finally:
            attempt.seed, attempt.is_timed = usual
        return first

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> pytest.TestReport:
        """Keep the exception itself; of a report only the outcome is read.

        To describe an exception pytest parses files, which takes as long as grading the check.
        """
        if call.when == "collect":
            raise JudgeFault("a file is no check")
        outcome: Literal["passed", "failed"] = "failed" if call.excinfo else "passed"
        if call.excinfo is not None:
            self._errors.append(_own(call.excinfo.value, call.when))
        return pytest.TestReport(item.nodeid, item.location, {}, outcome, None, call.when)

    def _record(
        self,
        item: pytest.Item,
        verdict: Verdict,
        causes: tuple[Cause, ...],
        left: Left,
        seconds: float,
    ) -> None:
        info = info_of(item)
        if info is None:
            raise JudgeFault(f"{item.nodeid} is no check")
        hidden = item.path.name == HIDDEN
        timed = left.timed
        if timed and verdict is Verdict.PASSED:
            causes = timed.causes
        result = CheckResult(
            name=self._name(item),
            sentence=info.sentence,
            points=info.points,
            verdict=verdict,
            hidden=hidden,
            seconds=round(seconds, 4),
            causes=causes,
            hint=None if verdict is Verdict.PASSED else info.hint,
            output=left.printed.decode("utf-8", "replace"),
            share=timed.share if timed else 1.0,
            timing=timed.timing if timed else None,
        )
        self._keep(self._shown(result))

    def _keep(self, result: CheckResult) -> None:
        self.results.append(result)
        self._on_check(result)

    def _name(self, item: pytest.Item) -> str:
        """The name of a check; the parameters of a hidden one, which are inputs, only counted."""
        if item.path.name != HIDDEN:
            return item.name
        name, bracket, _ = item.name.partition("[")
        count = sum(result.name.startswith(f"{name}[") for result in self.results)
        return f"{name}[{count + 1}]" if bracket else name


def _own(error: BaseException, when: str) -> BaseException:
    """What a check asserts counts while it runs; before and after it only pytest asserts."""
    if when != "call" and type(error) is AssertionError:
        fault = JudgeFault(f"pytest could not {when} a check: {error}")
        fault.__cause__ = error
        return fault
    return error


def info_of(item: pytest.Item) -> CheckInfo | None:
    """What the decorator says of a check; None where there is none."""
    info = getattr(getattr(item, "obj", None), "grade_check", None)
    return info if isinstance(info, CheckInfo) else None


def verdict_of(
    errors: list[BaseException], *, has_answered: bool
) -> tuple[Verdict, tuple[Cause, ...]]:
    """What the first exception of a check says; a check without one has passed."""
    if not errors:
        return Verdict.PASSED, ()
    match errors[0]:
        case (
            StudentFault(verdict=verdict, causes=causes)
            | Inconclusive(verdict=verdict, causes=causes)
        ):
            return verdict, causes
        case CheckFailed(causes=causes):
            return Verdict.FAILED, causes
        case AssertionError() as error:
            return Verdict.FAILED, (Cause("assertion", {"text": str(error)[:_LONGEST_ASSERTION]}),)
        case ZygoteFault() as error:
            raise error  # no other check can be run either
        case Exception() as error if has_answered and not isinstance(error, JudgeFault):
            # The reference passes this check, so what differs is the answer: an exception on the
            # way from an answer to a comparison must not become an excuse.
            return Verdict.FAILED, (Cause("unusable", {"got": f"{type(error).__name__}: {error}"}),)
        case error:
            text = "".join(traceback.format_exception(error))[-2000:]
            return Verdict.GRADER_ERROR, (Cause("grader", {"text": text}),)
