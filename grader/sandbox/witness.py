"""A worker tries what its tier forbids, before it has read a byte of the submission.

A sandbox that reports success and enforces nothing is worse than none, so a tier is claimed only
from denials that this very process has seen: each test below names a promise and says whether it
holds here and now.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from grader.sandbox import libc
from grader.sandbox.jail import Box

PROMISES: dict[str, tuple[str, ...]] = {
    "full": (
        "files",
        "writes",
        "network",
        "unix_sockets",
        "processes",
        "tracing",
        "namespaces",
        "privileges",
        "descriptors",
    ),
    "lite": ("files", "writes", "network", "tracing", "namespaces", "privileges", "descriptors"),
    "none": (),
}
"""What a tier promises; it may be claimed only by a worker that has witnessed all of it."""

_PTRACE_ATTACH = 16
_GET_NO_NEW_PRIVS = 39
_SYS_PTRACE = {"x86_64": 101, "aarch64": 117}


def witness(box: Box) -> list[str]:
    """The promises that hold in this process."""
    if sys.platform != "linux":
        return []
    tests: dict[str, Callable[[], bool]] = {
        # /sys, because a folder like /home is there when the interpreter lies below it.
        "files": lambda: _cannot_read("/etc/passwd") and _is_denied(lambda: os.listdir("/sys")),
        "writes": _nothing_writable,
        "network": _only_loopback if box.has_loopback else _no_network,
        "unix_sockets": _no_abstract_sockets,
        "processes": lambda: _cannot_signal(box.outsider) and os.getppid() <= 1,
        "tracing": lambda: _is_denied(
            lambda: libc.syscall(
                _SYS_PTRACE[os.uname().machine], _PTRACE_ATTACH, os.getppid(), 0, 0
            )
        ),
        "namespaces": lambda: _is_denied(lambda: libc.unshare(libc.CLONE_NEWUSER)),
        "privileges": lambda: os.getuid() != 0 and libc.prctl(_GET_NO_NEW_PRIVS) == 1,
        "descriptors": lambda: _open_descriptors() <= {0, 1, 2, 3},
    }
    return [name for name, holds in tests.items() if holds()]


def _is_denied(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError as error:
        return error.errno in (
            errno.EPERM,
            errno.EACCES,
            errno.ENOENT,
            errno.ESRCH,
            errno.EROFS,
            errno.ENOSYS,
            errno.ECONNREFUSED,
        )
    return False


def _cannot_read(path: str) -> bool:
    return _is_denied(lambda: Path(path).read_bytes())


def _cannot_signal(outsider: int) -> bool:
    # In a PID namespace of our own the same number may be ours.
    return outsider == os.getpid() or _is_denied(lambda: os.kill(outsider, 0))


def _no_network() -> bool:
    families = (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK)
    return all(_is_denied(functools.partial(socket.socket, family)) for family in families)


def _only_loopback() -> bool:
    """The one interface is a namespace's own loopback, where nothing else can listen."""
    families = (socket.AF_INET6, socket.AF_PACKET)
    refused = [functools.partial(socket.socket, family) for family in families]
    refused.append(functools.partial(socket.socket, socket.AF_INET, socket.SOCK_DGRAM))
    return [name for _, name in socket.if_nameindex()] == ["lo"] and all(map(_is_denied, refused))


def _nothing_writable() -> bool:
    """Neither the interpreter's folders nor the root take a new file."""
    folders = ("/", str(Path(os.__file__).parent), sys.prefix, "/var/tmp")  # noqa: S108
    places = [f"{folder}/.grade-witness" for folder in folders]
    # The kernel alone would let a process write its own name: only Landlock forbids it.
    places.append("/proc/self/comm")
    return not any(map(_can_write, places))


def _can_write(place: str) -> bool:
    try:
        os.close(os.open(place, os.O_CREAT | os.O_WRONLY))
    except OSError:
        return False
    with contextlib.suppress(OSError):
        os.unlink(place)
    return True


def _no_abstract_sockets() -> bool:
    """No abstract unix socket of the host is listed, and none can be reached."""
    try:
        listed = Path("/proc/net/unix").read_text("ascii", "replace").splitlines()[1:]
    except OSError:
        listed = []
    with socket.socket(socket.AF_UNIX) as probe:
        return not any("@" in line for line in listed) and _is_denied(
            lambda: probe.connect("\0/org/example/grade")
        )


def _open_descriptors() -> set[int]:
    found = set()
    for descriptor in range(64):
        try:
            os.fstat(descriptor)
        except OSError:
            continue
        found.add(descriptor)
    return found
