"""The memory limit of a worker, by a cgroup and, where none can be made, by watching."""

from __future__ import annotations

import json
import operator
import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from grader.judge.launch import SandboxLauncher
from grader.judge.verdicts import Verdict
from tests.bench import Bench, check, grading_on, open_launcher, running

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="sandboxes are Linux's")

MEGABYTES = 256
SUBMISSION = f"""
import mmap, os, time, torch

def add(a, b):
    return a + b

def tensors():
    "Three times the limit, piece by piece."
    kept = [torch.ones(1 << 20) for _ in range(3 * {MEGABYTES} // 4)]
    time.sleep(60)

def shared_memory():
    "The same in memory that could be shared with children."
    block = mmap.mmap(-1, 3 * {MEGABYTES} << 20)
    for start in range(0, len(block), 1 << 20):
        block[start:start + (1 << 20)] = bytes(1 << 20)
    time.sleep(60)

def children():
    "The same in four processes."
    for _ in range(4):
        if os.fork() == 0:
            tensors()
    os.wait()

def memfd():
    return os.memfd_create("memory")
"""


def outcomes(launcher: SandboxLauncher) -> dict[str, list[Any]]:
    """What becomes of each way to use too much memory, and of the check after it."""
    found = {}
    with grading_on(launcher, SUBMISSION) as grading:
        for name in ("tensors", "shared_memory", "children"):
            ended = check(grading, operator.methodcaller(name))
            after = check(grading, lambda it: it.add(1, 2))
            found[name] = [str(ended.verdict), ended.kind, after.value]
    return found


def test_a_cgroup_bounds_the_memory(bench: Bench) -> None:
    """Three times the limit is out_of_memory, in tensors, shared memory and children alike."""
    launcher = open_launcher(bench.zygote, "full", MEGABYTES)
    try:
        if launcher.tier != "full" or "no_memory_cgroup" in {note.kind for note in launcher.notes}:
            pytest.skip(f"no memory cgroup here: {launcher.notes}")
        found = outcomes(launcher)
        peak = launcher.peak_memory()
    finally:
        launcher.close()
    assert found["tensors"] == ["out_of_memory", "out_of_memory", 3]
    assert found["shared_memory"] == ["out_of_memory", "out_of_memory", 3]
    # Some child may be killed in place of the worker, which then waits for it no longer.
    assert found["children"][0] in {Verdict.OUT_OF_MEMORY, Verdict.PASSED}
    assert found["children"][2] == 3
    assert MEGABYTES << 19 < peak <= MEGABYTES << 20


@pytest.mark.parametrize("tier", ["full", "lite", "none"])
def test_where_memory_runs_out_the_worker_is_killed_first(bench: Bench, tier: str) -> None:
    """The kernel prefers it to every process of ours, which it could otherwise outgrow."""
    command, found = f"worker{secrets.token_hex(8)}", list[str]()
    body = f"""
import subprocess, sys
def f():
    subprocess.Popen([sys.executable, "-S", "-c", "input()", "{command}"], stdin=subprocess.PIPE)
"""

    def ask(student: Any) -> None:
        student.f()
        for pid in running(command):
            found.append(Path(f"/proc/{pid}/oom_score_adj").read_text("ascii").strip())

    with bench.grading(body, tier=tier) as grading:
        check(grading, ask)
    assert found == ["1000"]


# As root, in a mount namespace of its own but with the pids of the machine: those of the fence
# would be the sandbox's own.
BECOME_ORDINARY = """
import os, sys
sys.path.insert(0, sys.argv[2])
from grader.sandbox import libc
from tests.fence import become_ordinary

libc.unshare(libc.CLONE_NEWNS)
libc.mount("none", "/", None, libc.MS_REC | libc.MS_PRIVATE)
become_ordinary([], 65534)
os.environ["HOME"] = "/"
os.execv(sys.executable, [sys.executable, "-c", sys.argv[1], *sys.argv[2:]])
"""
AS_ORDINARY_USER = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
from tests.bench import check, grading_on, open_bench, open_launcher
from tests.sandbox.test_memory import MEGABYTES, outcomes
from tests.sandbox.test_jail import INTRUDER

def ask(it):
    return {
        "passwd": it.read("/etc/passwd"), "course": it.read(sys.argv[1] + "/pyproject.toml"),
        "write": it.write("/dev/x"), "network": it.make_socket(2),
        "judge": it.touch_process("signal", os.getpid()), "keeper": it.touch_process("trace", 0),
        "processes": len(it.processes()), "uids": it.identity()["uids"],
        "capabilities": it.identity()["capabilities"],
    }

with open_bench() as bench:
    launcher = open_launcher(bench.zygote, "auto", MEGABYTES)
    with grading_on(launcher, INTRUDER) as grading:
        seen = check(grading, ask)
    with grading_on(launcher, "import os\\ndef f(): os.memfd_create('x')") as grading:
        memfd = check(grading, lambda it: it.f())
    notes = [note.kind for note in launcher.notes]
    print(json.dumps([launcher.tier, notes, seen.value, memfd.kind, outcomes(launcher)]))
    launcher.close()
"""


@pytest.fixture(scope="module", name="ordinary")
def _ordinary() -> list[Any]:
    """What an ordinary user finds: (tier, notes, what an intruder reaches, memfd, outcomes)."""
    if os.getuid() != 0:
        pytest.skip("all other tests run as an ordinary user already")
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", BECOME_ORDINARY, AS_ORDINARY_USER, root],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    if "PermissionError" in done.stderr and "unshare" in done.stderr:
        pytest.skip("this root may not make a mount namespace")
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


def test_an_ordinary_user_has_the_full_tier(ordinary: list[Any]) -> None:
    """Without root the same is denied; that memory is watched and not bounded is noted."""
    tier, notes, seen, memfd, _ = ordinary
    if tier != "full":
        pytest.skip(f"ordinary users have no tier full here: {notes}")
    assert notes == ["no_memory_cgroup"]
    denied = {seen[what] for what in ("passwd", "course", "write", "network", "judge", "keeper")}
    assert denied <= {"ENOENT", "EACCES", "EPERM", "ESRCH", "EROFS"}
    assert (seen["processes"], seen["uids"]) == (2, [65534] * 3)
    assert not any(seen["capabilities"])
    # No other limit counts a memfd.
    assert memfd == "raised"


def test_memory_is_watched_where_no_cgroup_bounds_it(ordinary: list[Any]) -> None:
    """Three times the limit is out_of_memory all the same, and the next check is fine."""
    *_, found = ordinary
    assert found["tensors"] == ["out_of_memory", "out_of_memory", 3]
    assert found["shared_memory"] == ["out_of_memory", "out_of_memory", 3]
    assert found["children"][2] == 3
