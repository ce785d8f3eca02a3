"""Submissions given as text, run for real: by a zygote, in sandboxes, in the eyes of a judge."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from grader.course import Limits
from grader.judge.grading import Grading, Handle
from grader.judge.launch import Launcher, SandboxLauncher
from grader.judge.outcomes import StudentFault
from grader.judge.processes import start_zygote
from grader.judge.results import Cause
from grader.judge.sandboxes import Room, Zygote
from grader.judge.verdicts import Verdict

MEGABYTES = 512
ENTRY = "answer.py"
GENEROUS = Limits(
    request_seconds=60, check_seconds=120, submission_seconds=600, memory_mb=MEGABYTES
)
"""For submissions that are expected to answer, on a machine that is busy with other tests."""


_PREAMBLE = """
import atexit, ctypes, gc, os, signal, subprocess, sys, threading, time
import torch
from grader.wire import messages as m

def write(*replies):
    "Send frames of our own to the judge, in one go."
    frames = [m.encode_message(reply, number) for number, reply in replies]
    os.write(3, b"".join(len(frame).to_bytes(4, "big") + frame for frame in frames))

def processes():
    "How many processes there are in this sandbox, as far as they can be seen."
    try:
        return sum(name.isdigit() for name in os.listdir("/proc"))
    except OSError:
        return 0
"""
_ONLY_KEEPER_AND_WORKER = 2


@dataclass(frozen=True)
class Outcome:
    """What became of one check: a value, or a verdict with its causes."""

    value: Any = None
    verdict: Verdict = Verdict.PASSED
    causes: tuple[Cause, ...] = ()
    printed: bytes = b""

    @property
    def kind(self) -> str:
        """The kind of the first cause, "" where there is none."""
        return self.causes[0].kind if self.causes else ""


@dataclass
class Bench:
    """One zygote with a launcher per tier, for all tests of a process."""

    zygote: Zygote
    pid: int
    _launchers: dict[str, SandboxLauncher] = field(default_factory=dict)

    def launcher(self, tier: str = "full") -> SandboxLauncher:
        """Return the launcher of a tier; skip the test where this machine does not offer it."""
        if tier not in self._launchers:
            self._launchers[tier] = open_launcher(self.zygote, tier, MEGABYTES)
        launcher = self._launchers[tier]
        if launcher.tier != tier:
            pytest.skip(f"this machine does not offer tier {tier}: {launcher.notes}")
        return launcher

    @contextlib.contextmanager
    def grading(
        self, text: str | bytes, *, tier: str = "full", limits: Limits = GENEROUS
    ) -> Iterator[Grading]:
        """Grade a submission of one file; every worker has ended after the block."""
        with grading_on(self.launcher(tier), text, limits=limits) as grading:
            yield grading

    def run(
        self,
        text: str | bytes,
        name: str,
        *args: Any,
        tier: str = "full",
        limits: Limits = GENEROUS,
    ) -> Outcome:
        """Call `name` of a submission in a check of its own."""
        with self.grading(text, tier=tier, limits=limits) as grading:
            return check(grading, lambda submission: getattr(submission, name)(*args))

    def close(self) -> None:
        """End all sandboxes."""
        for launcher in self._launchers.values():
            launcher.close()


def open_launcher(zygote: Zygote, tier: str, megabytes: int) -> SandboxLauncher:
    """Open a launcher of the best tier up to `tier`; whoever opens it closes it."""
    launcher = SandboxLauncher(zygote, preload=(), wish=tier, room=Room(megabytes))
    launcher.open()
    return launcher


@contextlib.contextmanager
def grading_on(
    launcher: Launcher, text: str | bytes, *, limits: Limits = GENEROUS
) -> Iterator[Grading]:
    """Grade a submission of one file with workers of a launcher."""
    source = text.encode() if isinstance(text, str) else text
    grading = Grading(launcher, limits, {ENTRY: source}, ENTRY, device="cpu", seed=1)
    try:
        yield grading
    finally:
        grading.close()


def check(grading: Grading, body: Callable[[Handle], Any]) -> Outcome:
    """Run `body` as the judge runs a check, and say what became of it."""
    try:
        handle = grading.begin()
    except StudentFault as fault:
        return Outcome(None, fault.verdict, fault.causes)
    value, verdict = None, Verdict.PASSED
    causes: tuple[Cause, ...] = ()
    try:
        value = body(handle)
    except StudentFault as fault:
        verdict, causes = fault.verdict, fault.causes
    try:
        printed = grading.finish()
    except StudentFault as fault:
        return Outcome(None, fault.verdict, fault.causes)
    return Outcome(value, verdict, causes, printed)


@contextlib.contextmanager
def open_bench() -> Iterator[Bench]:
    """Start a zygote; it and all that it started have ended after the block."""
    started = start_zygote()
    try:
        zygote = Zygote(started.control)
        zygote.wait_until_ready()
        bench = Bench(zygote, started.process.pid)
        try:
            yield bench
        finally:
            bench.close()
    finally:
        started.control.close()
        started.process.wait()


def submission(body: str) -> str:
    """Return a submission that can forge frames, with `body` at its end."""
    return _PREAMBLE + dedent(body)


def call_f(bench: Bench, body: str, *, tier: str = "full", limits: Limits = GENEROUS) -> Outcome:
    """Call the function `f` that `body` defines, in a check of its own.

    Then a second check must find a worker and a sandbox as good as new.
    """
    with bench.grading(submission(body), tier=tier, limits=limits) as grading:
        outcome = check(grading, lambda student: student.f())
        again = check(grading, lambda student: student.processes())
    # In the lower tiers a worker sees no /proc, or all of it.
    assert again.value == _ONLY_KEEPER_AND_WORKER or tier != "full", again
    return outcome


def running(marker: str) -> list[int]:
    """The processes of this machine that have `marker` as their name or among their arguments."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            names = (entry / "comm").read_bytes() + (entry / "cmdline").read_bytes()
            if marker.encode() in names and b") Z " not in (entry / "stat").read_bytes():
                found.append(int(entry.name))
    return found
