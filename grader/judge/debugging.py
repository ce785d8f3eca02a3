"""Running one public check in this process, to look at the student's code where it fails.

The check, its inputs and the bytes of each request and answer are those of grading; only the worker
is not there. Nothing is confined, nothing has a time limit, and nothing counts: this is for one's
own code on one's own machine.
"""

from __future__ import annotations

import contextlib
import io
import math
import os
import sys
import tempfile
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from grader.checks import CheckInfo
from grader.course import Exercise, Limits
from grader.judge import plugin
from grader.judge.checking import pytest_arguments
from grader.judge.devices import choose_device
from grader.judge.grading import Grading, Handle
from grader.judge.job import devices, worker_seed
from grader.judge.recorder import verdict_of
from grader.judge.results import Cause
from grader.judge.sandboxes import Ending
from grader.judge.verdicts import Verdict
from grader.judge.workers import Worker
from grader.submission import Submission
from grader.wire import messages as m
from grader.worker import worker


@dataclass(frozen=True)
class Stop:
    """A place in the student's code, with the variables that it had."""

    trace: TracebackType
    """From the student's outermost function to the innermost."""
    is_return: bool
    """Whether the function had returned there; otherwise it raised."""

    @property
    def frame(self) -> FrameType:
        """The innermost frame."""
        trace = self.trace
        while trace.tb_next:
            trace = trace.tb_next
        return trace.tb_frame


@dataclass
class Debugged:
    """What became of the check."""

    names: list[str] = field(default_factory=list)
    """Of all public checks."""
    name: str = ""
    """Of the one that ran; "" if none of that name is there, or more than one."""
    info: CheckInfo | None = None
    verdict: Verdict = Verdict.NOT_RUN
    causes: tuple[Cause, ...] = ()
    broken: str = ""
    """Why the check file cannot be loaded."""
    stop: Stop | None = None
    error: BaseException | None = None
    """What the student's code raised in the last request, if anything."""


def matching(wanted: str, names: Sequence[str]) -> list[str]:
    """The checks that a word means: the one of that name, or all with the word in their name."""
    return [wanted] if wanted in names else [name for name in names if wanted in name]


@contextlib.contextmanager
def debugged(
    exercise: Exercise, submission: Submission, path: Path, wanted: str, *, device: str, seed: int
) -> Iterator[Debugged]:
    """Run the check that `wanted` means; within the block its scratch folder still exists.

    `path` is where the submission was read from: its own files are imported where they lie, so
    that a debugger shows them and stops at their breakpoints. UserError for a missing device.
    """
    chosen = choose_device(device, devices())
    # Of pytest's variables only ours have a say, as in a judge.
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):
        os.environ.pop(name, None)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    sys.dont_write_bytecode = True
    with tempfile.TemporaryDirectory(prefix="grade-") as scratch:
        session = _Session(_own_file(path, submission.entry))
        grading = _Here(session, exercise, submission, device=chosen, seed=worker_seed(seed))
        run = _OneCheck(wanted, session, plugin.Attempt(grading, seed=seed, device=chosen))
        with contextlib.chdir(scratch):
            _run(exercise, run)
        yield run.found


def _own_file(path: Path, entry: str) -> Path | None:
    """The submission's file, if it lies on the disk as it is imported: not in a notebook or zip."""
    file = path.absolute() / entry if path.is_dir() else path.absolute()
    return file if file.suffix == ".py" and file.is_file() else None


def _run(exercise: Exercise, run: _OneCheck) -> None:
    # Not with its own pdb: a `breakpoint()` of the student is as plain as anywhere else.
    arguments = [*pytest_arguments(exercise), "-pno:debugging", str(exercise.public_checks)]
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = pytest.main(arguments, plugins=[plugin, run])
    if code == pytest.ExitCode.INTERRUPTED and not run.found.broken:
        raise KeyboardInterrupt  # in the check, not in the student's code


class _OneCheck:
    """A pytest plugin that runs the one check that was meant, with the terminal as it was."""

    def __init__(self, wanted: str, session: _Session, attempt: plugin.Attempt) -> None:
        self.found = Debugged()
        self._wanted = wanted
        self._attempt = attempt
        self._session = session
        self._streams = sys.stdout, sys.stderr
        self._errors: list[BaseException] = []

    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[plugin.ATTEMPT] = self._attempt

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self,
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        report = yield
        if report.failed:
            self.found.broken = report.longreprtext
        return report

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        self.found.names = [item.name for item in items]
        meant = matching(self._wanted, self.found.names)
        items[:] = [item for item in items if meant == [item.name]]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        self.found.name = item.name
        self.found.info = getattr(getattr(item, "obj", None), "grade_check", None)
        left = item.stash[plugin.LEFT] = plugin.Left()
        out, err = self._streams
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            runtestprotocol(item, nextitem=nextitem, log=False)
        self.found.verdict, self.found.causes = verdict_of(
            self._errors, has_answered=left.has_answered
        )
        if self.found.verdict is not Verdict.PASSED:
            self.found.error, self.found.stop = self._session.error, self._session.stop()
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        if call.excinfo is not None:
            self._errors.append(call.excinfo.value)
        return (yield)


class _Session(worker.Session):
    """A worker's session that keeps what the student's code raised, and what returned last."""

    def __init__(self, own_file: Path | None) -> None:
        super().__init__()
        self._own_file = own_file
        self._returned: FrameType | None = None
        self.error: BaseException | None = None

    def _carry_out(self, request: m.Request) -> m.Reply:
        self.error = None
        before = sys.getprofile()
        try:
            if isinstance(request, m.Load) and self._own_file:
                return self._load(request, self._own_file)
            sys.setprofile(self._observe)
            return super()._carry_out(request)
        except BaseException as error:
            self.error = error
            raise
        finally:
            sys.setprofile(before)

    def _load(self, request: m.Load, own_file: Path) -> m.Reply:
        """Import the file where it lies; what it opens is in the scratch folder, as in a worker."""
        for name, data in request.files.items():
            target = Path.cwd() / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        here = own_file.parent
        try:
            return super()._carry_out(
                m.Load({}, str(own_file), request.device, request.seed, request.threads)
            )
        finally:
            self._names = {str(here / name): name for name in request.files}
            self._names[str(own_file)] = request.entry

    def _observe(self, frame: FrameType, event: str, _argument: Any) -> None:
        if event == "return" and frame.f_code.co_filename in self._names:
            self._returned = frame

    def stop(self) -> Stop | None:
        """Where to look: where the last request raised, or where the last function returned."""
        trace = self._in_student_code(self.error.__traceback__) if self.error else None
        if trace:
            return Stop(trace, is_return=False)
        frame = self._returned
        if frame is None:
            return None
        return Stop(TracebackType(None, frame, frame.f_lasti, frame.f_lineno), is_return=True)

    def _in_student_code(self, trace: TracebackType | None) -> TracebackType | None:
        """The part of a traceback from the student's first frame to the last."""
        entries = []
        while trace:
            entries.append(trace)
            trace = trace.tb_next
        own = [
            index
            for index, entry in enumerate(entries)
            if entry.tb_frame.f_code.co_filename in self._names
        ]
        part: TracebackType | None = None
        for entry in reversed(entries[own[0] : own[-1] + 1] if own else []):
            part = TracebackType(part, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
        return part


class _InProcess:
    """A worker in this process: a request is carried out when it is sent. Channel and worker."""

    output = b""

    def __init__(self, session: _Session) -> None:
        self.channel: Any = self
        self._session = session
        self._replies = deque([m.encode_message(m.Ready("none", []), m.READY_ID)])

    def send(self, frame: bytes, _deadline: float) -> None:
        number, request = m.decode_request(frame)
        self._replies.append(worker.encoded(self._session.answer(request), number))

    def receive(self, _deadline: float) -> bytes:
        return self._replies.popleft()

    def refuse_surplus(self) -> None:
        """Find none: what was sent was asked for."""

    def end(self) -> Ending:
        return Ending(0, is_out_of_memory=False)

    def release(self) -> None:
        """Leave everything as it is: it will be looked at."""

    def pause(self) -> None:
        """Do nothing: there is only this process."""

    def resume(self) -> None:
        """Do nothing: the same."""

    def peak_memory(self) -> None:
        """Unknown."""


class _InThisProcess:
    """A launcher whose workers are no processes."""

    tier = "none"
    ahead = 0
    notes: tuple[Cause, ...] = ()

    def __init__(self, session: _Session) -> None:
        self.witnessed: list[str] = []
        self._session = session

    def open(self) -> None:
        """Do nothing: there is only this process."""

    def start_worker(self, limits: Limits) -> Worker:
        return Worker(_InProcess(self._session), limits, self.tier)

    def close(self) -> None:
        """Do nothing: the same."""


class _Here(Grading):
    """Gives its one check the submission in this process."""

    def __init__(
        self,
        session: _Session,
        exercise: Exercise,
        submission: Submission,
        *,
        device: str,
        seed: int,
    ) -> None:
        super().__init__(
            _InThisProcess(session),
            exercise.limits,
            submission.files,
            submission.entry,
            device=device,
            seed=seed,
        )

    def begin(self) -> Handle:
        started = self._started()
        started.wait_until_loaded()
        started.start_clock(math.inf)
        self.current = started
        return Handle(started, self.load.device)
