"""What the judge process does: grade one submission, or look at what this machine offers."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import math
import platform
import secrets
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

import grader
from grader.course import Exercise, Limits, find_course, load_exercise
from grader.errors import UserError
from grader.judge import plugin
from grader.judge.checking import Checks
from grader.judge.devices import choose_device
from grader.judge.grading import Grading
from grader.judge.launch import OVERLAPPING, Launcher, SandboxLauncher
from grader.judge.outcomes import JudgeFault, StudentFault, StudentRaised
from grader.judge.recorder import Recorder
from grader.judge.results import Cause, CheckResult, Conditions, RuleResult, SubmissionResult
from grader.judge.rng import check_seed
from grader.judge.sandboxes import Room, Zygote
from grader.judge.secrecy import names_asked_for, unsafe
from grader.judge.setup import Needs, launched
from grader.reports import check_to_json, load_check, to_json
from grader.submission import decoded, source_problem
from grader.timing.measure import measuring
from grader.torch_startup import defer_compiler

defer_compiler()
_UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)
"""What Python's parser raises on hostile text."""
Tell = Callable[[dict[str, Any]], None]
Collect = Callable[[Exercise, Sequence[Path], str | None], Checks]


class Server:
    """Carries out jobs, one after another; the last thing told of each is its outcome."""

    def __init__(self, zygote: Zygote | None) -> None:
        self._zygote = zygote
        self._prepared: tuple[Needs, Launcher] | None = None
        self._stack = contextlib.ExitStack()
        self._collected: tuple[object, Checks] | None = None

    def serve(self, job: dict[str, Any], tell: Tell) -> None:
        """Carry out one job; of one that only prepares for the next, nothing is told."""
        if "examine" in job:
            _examine(self._zygote, tell)
        elif "prepare" in job:
            self._prepare(job["prepare"])
        else:
            grade(job["grade"], self._launched, self._collect, tell)

    def _prepare(self, job: dict[str, Any]) -> None:
        with contextlib.suppress(Exception):  # what is wrong is told when it is graded
            exercise, limits = _exercise(job)
            needs = _needs(exercise, limits, choose_device(job["device"], devices()), job)
            launcher = self._stack.enter_context(launched(self._zygote, needs))
            if isinstance(launcher, SandboxLauncher):  # a spawned worker is too large to wait
                launcher.prepare(job["workers"])
            self._prepared = needs, launcher

    def _collect(self, exercise: Exercise, files: Sequence[Path], select: str | None) -> Checks:
        """Collect checks, unless they are the last job's."""
        wanted = exercise, files, select
        if self._collected and self._collected[0] == wanted:
            return self._collected[1]
        if self._collected:
            self._collected[1].close()
            self._collected = None
        self._collected = wanted, Checks(exercise, files, select)
        return self._collected[1]

    @contextlib.contextmanager
    def _launched(self, needs: Needs) -> Iterator[Launcher]:
        prepared, self._prepared = self._prepared, None
        with self._stack.pop_all():
            if prepared and prepared[0] == needs:
                yield prepared[1]
                return
        with launched(self._zygote, needs) as launcher:
            yield launcher


def server(zygote_fd: int | None) -> Callable[[dict[str, Any], Tell], None]:
    """Give what carries out jobs, when the zygote is ready."""
    # Expected values too must not depend on the number of cores; and on small tensors a second
    # thread only waits in a loop: it doubled the judge's CPU time.
    torch.set_num_threads(1)
    zygote = None
    if zygote_fd is not None:
        zygote = Zygote(socket.socket(fileno=zygote_fd))
        zygote.wait_until_ready()
    return Server(zygote).serve


def devices() -> list[str]:
    """The devices that torch can use here."""
    found = ["cpu"]
    if torch.cuda.is_available():
        found.append("cuda")
    if torch.backends.mps.is_available():
        found.append("mps")
    return found


def _examine(zygote: Zygote | None, tell: Tell) -> None:
    with launched(zygote, Needs(Room(2048))) as launcher:
        launcher.open()
        tell(
            {
                "examination": {
                    "tier": launcher.tier,
                    "witnessed": launcher.witnessed,
                    "notes": [[note.kind, dict(note.data)] for note in launcher.notes],
                    "torch": torch.__version__,
                    "devices": devices(),
                }
            }
        )


def _exercise(job: dict[str, Any]) -> tuple[Exercise, Limits]:
    """The exercise that a job names, and the limits that hold in it."""
    exercise = load_exercise(find_course(Path(job["course"])).resolve(job["exercise"]))
    return exercise, exercise.limits.times(job["limits_share"])


def _needs(exercise: Exercise, limits: Limits, device: str, job: dict[str, Any]) -> Needs:
    # In a class every core has a submission of its own: to overlap the checks of one costs
    # sandboxes and saves nothing.
    places = OVERLAPPING if job["is_single"] else 1
    room = Room(int(limits.memory_mb), gpu=device == "cuda", loopback=exercise.loopback)
    return Needs(room, exercise.preload, job["tier"], places)


def grade(
    job: dict[str, Any],
    launch: Callable[[Needs], AbstractContextManager[Launcher]],
    collect: Collect,
    tell: Tell,
) -> None:
    """Grade one submission; the job's keys are those of `attempt.job_for`."""
    started, clock = dt.datetime.now(dt.UTC), time.monotonic()
    exercise, limits = _exercise(job)
    device = choose_device(job["device"], devices())
    files = decoded(job["files"])
    seed = secrets.randbits(62) if job["seed"] is None else int(job["seed"])
    hidden = None if job["public_only"] else exercise.hidden_checks
    check_files = [exercise.public_checks, *([hidden] if hidden else [])]
    problem: Cause | None = source_problem(files[exercise.entry], exercise.entry)
    refusal: UserError | None = None
    needs = _needs(exercise, limits, device, job)
    with (
        launch(needs) as launcher,
        contextlib.closing(
            Grading(launcher, limits, files, exercise.entry, device=device, seed=worker_seed(seed))
        ) as grading,
    ):

        def find_problem() -> Cause | None:
            nonlocal problem, refusal
            launcher.open()
            if hidden:
                refusal = unsafe(hidden, tier=launcher.tier, wish=job["tier"])
            if refusal:
                return Cause("refused")
            problem = problem or grading.find_problem()
            return problem

        recorder = Recorder(
            shown=_shown_checks(exercise, is_whole=job["is_whole"]),
            find_problem=find_problem,
            on_plan=lambda count: tell({"plan": count}),
            on_check=lambda check: tell({"check": check_to_json(check)}),
            until_failure=job["until_failure"],
            more_seeds=job["more_seeds"],
            known=[load_check(text) for text in job["known"]],
        )
        measure = functools.partial(
            measuring,
            grading,
            exercise,
            lambda cpu: launch(replace(needs, places=1, room=replace(needs.room, cpu=cpu))),
        )
        attempt = plugin.Attempt(
            grading, seed=seed, device=device, measure=measure, is_timed=job["is_timed"]
        )
        checks = collect(exercise, check_files, job["select"])
        checks.run(recorder, attempt, only=job["checks"])
        if refusal:
            raise refusal
        rules = () if problem else tuple(_rules(exercise, grading))
        result = SubmissionResult(
            exercise=exercise.name,
            title=exercise.title,
            submission=job["submission"],
            checks=tuple(recorder.results),
            rules=rules,
            problem=problem,
            public_only=hidden is None,
            started_at=started.isoformat(timespec="seconds"),
            seconds=_shown(time.monotonic() - clock, is_coarse=hidden is not None),
            conditions=_conditions(seed, device, launcher),
        )
        # Before the sandboxes are ended: nobody needs to wait for that.
        tell({"result": to_json(result)})


def _shown(seconds: float, *, is_coarse: bool) -> float:
    return math.ceil(seconds) if is_coarse else round(seconds, 3)


def _shown_checks(exercise: Exercise, *, is_whole: bool) -> Callable[[CheckResult], CheckResult]:
    """What may be told of a check: of a hidden one to a student only a part."""
    if is_whole:
        return lambda check: check
    names = names_asked_for(exercise)
    return lambda check: check.redacted(names)


def _conditions(seed: int, device: str, launcher: Launcher) -> Conditions:
    return Conditions(
        seed=seed,
        device=device,
        tier=launcher.tier,
        tier_notes=launcher.notes,
        python=platform.python_version(),
        torch=torch.__version__,
        grade=grader.__version__,
    )


def worker_seed(run_seed: int) -> int:
    """The seed that workers get: it must not tell them the run's own."""
    return check_seed(run_seed, "worker", b"")


def _rules(exercise: Exercise, grading: Grading) -> Iterator[RuleResult]:
    """What the submission's text says to each source rule of the exercise."""
    if not exercise.rules:
        return
    wanted = [(list(rule.calls), list(rule.inside)) for rule in exercise.rules]
    try:
        found = grading.judge_rules(wanted)
    except StudentFault as fault:
        # The text cannot be read within the limits, though it can be imported: its author's doing.
        if isinstance(fault, StudentRaised) and not any(map(fault.is_a, _UNREADABLE)):
            raise JudgeFault(f"source rules: {fault.raised.type}: {fault.raised.text}") from fault
        found = [[(rule.calls[0], 0)] if rule.kind == "forbid" else [] for rule in exercise.rules]
    for rule, uses in zip(exercise.rules, found, strict=True):
        if rule.kind == "forbid":
            broken = [Cause("forbidden_call", {"call": name, "line": line}) for name, line in uses]
        else:
            broken = [] if uses else [Cause("required_call", {"call": " / ".join(rule.calls)})]
        yield RuleResult(rule.sentence, rule.penalty, tuple(broken))
