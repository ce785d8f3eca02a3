"""Tries to trace, to read and to rob its parent and process 1; fails its checks if anything works."""

import ctypes
import os
import platform

CALLS = {
    "x86_64": {"ptrace": 101, "readv": 310, "writev": 311, "kcmp": 312, "madvise": 440},
    "aarch64": {"ptrace": 117, "readv": 270, "writev": 271, "kcmp": 272, "madvise": 440},
}[platform.machine()]
PIDFD_OPEN, PIDFD_GETFD, PIDFD_SIGNAL = 434, 438, 424
ATTACH, SEIZE, TRACEME = 16, 0x4206, 0

libc = ctypes.CDLL(None, use_errno=True)
buffer = ctypes.create_string_buffer(8)
# An address that every process forked from ours, or before us, has as well.
part = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 8)


def call(number, *args):
    return libc.syscall(ctypes.c_long(number), *map(ctypes.c_void_p, args))


found = []
for pid in {os.getppid(), 1} - {0}:
    here = ctypes.addressof(part)
    attempts = {
        "attach": (CALLS["ptrace"], ATTACH, pid, 0, 0),
        "seize": (CALLS["ptrace"], SEIZE, pid, 0, 0),
        "read": (CALLS["readv"], pid, here, 1, here, 1, 0),
        "write": (CALLS["writev"], pid, here, 1, here, 1, 0),
        "compare": (CALLS["kcmp"], pid, os.getpid(), 0, 0, 0),
        "open": (PIDFD_OPEN, pid, 0),
    }
    for name, attempt in attempts.items():
        answer = call(*attempt)
        if answer >= 0:
            found.append((pid, name))
        if name == "open" and answer >= 0:
            taken = [fd for fd in range(64) if call(PIDFD_GETFD, answer, fd, 0) >= 0]
            found.append((pid, taken, call(PIDFD_SIGNAL, answer, 0, 0, 0)))
if call(CALLS["ptrace"], TRACEME, 0, 0, 0) >= 0:
    found.append("traced by its parent")
for pid in (os.getppid(), 1):
    for name in ("mem", "maps", "environ", "syscall", "stack", "root/etc/passwd", "cwd/setup.py"):
        try:
            with open(f"/proc/{pid}/{name}", "rb") as file:
                found.append((name, file.read(1)))
        except OSError:
            pass
if found:
    print(found)


def add(a, b):
    return None if found else a + b
