"""Opening a sandbox: who forks whom, who drops what, and in which order.

    zygote --fork--> keeper --fork--> worker ...

In tier full the keeper is pid 1 of a PID namespace: reaping it proves the end of all processes.

The order is the kernel's:
- the fork that makes a PID namespace is the one by which its pid 1 is born; without root that
  takes a user namespace made by the same call;
- mounts come before Landlock, which forbids them;
- as root, the tree is built while we still are root (a private home is readable then), and the
  uid is dropped before the user namespace is made, because a user namespace made by uid 0 keeps
  the outer uid 0: RLIMIT_NPROC would not count and root's files in the tree would be readable;
- PR_SET_PDEATHSIG is cleared by a change of uid, so it is set again afterwards.

The keeper keeps the capabilities of its own user namespace (and of nothing outside it) to give
each worker a fresh mount namespace with an empty scratch folder. A worker has none left.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from grader.sandbox import landlock, libc, root
from grader.sandbox.cgroup import MemoryGroup
from grader.sandbox.plan import Plan

_NAMESPACES = (
    libc.CLONE_NEWNS
    | libc.CLONE_NEWNET
    | libc.CLONE_NEWIPC
    | libc.CLONE_NEWUTS
    | libc.CLONE_NEWCGROUP
)
_MOST_DESCRIPTORS = 1 << 16


class JailError(Exception):
    """A step of the set-up that this machine refused."""

    def __init__(self, step: str, text: str) -> None:
        super().__init__(text)
        self.step = step


@dataclass(frozen=True)
class SpareUid:
    """A uid for one sandbox alone, from systemd's range for dynamic users.

    Two sandboxes of one uid could signal each other where they have no namespaces. A name that only
    one socket on the machine can have keeps it ours for as long as that socket is open.
    """

    uid: int
    reservation: socket.socket

    @classmethod
    def reserve(cls) -> SpareUid:
        """Reserve one; raises JailError if all that were tried are taken."""
        for uid in random.SystemRandom().sample(range(61184, 65520), 100):
            reservation = socket.socket(socket.AF_UNIX)
            try:
                reservation.bind(f"\0grade-uid-{uid}")
            except OSError:
                reservation.close()
            else:
                return cls(uid, reservation)
        raise JailError("uid", "no spare uid is free")


@dataclass(frozen=True)
class Box:
    """What the keeper and its workers must know about their sandbox."""

    tier: str
    plan: Plan
    megabytes: int
    is_accounted: bool
    """Whether a cgroup bounds the memory (otherwise it is watched from outside)."""
    gpu: bool
    uid: int
    """The uid to drop to when the grader runs as root."""
    scratch_prefix: str
    """How the names of its scratch folders begin, where they lie in the machine's."""
    outsider: int
    """The pid of a process outside, which no worker may see or signal."""
    cpu: int | None = None
    """The one processor that its workers may use; None leaves them all."""
    loopback: bool = False
    """Whether its processes may talk to each other by TCP, where the network is their own."""

    @property
    def keeps_reading(self) -> bool:
        """Whether a worker needs the right to enter folders of others, to reach the interpreter.

        Without namespaces an interpreter below a private home is out of reach of a uid of its own.
        Landlock bounds what that right can read.
        """
        return not self.has_namespaces and self.plan.is_private

    @property
    def has_namespaces(self) -> bool:
        """Whether mounts, processes and network are this sandbox's own."""
        return self.tier == "full"

    @property
    def has_loopback(self) -> bool:
        """Whether 127.0.0.1 is there, and this sandbox's own."""
        return self.loopback and self.has_namespaces


def require_filters(plan: Plan) -> None:
    """Raise JailError where the kernel lacks Landlock or we lack a table of its system calls."""
    try:
        landlock.abi_version()
    except OSError as error:
        raise JailError("landlock", str(error)) from error
    if not plan.filters:
        raise JailError("seccomp", "no filter for this architecture")


def open_sandbox(
    box: Box, group: MemoryGroup | None, keep: Callable[[Box], None], inherited: list[int]
) -> int:
    """Fork the keeper of a sandbox, which runs `keep(box)`; return its pid.

    Only the descriptors in `inherited` stay open in it. Raises JailError when a step failed;
    nothing is left then.
    """
    owner = os.getuid(), os.getgid()
    reader, writer = os.pipe()
    try:
        pid = _fork(box)
    except OSError as error:
        os.close(reader)
        os.close(writer)
        raise JailError("namespaces", str(error)) from error
    if pid == 0:
        _enter(box, group, keep, writer, inherited, owner=owner)
    os.close(writer)
    with open(reader, encoding="utf-8") as pipe:
        said = json.loads(pipe.read() or "{}")
    if "ready" in said:
        return pid
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    raise JailError(said.get("step", "fork"), said.get("text", "the process ended"))


def _fork(box: Box) -> int:
    if not box.has_namespaces:
        return os.fork()
    return libc.fork_into(libc.CLONE_NEWPID | (libc.CLONE_NEWUSER if os.getuid() else 0))


def _enter(
    box: Box,
    group: MemoryGroup | None,
    keep: Callable[[Box], None],
    pipe: int,
    inherited: list[int],
    *,
    owner: tuple[int, int],
) -> NoReturn:
    """In the new process: never return, whatever happens."""
    steps = _Steps(pipe)
    try:
        # Pid 1 of a namespace is deaf to the signals from within for which it has no handler.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _die_with_parent()
        if group:
            steps.now = "cgroup"
            group.join()
        _close_all_but([pipe, *inherited])
        os.setsid()  # a process group reaches across PID namespaces
        if box.has_namespaces:
            steps.now = "namespaces"
            uid, gid = owner
            if uid != 0:
                _write_maps(uid, gid)
            libc.unshare(_NAMESPACES)
            if box.has_loopback:
                steps.now = "loopback"
                libc.raise_loopback()
            steps.now = "root"
            root.build(box.plan, gpu=box.gpu)
            steps.now = "user namespace"
            if _drop_root(box.uid):
                libc.unshare(libc.CLONE_NEWUSER | libc.CLONE_NEWNS)
                _write_maps(box.uid, box.uid)
        else:
            steps.now = "uid"
            if box.keeps_reading:
                libc.keep_capabilities_over_uid_change()
            if _drop_root(box.uid) and box.keeps_reading:
                libc.drop_capabilities(keep=libc.CAP_DAC_READ_SEARCH)
        _die_with_parent()
        if sys.platform == "linux":
            libc.set_child_subreaper()
            # Nobody with our uid may read or trace the keeper, not even without Landlock.
            libc.set_dumpable(False)
        steps.tell({"ready": True})
        os.close(pipe)
        keep(box)
    except BaseException as error:  # noqa: BLE001  the zygote's code above the fork must not run here
        steps.fail(error)
    finally:
        os._exit(70)


class _Steps:
    """Tells the zygote through a pipe how far the set-up came."""

    def __init__(self, pipe: int) -> None:
        self.now = "fork"
        self._pipe = pipe

    def tell(self, message: dict[str, object]) -> None:
        os.write(self._pipe, json.dumps(message).encode() + b"\n")

    def fail(self, error: BaseException) -> None:
        with contextlib.suppress(OSError):
            self.tell({"step": self.now, "text": f"{type(error).__name__}: {error}"})


def _die_with_parent() -> None:
    if sys.platform == "linux":
        libc.set_parent_death_signal(signal.SIGKILL)


def _write_maps(uid: int, gid: int) -> None:
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{uid} {uid} 1"),
        ("gid_map", f"{gid} {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)


def _drop_root(uid: int) -> bool:
    """As root become `uid`, which nothing else on this machine runs as; say whether we were."""
    if os.getuid() != 0:
        return False
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    if sys.platform == "linux":
        # Cleared by the change of uid; /proc/self/uid_map belongs to us only while it is set.
        libc.set_dumpable(True)
    return True


def _close_all_but(kept: list[int]) -> None:
    first = 3
    for descriptor in sorted(kept):
        if descriptor > first:
            os.closerange(first, descriptor)
        first = descriptor + 1
    os.closerange(first, _MOST_DESCRIPTORS)
