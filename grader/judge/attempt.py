"""The supervisor's side: start the zygote and the judge, hand over a job, stop them in any case.

    grade (this process: no torch, no student code)
      '-- zygote    imports torch, forks the judge and then sandboxes; ends when the judge ends
            '-- judge     reads the checks, asks workers, keeps the score

The zygote starts before anything is read, so that it imports torch while this process works.
"""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self

from grader.course import Exercise
from grader.errors import from_data
from grader.judge.faults import JudgeError, OwnFault, named
from grader.judge.processes import (
    ENDING_SECONDS,
    StartedJudge,
    judge_environment,
    start_judge,
)
from grader.judge.results import Cause, Frame, SubmissionResult
from grader.judge.verdicts import Verdict
from grader.submission import Submission, encoded

_TRIES = 3
"""A fault of our own is tried again, with new processes, before it is reported."""


@dataclass(frozen=True)
class Options:
    """How to grade."""

    device: str = "auto"
    seed: int | None = None
    more_seeds: tuple[int, ...] = ()
    """Seeds that each check is run again with, untimed and all in one worker; told is the first
    verdict that differs from that of `seed`. For authors, whose solutions keep nothing."""
    tier: str = "auto"
    public_only: bool = False
    select: str | None = None
    checks: tuple[str, ...] | None = None
    """The only ones to run, by the names of their functions."""
    limits_share: float = 1.0
    """How much of the exercise's limits holds."""
    until_failure: bool = False
    """Whether no check is run after the first that does not pass."""
    is_timed: bool = True
    """Whether timed tasks are measured; otherwise one run of them has to be right, and no more."""
    known: tuple[str, ...] = ()
    """Checks of an interrupted attempt with this seed, as `on_check` heard them: not run again."""
    is_whole: bool = False
    """Whether hidden checks are told as a whole, for staff (`secrecy.for_student` undoes it)."""


@dataclass(frozen=True)
class Examination:
    """What this machine offers to grading."""

    tier: str
    witnessed: tuple[str, ...]
    notes: tuple[Cause, ...]
    torch: str
    devices: tuple[str, ...]


class Stopped(Exception):
    """The attempt was stopped: nobody waits for its result any more."""


class Attempt:
    """The processes of one attempt; leaving the block ends them all."""

    def __init__(
        self, start: Callable[[], StartedJudge] = start_judge, *, is_single: bool = True
    ) -> None:
        """Take what starts the processes; after a fault of ours they are started anew by exec.

        Unless it is single, the judge stays after a result, and `grade` may be called again. Each
        submission still has sandboxes of its own.
        """
        self._start = start
        self._is_single = is_single
        self._is_stopped = False

    def __enter__(self) -> Self:
        """Start them; they import torch from now on."""
        self._judge = self._start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the judge, which ends the zygote, which ends every sandbox; confirm each."""
        self._judge.end(is_done=kind is None)

    def grade(
        self,
        exercise: Exercise,
        submission: Submission,
        options: Options,
        on_check: Callable[[str], None],
        on_plan: Callable[[int], None],
    ) -> SubmissionResult:
        """Grade one submission.

        `on_plan` hears the number of checks, and `on_check` each that ended, as `Options.known`
        takes it. A fault of the grader's own is tried again, and both then hear of all anew.

        Raises UserError for a device that is not here or a selection that matches nothing,
        GraderFault when the grader itself fails, every time or in a way that would come again,
        and Stopped.
        """

        def grade_once() -> SubmissionResult:
            return self._grade_once(exercise, submission, options, on_check, on_plan)

        for _ in range(_TRIES - 1):
            with contextlib.suppress(OwnFault):
                result = grade_once()
                if all(check.verdict is not Verdict.GRADER_ERROR for check in result.checks):
                    return result
            self._judge.end(is_done=True)
            self._judge = start_judge()
        return grade_once()

    def stop(self) -> None:
        """Have `grade` raise Stopped as soon as it can; for another thread."""
        self._is_stopped = True
        with contextlib.suppress(OSError):
            self._judge.control.shutdown(socket.SHUT_RDWR)

    def _require_wanted(self) -> None:
        if self._is_stopped:
            raise Stopped

    def _grade_once(
        self,
        exercise: Exercise,
        submission: Submission,
        options: Options,
        on_check: Callable[[str], None],
        on_plan: Callable[[int], None],
    ) -> SubmissionResult:
        from grader.reports import load_json  # noqa: PLC0415  while the judge is at work

        if self._judge.zygote:
            # Without an answer: the judge, not yet there, will ask for the same.
            expected = json.dumps({"expect": list(exercise.preload)})
            with contextlib.suppress(OSError):
                self._judge.zygote.send(expected.encode())
        job = job_for(exercise, submission, options, is_single=self._is_single)
        answer = self._ask({"grade": job}, on_check, on_plan)
        result = load_json(answer["result"])
        return with_cells(result, submission)

    def examine(self) -> Examination:
        """Find out which tier a worker can witness here, and which devices torch sees."""
        found = self._ask({"examine": {}}, lambda _: None, lambda _: None)["examination"]
        return Examination(
            tier=found["tier"],
            witnessed=tuple(found["witnessed"]),
            notes=tuple(Cause(kind, data) for kind, data in found["notes"]),
            torch=found["torch"],
            devices=tuple(found["devices"]),
        )

    def _ask(
        self, job: dict[str, Any], on_check: Callable[[str], None], on_plan: Callable[[int], None]
    ) -> dict[str, Any]:
        """Send the job and follow the judge's messages to the last."""
        control, zygote = self._judge.control, self._judge.zygote
        self._require_wanted()
        if zygote:
            # The judge alone holds it now: when the judge ends, so does the zygote.
            zygote.close()
        with contextlib.suppress(OSError), control.makefile("r", encoding="utf-8") as stream:
            control.sendall(_line(job, is_last=self._is_single))
            for line in stream:
                if not line.endswith("\n"):
                    break  # it was killed while it spoke
                message: dict[str, Any] = json.loads(line)
                if "plan" in message:
                    on_plan(message["plan"])
                elif "check" in message:
                    on_check(message["check"])
                elif "error" in message:
                    raise from_data(message["error"]) from JudgeError(message["error"]["details"])
                elif "fault" in message:
                    raise self._own_fault(**message["fault"])
                else:
                    return message
        self._require_wanted()
        raise self._own_fault()

    def _own_fault(self, kind: str = "", text: str = "", details: str = "") -> OwnFault:
        """Name a fault by what the judge said of it and by how the processes have ended."""
        return named(kind, text, details, _statuses(self._judge))


def job_for(
    exercise: Exercise, submission: Submission, options: Options, *, is_single: bool
) -> dict[str, Any]:
    """What the judge is told about one submission (`job.grade` reads it), as plain data."""
    return {
        "submission": submission.name,
        "files": encoded(submission.files),
        "seed": options.seed,
        "more_seeds": options.more_seeds,
        "public_only": options.public_only,
        "select": options.select,
        "checks": options.checks,
        "until_failure": options.until_failure,
        "is_timed": options.is_timed,
        "known": options.known,
        "is_whole": options.is_whole,
        **_place(exercise, options, is_single=is_single),
    }


def prepare(judge: StartedJudge, exercise: Exercise, options: Options, workers: int) -> None:
    """Have a judge start so many workers for a submission that will be handed to it later."""
    job = {"workers": workers, **_place(exercise, options, is_single=True)}
    with contextlib.suppress(OSError):  # it has ended: told when it is to grade
        judge.control.sendall(_line({"prepare": job}, is_last=False))


def _place(exercise: Exercise, options: Options, *, is_single: bool) -> dict[str, Any]:
    """By what workers for a job differ, however they are used."""
    return {
        "course": str(exercise.course_root),
        "exercise": exercise.name,
        "device": options.device,
        "tier": options.tier,
        "limits_share": options.limits_share,
        "is_single": is_single,
    }


def _line(job: dict[str, Any], *, is_last: bool) -> bytes:
    """A job as the judge reads it."""
    envelope = {"environment": judge_environment(), "is_last": is_last}
    return json.dumps({**envelope, **job}).encode() + b"\n"


def examine() -> Examination:
    """Look at this machine with processes of its own."""
    with Attempt() as attempt:
        return attempt.examine()


def with_cells(result: SubmissionResult, submission: Submission) -> SubmissionResult:
    """Say cells of a notebook instead of lines of the text made from it."""
    source_map, entry = submission.source_map, submission.entry
    if source_map is None:
        return result

    def in_cell(frame: Frame) -> Frame:
        cell, line = source_map.locate(frame.line)
        return replace(frame, cell=cell, line=line) if frame.file == entry else frame

    def placed(cause: Cause) -> Cause:
        frames = tuple(map(in_cell, cause.frames))
        line = cause.data.get("line")
        if not isinstance(line, int) or (frames and frames[-1].file != entry):
            return replace(cause, frames=frames)
        cell, line = source_map.locate(line)
        return Cause(cause.kind, {**cause.data, "cell": cell, "line": line}, frames)

    return result.with_causes(placed)


def _statuses(judge: StartedJudge) -> tuple[int | None, int | None]:
    """How the judge and the zygote ended, or are just ending; None for one that does not."""
    try:
        status = judge.process.wait(ENDING_SECONDS)
    except subprocess.TimeoutExpired:
        return None, None
    if judge.zygote is None:
        return status, None
    # A zygote that ends by itself tells how the judge ended.
    return (None, status) if status < 0 else (128 - status if status > 128 else status, None)
