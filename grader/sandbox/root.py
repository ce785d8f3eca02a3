"""The file tree of a sandbox: an empty tmpfs with read-only binds of what a worker may read.

    /                    tmpfs, read-only after the set-up
    |-- <plan.read>      the interpreter, its libraries, system libraries: read-only, nosuid, nodev
    |-- <plan.links>     /lib -> /usr/lib and the like
    |-- dev/             null zero full random urandom (and the GPU's nodes)
    |-- dev/shm, tmp     (or scratch) an empty tmpfs for each worker, gone with it (confine.py)
    '-- proc             this sandbox's processes only; missing where the host masks its own /proc

Runs in a fresh mount namespace as its root. Kernel facts: a path opened in another mount namespace
cannot be bound, so the old tree stays reachable under /.old while binding; procfs can be mounted in
a user namespace only while a complete /proc is still visible.
"""

from __future__ import annotations

import contextlib
import os
import struct

from grader.sandbox import libc
from grader.sandbox.plan import DEVICES, SCRATCH_FILES, SHARED_MEMORY, Plan, gpu_paths

_OLD = "/.old"
_MOUNT_SETATTR = 442  # the same number on every architecture
_AT_FDCWD = -100
_AT_RECURSIVE = 0x8000
MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV, MOUNT_ATTR_NOEXEC = 1, 2, 4, 8
_READ_ONLY = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV


def build(plan: Plan, *, gpu: bool) -> None:
    """Build the tree and make it this process's root; raises OSError."""
    nodes, folders = gpu_paths() if gpu else ((), ())
    libc.mount("none", "/", None, libc.MS_REC | libc.MS_PRIVATE, None)
    # Any folder serves as the place of the new root: the old tree moves below it.
    base = "/tmp"  # noqa: S108
    libc.mount("tmpfs", base, "tmpfs", libc.MS_NOSUID | libc.MS_NODEV, "mode=755,size=1m")
    os.mkdir(base + _OLD)
    libc.pivot_root(base, base + _OLD)
    os.chdir("/")
    for path in (*plan.read, *folders):
        _bind(path, _READ_ONLY)
    for device in (*DEVICES, *nodes):
        _bind(device, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC)
    for link, target in plan.links:
        os.makedirs(os.path.dirname(link), exist_ok=True)
        os.symlink(target, link)
    for folder in (plan.scratch, SHARED_MEMORY, "/proc"):
        os.makedirs(folder, exist_ok=True)
    with contextlib.suppress(OSError):
        libc.mount("proc", "/proc", "proc", libc.MS_NOSUID | libc.MS_NODEV | libc.MS_NOEXEC, None)
    libc.umount2(_OLD, libc.MNT_DETACH)
    os.rmdir(_OLD)
    set_attributes("/", MOUNT_ATTR_RDONLY, recursive=False)


def mount_scratch(folder: str, megabytes: int) -> None:
    """Mount an empty tmpfs that only this process's uid can use."""
    libc.mount(
        "tmpfs",
        folder,
        "tmpfs",
        libc.MS_NOSUID | libc.MS_NODEV,
        f"mode=700,size={megabytes}m,nr_inodes={SCRATCH_FILES},uid={os.getuid()},gid={os.getgid()}",
    )


def set_attributes(path: str, attributes: int, *, recursive: bool) -> None:
    """Set mount attributes (mount_setattr(2), Linux 5.12), on all mounts below if `recursive`."""
    settings = struct.pack("QQQQ", attributes, 0, 0, 0)
    flags = _AT_RECURSIVE if recursive else 0
    libc.syscall(_MOUNT_SETATTR, _AT_FDCWD, os.fsencode(path), flags, settings, len(settings))


def _bind(path: str, attributes: int) -> None:
    source = _OLD + path
    if os.path.isdir(source):
        os.makedirs(path, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o644))
    libc.mount(source, path, None, libc.MS_BIND | libc.MS_REC, None)
    set_attributes(path, attributes, recursive=True)
