"""What a submission can reach from inside a worker, tier by tier."""

from __future__ import annotations

import contextlib
import os
import random
import resource
import secrets
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox import libc, seccomp
from grader.sandbox.jail import JailError, SpareUid
from grader.sandbox.plan import Plan
from tests.bench import Bench, check

INTRUDER = Path(__file__).with_name("intruder.py").read_text("utf-8")
ROOT = Path(__file__).parents[2]
CONFINED = ("full", "lite")
DENIED = {"EACCES", "EPERM", "ENOENT", "ENOTDIR", "EROFS", "ESRCH"}

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="sandboxes are Linux's")


def try_all(bench: Bench, tier: str, attempts: list[tuple[str, list[Any]]]) -> dict[str, Any]:
    """Make these calls of the intruder in one worker; what came back, by the call's text."""

    def ask(submission: Any) -> dict[str, Any]:
        return {
            f"{name}{tuple(arguments)}": getattr(submission, name)(*arguments)
            for name, arguments in attempts
        }

    with bench.grading(INTRUDER, tier=tier) as grading:
        outcome = check(grading, ask)
    assert not outcome.causes, outcome
    return dict(outcome.value)


def open_ones(answers: dict[str, str]) -> dict[str, str]:
    """The attempts that were not denied."""
    return {name: answer for name, answer in answers.items() if answer not in DENIED}


# ---------------------------------------------------------------- files


@pytest.mark.parametrize("tier", CONFINED)
def test_no_file_outside_can_be_read(bench: Bench, tier: str, tmp_path: Path) -> None:
    """Files of the system, the course, the tests, the home and the judge are out of reach."""
    secret = tmp_path / "secret"
    secret.write_text("expected")
    secret.chmod(0o644)
    paths = [
        *("/etc/passwd", "/etc/hostname", "/var/log", "/sys", "/run", "/boot"),
        *(ROOT / "solutions", ROOT / "exercises", ROOT / "tests", ROOT / "grader", __file__),
        *(ROOT / "solutions/ex07_conv/test_hidden.py", ROOT / "pyproject.toml", secret, tmp_path),
        *(path for path in Path.home().iterdir() if path.is_file()),
        *(f"/proc/{pid}/cmdline" for pid in (bench.pid, os.getpid(), os.getppid())),
    ]
    answers = try_all(bench, tier, [("read", [str(path)]) for path in paths])
    assert not open_ones(answers)


def test_the_tree_holds_the_interpreter_and_nothing_else(bench: Bench) -> None:
    """Whoever walks through everything finds libraries, devices and processes only."""
    plan = Plan.prepare()
    known = [*plan.read, *(link for link, _ in plan.links), "/proc", plan.scratch]
    answers = try_all(bench, "full", [("files_outside", [known])])
    assert list(answers.values()) == [[]]


def test_no_check_lies_among_the_libraries(bench: Bench) -> None:
    """What is bound into the tree holds no check, no solution and no wrong solution."""
    names = ["test_hidden.py", "expected.yaml", "exercise.yaml", "solutions"]
    (found,) = try_all(bench, "full", [("names_below", [sys.prefix, names])]).values()
    assert found == []


@pytest.mark.parametrize("tier", CONFINED)
def test_nothing_is_writable_but_scratch(bench: Bench, tier: str) -> None:
    """No folder of the interpreter or the system takes a file, no library can be changed."""
    folders = {"/", "/dev", "/etc", "/usr", "/usr/lib", "/proc", "/var/tmp", "/home", str(ROOT)}  # noqa: S108
    folders |= {sys.prefix, sys.base_prefix, *Plan.prepare().read, str(Path(os.__file__).parent)}
    attempts = [("write", [f"{folder}/grade-{secrets.token_hex(4)}"]) for folder in folders]
    attempts += [
        ("overwrite", [path])
        for path in (os.__file__, pytest.__file__, "/proc/self/comm", "/proc/self/oom_score_adj")
    ]
    assert not open_ones(try_all(bench, tier, attempts))


@pytest.mark.parametrize("tier", ["full", "lite", "none"])
def test_scratch_and_shared_memory_are_writable(bench: Bench, tier: str) -> None:
    """What honest submissions need works in every tier."""
    answers = try_all(bench, tier, [("write", ["file"]), ("write", ["/dev/shm/grade-test"])])  # noqa: S108
    assert set(answers.values()) == {"done"}


# ---------------------------------------------------------------- network and sockets


@pytest.mark.parametrize("tier", CONFINED)
def test_no_network(bench: Bench, tier: str) -> None:
    """No socket but a unix one can be made, and a listener on this machine is not reached."""
    families = [socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_PACKET]
    families += [socket.AF_VSOCK, socket.AF_ALG]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        attempts = [("make_socket", [int(family)]) for family in families]
        answers = try_all(bench, tier, [*attempts, ("connect_tcp", [port])])
    assert set(answers.values()) == {"EACCES"}


@contextlib.contextmanager
def listening(address: str) -> Iterator[str]:
    """A unix socket that takes connections."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        yield address


def test_no_unix_socket_of_others(bench: Bench, tmp_path: Path) -> None:
    """Neither an abstract socket nor one with a path can be reached from tier full."""
    path = str(tmp_path / "socket")
    with listening(f"\0grade-{secrets.token_hex(8)}") as abstract, listening(path):
        Path(path).chmod(0o777)
        answers = try_all(bench, "full", [("connect", [abstract]), ("connect", [path])])
    assert list(answers.values()) == ["ECONNREFUSED", "ENOENT"]


def test_no_abstract_socket_of_others_in_tier_lite(bench: Bench) -> None:
    """Without a network namespace Landlock keeps a worker from abstract sockets (ABI 6)."""
    if "unix_sockets" not in bench.launcher("lite").witnessed:
        pytest.skip("this kernel's Landlock does not know abstract sockets")
    with listening(f"\0grade-{secrets.token_hex(8)}") as abstract:
        answers = try_all(bench, "lite", [("connect", [abstract])])
    assert list(answers.values()) == ["EPERM"]


# ---------------------------------------------------------------- processes


def test_only_own_processes_are_seen(bench: Bench) -> None:
    """/proc shows the keeper and the worker."""
    seen, own = try_all(bench, "full", [("processes", []), ("own_pid", [])]).values()
    assert sorted(seen) == sorted(["1", own])


@pytest.mark.parametrize("tier", CONFINED)
def test_other_processes_cannot_be_touched(bench: Bench, tier: str) -> None:
    """Keeper, zygote and judge are neither signalled nor traced, read, limited or slowed down."""
    ways = ["signal", "trace", "memory", "environment", "descriptors"]
    ways += ["limit", "affinity", "priority", "handle"]
    pids = [0, bench.pid, os.getpid()]
    answers = try_all(bench, tier, [("touch_process", [way, pid]) for way in ways for pid in pids])
    assert not open_ones(answers)


@pytest.mark.parametrize("tier", ["full", "lite", "none"])
def test_only_four_descriptors_are_inherited(bench: Bench, tier: str) -> None:
    """A worker holds /dev/null, its output, its socket, and an epoll that it made for that."""
    (found,) = try_all(bench, tier, [("descriptors", [])]).values()
    inherited = {"0": "device", "1": "pipe", "2": "pipe", "3": "socket"}
    assert found == {**inherited, "4": "of no kind"}


@pytest.mark.parametrize("tier", ["full", "lite", "none"])
def test_the_environment_is_the_graders(bench: Bench, tier: str) -> None:
    """Not one variable of whoever runs the grader is seen."""
    (names,) = try_all(bench, tier, [("environment", [])]).values()
    own = ["HOME", "LANG", "LOGNAME", "MPLCONFIGDIR", "PATH", "PYTHONDONTWRITEBYTECODE"]
    # What the zygote was started with still stands in its memory.
    zygotes = {"PYTHONHASHSEED", "OPENBLAS_NUM_THREADS"}
    assert set(names) - zygotes == {*own, "TMPDIR", "USER"}


# ---------------------------------------------------------------- rights


@pytest.mark.parametrize("tier", CONFINED)
def test_nobody_in_particular(bench: Bench, tier: str) -> None:
    """A worker is not root, in no group, and cannot become more than it is."""
    (found,) = try_all(bench, tier, [("identity", [])]).values()
    assert 0 not in found["uids"] + found["gids"]
    assert len(set(found["uids"])) == 1
    # Tier lite may enter folders where the interpreter of root lies; Landlock bounds it.
    reads = 1 << libc.CAP_DAC_READ_SEARCH if tier == "lite" and Plan.prepare().is_private else 0
    assert found["capabilities"] == [reads, reads, reads, 0, 0, 0]
    assert (found["no_new_privs"], found["seccomp"]) == (1, 2)


@pytest.mark.parametrize("tier", CONFINED)
def test_root_uses_a_uid_that_nobody_else_has(bench: Bench, tier: str) -> None:
    """Each sandbox of root's has a uid of its own."""
    if os.getuid() != 0:
        pytest.skip("the tests run as an ordinary user, and so do their workers")
    with bench.grading(INTRUDER, tier=tier) as grading:
        uids = [check(grading, lambda it: it.identity()).value["uids"][0] for _ in range(2)]
    assert len({*uids, 0, 65534}) == 4


def test_no_two_sandboxes_have_one_uid(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever drew the uid of another sandbox could signal it in tier lite."""
    monkeypatch.setattr(random.SystemRandom, "sample", lambda *_: [65_521])  # outside the range
    first = SpareUid.reserve()
    with pytest.raises(JailError):
        SpareUid.reserve()
    first.reservation.close()
    again = SpareUid.reserve()
    again.reservation.close()
    assert again.uid == first.uid


@pytest.mark.parametrize("tier", CONFINED)
def test_kernel_surface_is_closed(bench: Bench, tier: str) -> None:
    """Namespaces, mounts, keyrings, BPF, io_uring and the like are denied outright."""
    numbers = seccomp.system_call_numbers(os.uname().machine)
    user = libc.CLONE_NEWUSER
    calls = {"unshare": [user], "clone": [user, 0, 0, 0, 0], "setns": [0, 0], "chroot": [0]}
    calls |= {"mount": [0] * 5, "umount2": [0, 0], "pivot_root": [0, 0], "fsopen": [0, 0]}
    calls |= {"keyctl": [0, 0], "add_key": [0] * 5, "bpf": [0, 0, 0], "io_uring_setup": [1, 0]}
    calls |= {"userfaultfd": [0], "perf_event_open": [0] * 5, "ptrace": [0] * 4}
    calls |= {"process_vm_readv": [0] * 6, "open_by_handle_at": [0, 0, 0], "personality": [0]}
    calls |= {"clock_settime": [0, 0], "sethostname": [0, 0], "mq_open": [0] * 4}
    calls |= {"shmget": [0, 1, 0]}
    attempts = [("call_kernel", [numbers[name], arguments]) for name, arguments in calls.items()]
    assert set(try_all(bench, tier, attempts).values()) == {"EPERM"}


@pytest.mark.parametrize("tier", CONFINED)
def test_limits_cannot_be_raised(bench: Bench, tier: str) -> None:
    """Every limit that is set stays; processes, files, time and memory have one."""
    names = ("AS", "CORE", "CPU", "NOFILE", "NPROC")
    limits = [getattr(resource, f"RLIMIT_{name}") for name in names]
    answers = try_all(bench, tier, [("raise_limit", [limit]) for limit in limits])
    assert set(answers.values()) == {"EPERM"}


def test_what_was_witnessed_is_what_is_promised(bench: Bench) -> None:
    """A launcher's tier rests on denials that its workers have seen."""
    witnessed = bench.launcher("full").witnessed
    assert {"files", "writes", "network", "unix_sockets", "processes"} <= set(witnessed)
    assert {"tracing", "namespaces", "privileges", "descriptors"} <= set(witnessed)
