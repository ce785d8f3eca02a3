"""What the judge process does: grade one submission, or look at what this machine offers."""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import io
import platform
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

import grader
from grader.course import Exercise, find_course, load_exercise
from grader.errors import UserError
from grader.judge import plugin
from grader.judge.grading import Grading
from grader.judge.launch import Launcher, SandboxLauncher
from grader.judge.outcomes import JudgeFault, StudentFault
from grader.judge.recorder import Recorder
from grader.judge.results import Cause, Conditions, RuleResult, SubmissionResult
from grader.judge.rng import check_seed
from grader.judge.sandboxes import Zygote
from grader.judge.setup import closing, launcher_on
from grader.judge.spawn import SpawnLauncher
from grader.reports import to_json
from grader.submission import source_problem
from grader.text import Text
from grader.torch_startup import defer_compiler

defer_compiler()
Tell = Callable[[dict[str, Any]], None]
_SETTINGS = Path(__file__).with_name("pytest.ini")
_UNUSED_PLUGINS = (
    "cacheprovider",
    "doctest",
    "faulthandler",
    "junitxml",
    "pastebin",
    "stepwise",
    "threadexception",
    "unittest",
    "unraisableexception",
)


def serve(job: dict[str, Any], zygote_fd: int | None, tell: Tell) -> dict[str, Any]:
    """Carry out the job and return the last message to the supervisor."""
    zygote = None
    if zygote_fd is not None:
        zygote = Zygote(socket.socket(fileno=zygote_fd))
        zygote.wait_until_ready()
    if "examine" in job:
        return {"examination": _examine(zygote)}
    return {"result": to_json(_grade(job["grade"], zygote, tell))}


def devices() -> list[str]:
    """The devices that torch can use here."""
    found = ["cpu"]
    if torch.cuda.is_available():
        found.append("cuda")
    if torch.backends.mps.is_available():
        found.append("mps")
    return found


def choose_device(wish: str) -> str:
    """The device to grade on; UserError if it is asked for and not here."""
    here = devices()
    if wish == "auto":
        return here[-1]
    if wish not in here:
        known = ", ".join(here)
        raise UserError(
            Text(
                f"There is no {wish} device here; torch sees: {known}.",
                f"这台机器上没有 {wish} 设备，torch 能用的有：{known}。",
            ),
            Text(
                "Run it with --device cpu, or `grade doctor` to see what is missing.",
                "请用 --device cpu 运行，或用 `grade doctor` 查看缺少什么。",
            ),
        )
    return wish


def _examine(zygote: Zygote | None) -> dict[str, Any]:
    launcher = _launcher(zygote, None, wish="auto", device="cpu")
    witnessed = launcher.witnessed if isinstance(launcher, SandboxLauncher) else []
    launcher.close()
    return {
        "tier": launcher.tier,
        "witnessed": witnessed,
        "notes": [[note.kind, dict(note.data)] for note in launcher.notes],
        "torch": torch.__version__,
        "devices": devices(),
    }


def _launcher(
    zygote: Zygote | None, exercise: Exercise | None, *, wish: str, device: str
) -> Launcher:
    if zygote is None:
        return SpawnLauncher()
    if exercise is None:
        return SandboxLauncher(zygote, wish=wish, megabytes=1024, gpu=False)
    return launcher_on(zygote, exercise, wish=wish, device=device)


def _grade(job: dict[str, Any], zygote: Zygote | None, tell: Tell) -> SubmissionResult:
    started, clock = dt.datetime.now(dt.UTC), time.monotonic()
    exercise = load_exercise(find_course(Path(job["course"])).resolve(job["exercise"]))
    device = choose_device(job["device"])
    files = {name: base64.b64decode(data) for name, data in job["files"].items()}
    seed = secrets.randbits(62) if job["seed"] is None else int(job["seed"])
    hidden = None if job["public_only"] else exercise.hidden_checks
    check_files = [exercise.public_checks, *([hidden] if hidden else [])]
    with contextlib.ExitStack() as stack:
        launcher = stack.enter_context(
            contextlib.contextmanager(closing)(
                _launcher(zygote, exercise, wish=job["tier"], device=device)
            )
        )
        grading = Grading(
            launcher, exercise.limits, files, exercise.entry, device=device, seed=_seed(seed)
        )
        stack.callback(grading.close)
        problem = source_problem(files[exercise.entry], exercise.entry) or grading.find_problem()
        recorder = Recorder(
            problem=problem is not None,
            on_plan=lambda count: tell({"plan": count}),
            on_check=lambda check: tell({"check": [check.name, check.verdict.value]}),
        )
        attempt = plugin.Attempt(grading, seed=seed, device=device)
        _run_pytest(exercise, check_files, recorder, attempt, job["select"])
        rules = () if problem else tuple(_rules(exercise, grading))
    return SubmissionResult(
        exercise=exercise.name,
        title=exercise.title,
        submission=job["submission"],
        checks=tuple(recorder.results),
        rules=rules,
        problem=problem,
        public_only=hidden is None,
        started_at=started.isoformat(timespec="seconds"),
        seconds=round(time.monotonic() - clock, 3),
        conditions=Conditions(
            seed=seed,
            device=device,
            tier=launcher.tier,
            tier_notes=launcher.notes,
            python=platform.python_version(),
            torch=torch.__version__,
            grade=grader.__version__,
        ),
    )


def _seed(run_seed: int) -> int:
    """The seed that workers get: it must not tell them the run's own."""
    return check_seed(run_seed, "worker", b"")


def _run_pytest(
    exercise: Exercise,
    files: list[Path],
    recorder: Recorder,
    attempt: plugin.Attempt,
    select: str | None,
) -> None:
    class Bring:
        """Brings the attempt along, before the first fixture asks for it."""

        def pytest_configure(self, config: pytest.Config) -> None:
            config.stash[plugin.ATTEMPT] = attempt

    arguments = ["-c", str(_SETTINGS), "--rootdir", str(exercise.folder), "--noconftest", "-s"]
    arguments += [f"-pno:{name}" for name in _UNUSED_PLUGINS]
    if select:
        arguments += ["-k", select]
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = pytest.main([*arguments, *map(str, files)], plugins=[plugin, Bring(), recorder])
    recorder.require_loaded()
    if code in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
        raise JudgeFault(f"pytest did not run: {said.getvalue()[-3000:]}")
    if code == pytest.ExitCode.NO_TESTS_COLLECTED or not recorder.results:
        raise UserError(
            Text(f"No check matches -k {select!r}.", f"没有检查项符合 -k {select!r}。"),
            Text(
                f"Leave out -k to see all checks of {exercise.name} by name (--verbose).",
                f"去掉 -k 并加上 --verbose，可以看到 {exercise.name} 全部检查项的名字。",
            ),
        )


def _rules(exercise: Exercise, grading: Grading) -> Iterator[RuleResult]:
    """What the submission's text says to each source rule of the exercise."""
    if not exercise.rules:
        return
    wanted = [(list(rule.calls), list(rule.inside)) for rule in exercise.rules]
    try:
        found = grading.judge_rules(wanted)
    except StudentFault:
        # The text cannot be read within the limits, though it can be imported: its author's doing.
        found = [[(rule.calls[0], 0)] if rule.kind == "forbid" else [] for rule in exercise.rules]
    for rule, uses in zip(exercise.rules, found, strict=True):
        if rule.kind == "forbid":
            broken = [Cause("forbidden_call", {"call": name, "line": line}) for name, line in uses]
        else:
            broken = [] if uses else [Cause("required_call", {"call": " / ".join(rule.calls)})]
        yield RuleResult(rule.sentence, rule.penalty, tuple(broken))
