"""A submission that tries what a sandbox forbids, and says of each attempt how it ended.

Runs in a worker; the tests send its text there. Every attempt returns "done" or the name of an
errno. Nothing here does harm where it is not denied: signals are 0, limits are asked for, system
calls get arguments that the kernel refuses.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import platform
import resource
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

_LIBC = ctypes.CDLL(None, use_errno=True)
_LIBC.syscall.restype = ctypes.c_long
_CAPGET = {"x86_64": 125, "aarch64": 90}


def _ending(attempt: Callable[[], Any]) -> str:
    try:
        attempt()
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    except ValueError:  # setrlimit's own word for EPERM
        return "EPERM"
    return "done"


def read(path: str) -> str:
    """Read a file or list a folder."""
    place = Path(path)
    return _ending(lambda: list(place.iterdir()) if place.is_dir() else place.read_bytes())


def write(path: str) -> str:
    """Make a file; whatever is made by mistake is removed."""

    def make() -> None:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        Path(path).unlink()

    return _ending(make)


def overwrite(path: str) -> str:
    """Open a file for writing, without writing."""
    return _ending(lambda: os.close(os.open(path, os.O_WRONLY)))


def make_socket(family: int) -> str:
    """Make a socket of a family."""
    return _ending(lambda: socket.socket(family).close())


def connect(address: str) -> str:
    """Connect to a unix socket, an abstract one if its name starts with a null byte."""
    with socket.socket(socket.AF_UNIX) as sock:
        return _ending(lambda: sock.connect(address))


def connect_tcp(port: int) -> str:
    """Connect to a port of this machine."""
    return _ending(lambda: socket.create_connection(("127.0.0.1", port), 5).close())


def touch_process(how: str, pid: int) -> str:
    """Signal, trace, slow down or limit another process; pid 0 stands for the parent."""
    pid = pid or os.getppid()
    attempts = {
        "signal": lambda: os.kill(pid, 0),
        "trace": lambda: _syscall({"x86_64": 101, "aarch64": 117}, 16, pid, 0, 0),
        "memory": lambda: Path(f"/proc/{pid}/mem").open("rb").close(),
        "environment": Path(f"/proc/{pid}/environ").read_bytes,
        "descriptors": lambda: list(Path(f"/proc/{pid}/fd").iterdir()),
        "limit": lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE),
        "affinity": lambda: os.sched_setaffinity(pid, os.sched_getaffinity(0)),
        "priority": lambda: os.setpriority(os.PRIO_PROCESS, pid, 19),
        "handle": lambda: os.close(os.pidfd_open(pid)),
    }
    return _ending(attempts[how])


def call_kernel(number: int, arguments: list[int]) -> str:
    """Make a system call by its number."""
    return _ending(lambda: _syscall({platform.machine(): number}, *arguments))


def raise_limit(limit: int) -> str:
    """Raise a limit of this process by one."""
    _, hard = resource.getrlimit(limit)
    if hard == resource.RLIM_INFINITY:
        return "unlimited"
    return _ending(lambda: resource.setrlimit(limit, (hard + 1, hard + 1)))


def identity() -> dict[str, Any]:
    """Say as whom this process runs and what it may do."""
    capabilities = (ctypes.c_uint32 * 6)()
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    _syscall(_CAPGET, ctypes.addressof(header), ctypes.addressof(capabilities))
    return {
        "uids": list(os.getresuid()),
        "gids": [*os.getresgid(), *os.getgroups()],
        "capabilities": list(capabilities),
        "no_new_privs": _LIBC.prctl(39, 0, 0, 0, 0),
        "seccomp": _LIBC.prctl(21, 0, 0, 0, 0),
    }


def descriptors() -> dict[str, str]:
    """What each open descriptor is."""
    kinds = {stat.S_IFCHR: "device", stat.S_IFIFO: "pipe", stat.S_IFSOCK: "socket"}
    found = {}
    for number in range(2048):
        with contextlib.suppress(OSError):
            found[str(number)] = kinds.get(stat.S_IFMT(os.fstat(number).st_mode), "of no kind")
    return found


def environment() -> list[str]:
    """The names of all variables, and of those that the process was started with."""
    names = list(os.environ)
    with contextlib.suppress(OSError):
        block = Path("/proc/self/environ").read_bytes()
        names += [item.split(b"=")[0].decode() for item in block.split(b"\0") if item]
    return names


def processes() -> list[str]:
    """The processes that /proc shows."""
    return [entry.name for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def own_pid() -> str:
    """The number of this process."""
    return str(os.getpid())


def files_outside(known: list[str]) -> list[str]:
    """Everything that can be listed and is neither below one of `known` nor a device."""
    found = []
    for place, folders, files in os.walk("/"):
        folder = Path(place)
        folders[:] = [name for name in folders if str(folder / name) not in known]
        found += [folder / name for name in files if not (folder / name).is_char_device()]
    return [str(path) for path in found if str(path) not in known]


def names_below(folder: str, wanted: list[str]) -> list[str]:
    """The files and folders below `folder` that have one of these names."""
    return [
        str(Path(place) / name)
        for place, folders, files in os.walk(folder)
        for name in [*folders, *files]
        if name in wanted
    ]


def _syscall(numbers: dict[str, int], *arguments: int) -> None:
    words = [ctypes.c_long(argument) for argument in arguments]
    if _LIBC.syscall(ctypes.c_long(numbers[platform.machine()]), *words) == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
