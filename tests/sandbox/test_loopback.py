"""A loopback of one's own: where an exercise asks for it, and nothing beyond it."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import pytest

from grader.judge.launch import SandboxLauncher
from grader.judge.sandboxes import Room
from tests.bench import Bench, check, grading_on

_SUBMISSION = """
import errno, os, socket
import torch
import torch.distributed as dist

def attempt(family, kind=socket.SOCK_STREAM, protocol=0):
    try:
        socket.socket(family, kind, protocol).close()
    except OSError as error:
        return errno.errorcode[error.errno]
    return "done"

def connect(port):
    with socket.socket() as end:
        return errno.errorcode.get(end.connect_ex(("127.0.0.1", port)), "done")

def interfaces():
    return [name for _, name in socket.if_nameindex()]

def summed():
    "The sum of what two processes of gloo have."
    def take_part(rank):
        os.environ["GLOO_SOCKET_IFNAME"] = "lo"
        dist.init_process_group("gloo", store=dist.FileStore("store", 2), rank=rank, world_size=2)
        number = torch.tensor([1.0, 10.0]) * (rank + 1)
        dist.all_reduce(number)
        return number
    if not (child := os.fork()):
        take_part(1)
        os._exit(0)
    number = take_part(0)
    os.waitpid(child, 0)
    return number
"""


@contextlib.contextmanager
def _launcher(bench: Bench, tier: str = "full") -> Iterator[SandboxLauncher]:
    launcher = SandboxLauncher(
        bench.zygote,
        preload=("torch.distributed",),
        wish=tier,
        room=Room(1024, loopback=True),
    )
    with contextlib.closing(launcher):
        launcher.open()
        if launcher.tier != tier:
            pytest.skip(f"this machine does not offer tier {tier}: {launcher.notes}")
        yield launcher


def test_processes_of_a_worker_compute_together(bench: Bench) -> None:
    """By torch.distributed with gloo, over 127.0.0.1."""
    with _launcher(bench) as launcher, grading_on(launcher, _SUBMISSION) as grading:
        outcome = check(grading, lambda student: student.summed())
    assert outcome.value is not None, outcome
    assert outcome.value.tolist() == [3.0, 30.0]


def test_nobody_else_is_there(bench: Bench) -> None:
    """A server on this machine's loopback is out of reach: 127.0.0.1 is the sandbox's own."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        _launcher(bench) as launcher,
        grading_on(launcher, _SUBMISSION) as grading,
    ):
        port = server.getsockname()[1]
        found = check(grading, lambda student: (student.interfaces(), student.connect(port)))
        assert found.value == (["lo"], "ECONNREFUSED"), found
        assert "network" in launcher.witnessed


def test_no_other_socket_can_be_made(bench: Bench) -> None:
    """TCP over IPv4 alone, and the question for interfaces."""
    kinds = [
        (socket.AF_INET, socket.SOCK_STREAM),
        (socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC),
        (socket.AF_NETLINK, socket.SOCK_RAW),
        (socket.AF_INET, socket.SOCK_DGRAM),
        (socket.AF_INET, socket.SOCK_RAW),
        (socket.AF_INET6, socket.SOCK_STREAM),
        (socket.AF_PACKET, socket.SOCK_RAW),
        (socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_CRYPTO),
    ]
    with _launcher(bench) as launcher, grading_on(launcher, _SUBMISSION) as grading:
        outcome = check(
            grading, lambda student: [student.attempt(*map(int, each)) for each in kinds]
        )
    assert outcome.value == ["done"] * 3 + ["EACCES"] * 5, outcome


def test_there_is_none_without_a_namespace(bench: Bench) -> None:
    """On tier lite 127.0.0.1 would be the machine's: no socket is made."""
    with _launcher(bench, "lite") as launcher, grading_on(launcher, _SUBMISSION) as grading:
        outcome = check(grading, lambda student: student.attempt(int(socket.AF_INET)))
    assert outcome.value == "EACCES", outcome
