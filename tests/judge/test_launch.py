"""Launchers: tiers that are claimed only when witnessed, and workers without a zygote."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.course import Limits
from grader.judge.launch import SandboxLauncher
from grader.judge.outcomes import StudentFault
from grader.judge.sandboxes import Room
from grader.judge.spawn import SpawnedWorker, SpawnLauncher
from grader.judge.verdicts import Verdict
from grader.wire import messages as m
from tests.bench import GENEROUS, Bench, check, grading_on, open_launcher

linux = pytest.mark.skipif(sys.platform != "linux", reason="tiers are Linux's")

# ---------------------------------------------------------------- tiers

EXAMINE = """
import dataclasses, errno, json, os, sys
from grader.judge.attempt import examine
from grader.sandbox import libc, seccomp

def spoil(rules):
    "Have the kernel answer system calls by an errno; 0 claims that the call was done."
    machine = os.uname().machine
    numbers = {
        "landlock_create_ruleset": 444, "landlock_restrict_self": 446,
        **seccomp.system_call_numbers(machine), "prctl": {"x86_64": 157, "aarch64": 167}[machine],
    }
    program = seccomp._check_architecture(seccomp._ARCHITECTURES[machine])
    for name, code, *tests in rules:
        tests = [seccomp._Test(*test, denied_if=True) for test in tests]
        action = seccomp._ERRNO | code
        one = seccomp._examine(numbers[name], action, [tests])
        program += one if tests else seccomp._answer([numbers[name]], action)
    program.append(seccomp._instruction(seccomp._RETURN, seccomp._ALLOW))
    libc.set_no_new_privs()
    seccomp.install(b"".join(program))

spoil(json.loads(sys.argv[1]))
found = examine()
print(json.dumps([found.tier, [[note.kind, dict(note.data)] for note in found.notes]]))
"""
_EQUAL, _BITS = 0x15, 0x45
_PR_SET_SECCOMP = 22
_NEW_PID_NAMESPACE = 0x2000_0000

MACHINES: dict[str, tuple[list[Any], str, set[str]]] = {
    "namespaces are denied": (
        [["clone", 1, [0, _BITS, _NEW_PID_NAMESPACE]]],
        "lite",
        {"no_user_namespaces"},
    ),
    "mounts are denied": ([["mount", 1]], "lite", {"no_user_namespaces"}),
    "no Landlock": ([["landlock_create_ruleset", 38]], "none", {"no_landlock"}),
    "Landlock that only claims to work": (
        [["landlock_restrict_self", 0]],
        "none",
        {"not_witnessed"},
    ),
    "seccomp that only claims to work": (
        [["prctl", 0, [0, _EQUAL, _PR_SET_SECCOMP]]],
        "none",
        {"not_witnessed"},
    ),
}


@linux
@pytest.mark.parametrize(("rules", "tier", "notes"), MACHINES.values(), ids=MACHINES)
def test_a_tier_is_claimed_only_where_the_machine_keeps_it(
    rules: list[Any], tier: str, notes: set[str]
) -> None:
    """Where a step is refused, or succeeds and enforces nothing, the tier is lower and says why.

    Finding that out leaves nothing behind.
    """
    tried = Path("/var/tmp/.grade-witness")  # noqa: S108  where a worker tries to write
    tried.unlink(missing_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", EXAMINE, json.dumps(rules)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    found, told = json.loads(done.stdout)
    assert found == tier
    assert notes <= {kind for kind, _ in told}
    assert not tried.exists()


@linux
@pytest.mark.parametrize("tier", ["lite", "none"])
def test_a_lower_tier_on_request_says_so(bench: Bench, tier: str) -> None:
    """A report must not look as if the machine could do no better."""
    launcher = bench.launcher(tier)
    assert launcher.notes[0].kind == "asked"
    assert launcher.notes[0].data == {"tier": tier}


@linux
def test_prepared_workers_wait_for_a_submission(bench: Bench) -> None:
    """They are used in turn, and after them others are started as ever."""
    with contextlib.closing(open_launcher(bench.zygote, "full", 512)) as launcher:
        launcher.prepare(5)
        waiting = set(launcher._waiting.values())
        assert len(waiting) == 5
        with grading_on(launcher, "import os\ndef f(): return os.getpid()") as grading:
            for _ in range(7):
                assert check(grading, lambda submission: submission.f()).verdict is Verdict.PASSED
        assert launcher._waiting == {}
        assert all(worker.is_ended for worker in waiting)


@linux
def test_a_worker_alone_has_one_processor_and_stops_when_it_is_told_to(bench: Bench) -> None:
    """It cannot take another, and does nothing until it may go on."""
    text = "import os\ndef processors():\n    return sorted(os.sched_getaffinity(0))\n"
    cpu = max(os.sched_getaffinity(0))
    request = m.Call("processors", [], {}, "cpu")
    with contextlib.closing(
        SandboxLauncher(bench.zygote, preload=(), wish="full", room=Room(512, cpu=cpu))
    ) as launcher:
        worker = launcher.start_worker(GENEROUS)
        worker.send_load(m.Load({"a.py": text.encode()}, "a.py", "cpu", 1, 1))
        worker.wait_until_loaded()
        worker.start_clock(math.inf)
        worker.pause()
        worker.resume()
        assert worker.ask(request).value == [cpu]
        worker.pause()
        worker.limits = Limits(request_seconds=0.3)
        with pytest.raises(StudentFault, match="timed_out"):
            worker.ask(request)


# ---------------------------------------------------------------- spawned workers


@pytest.fixture(name="spawning")
def _spawning() -> Iterator[SpawnLauncher]:
    with contextlib.closing(SpawnLauncher()) as launcher:
        yield launcher


def scratch_folders(launcher: SpawnLauncher) -> list[Path]:
    """The scratch folders of all workers so far."""
    return [Path(worker.scratch) for worker in launcher._running]


def test_spawned_workers_speak_the_same_protocol(spawning: SpawnLauncher) -> None:
    """Load, call, crash and the next check go on as with a zygote; no folder is left."""
    text = "import os\nprint('hello')\ndef f(x): return x + 1\ndef g(): os._exit(4)\n"
    with grading_on(spawning, text) as grading:
        outcomes = [check(grading, lambda it: it.f(1)), check(grading, lambda it: it.g())]
    answered, crashed = outcomes
    assert (answered.value, answered.printed) == (2, b"hello\n")
    assert (crashed.verdict, crashed.kind) == (Verdict.CRASHED, "exited")
    assert crashed.causes[0].data["status"] == 4
    folders = scratch_folders(spawning)
    assert len(folders) >= 2
    assert not any(folder.exists() for folder in folders)


def test_spawned_workers_are_ended_in_time(spawning: SpawnLauncher) -> None:
    """A call that never ends is killed with its process group."""
    text = "import os, time\ndef f():\n    os.fork()\n    time.sleep(600)\n"
    limits = dataclasses.replace(GENEROUS, request_seconds=2)
    with grading_on(spawning, text, limits=limits) as grading:
        outcome = check(grading, lambda it: it.f())
    assert (outcome.verdict, outcome.kind) == (Verdict.TIMED_OUT, "timed_out")
    assert not any(folder.exists() for folder in scratch_folders(spawning))


def test_closing_the_launcher_ends_what_is_left(spawning: SpawnLauncher) -> None:
    """A worker that nobody has ended does not outlive the judge."""
    worker = spawning.start_worker(GENEROUS)._running
    assert isinstance(worker, SpawnedWorker)
    assert worker.process.poll() is None
    spawning.close()
    assert worker.process.poll() is not None
    assert not Path(worker.scratch).exists()
