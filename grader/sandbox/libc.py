"""Linux system calls that Python 3.11 does not offer, by ctypes, with OSError for an errno.

The module imports on every platform; off Linux each function raises OSError(ENOSYS).
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import signal
import socket
import struct
import sys

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
PR_CAP_AMBIENT_CLEAR_ALL = 4

CAP_DAC_READ_SEARCH = 2

CLONE_NEWNS = 0x0002_0000
CLONE_NEWCGROUP = 0x0200_0000
CLONE_NEWUTS = 0x0400_0000
CLONE_NEWIPC = 0x0800_0000
CLONE_NEWUSER = 0x1000_0000
CLONE_NEWPID = 0x2000_0000
CLONE_NEWNET = 0x4000_0000

MS_NOSUID = 1 << 1
MS_NODEV = 1 << 2
MS_NOEXEC = 1 << 3
MS_BIND = 1 << 12
MS_REC = 1 << 14
MS_PRIVATE = 1 << 18
MNT_DETACH = 2

# Since Linux 5.1 a new system call has the same number on every architecture.
NR_LANDLOCK_CREATE_RULESET = 444
NR_LANDLOCK_ADD_RULE = 445
NR_LANDLOCK_RESTRICT_SELF = 446
_NR_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_NR_CLONE = {"x86_64": 56, "aarch64": 220}

_SIOCSIFFLAGS, _IFF_UP = 0x8914, 0x1

_CAPABILITY_VERSION_3 = 0x2008_0522
_CAPABILITIES = 64  # as many bits as version 3 has; the kernel ends the list with EINVAL

_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
_HOLDING = ctypes.PyDLL(None, use_errno=True)
"""The same, called with Python's lock held, as a fork has to be."""
if _LIBC is not None:
    # The others take and return what ctypes assumes: an int, a pointer.
    _LIBC.prctl.argtypes = (ctypes.c_int, *[ctypes.c_ulong] * 4)
    _LIBC.syscall.restype = ctypes.c_long


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


def prctl(option: int, *arguments: int) -> int:
    """Control this process; arguments left out are zero, which many options demand."""
    return _call("prctl", option, *arguments, *(0,) * (4 - len(arguments)))


def syscall(number: int, *arguments: int | bytes | ctypes.Array[ctypes.c_char] | None) -> int:
    """Make a system call by number; bytes and buffers pass their address, None passes NULL."""
    # ctypes would pass an int as 32 bits, and the kernel reads whole registers.
    words = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    return _call("syscall", ctypes.c_long(number), *words)


def mount(
    source: str | None, target: str, kind: str | None, flags: int, options: str | None = None
) -> None:
    """Mount a file system of type `kind`, or bind, move or remount, as the MS_ `flags` say."""
    names = [None if name is None else os.fsencode(name) for name in (source, target, kind)]
    data = None if options is None else options.encode()
    _call("mount", *names, ctypes.c_ulong(flags), data, about=target)


def madvise(address: int, length: int, advice: int) -> None:
    """Say how a range of this process's memory will be used."""
    _call("madvise", ctypes.c_void_p(address), ctypes.c_size_t(length), advice)


def umount2(target: str, flags: int = 0) -> None:
    """Unmount `target`; MNT_DETACH does so for a tree that is still in use."""
    _call("umount2", os.fsencode(target), flags, about=target)


def unshare(flags: int) -> None:
    """Move this process into new namespaces, given as CLONE_NEW constants."""
    _call("unshare", flags)


def fork_into(flags: int) -> int:
    """Fork as os.fork does, the child in new namespaces, given as CLONE_NEW constants.

    clone(2), without its own stack. Only for a process of one thread: for more, the C library would
    have to make its locks safe.
    """
    number = _NR_CLONE.get(platform.machine())
    if _LIBC is None or number is None:
        raise OSError(errno.ENOSYS, f"clone on {platform.machine()}")
    words = map(ctypes.c_long, (number, flags | signal.SIGCHLD, 0, 0, 0, 0))
    python = ctypes.pythonapi
    python.PyOS_BeforeFork()
    pid: int = _HOLDING.syscall(*words)
    number = ctypes.get_errno()
    if pid == 0:
        python.PyOS_AfterFork_Child()
    else:
        python.PyOS_AfterFork_Parent()
    if pid == -1:
        raise OSError(number, f"clone: {os.strerror(number)}")
    return pid


def pivot_root(new_root: str, put_old: str) -> None:
    """Make `new_root`, a mount point, the root; the old root moves to `put_old` below it."""
    number = _NR_PIVOT_ROOT.get(platform.machine())
    if number is None:
        raise OSError(errno.ENOSYS, f"pivot_root on {platform.machine()}")
    syscall(number, os.fsencode(new_root), os.fsencode(put_old))


def drop_capabilities(*, keep: int | None = None) -> None:
    """Give up every capability of this thread but `keep`, for good where that can be done.

    Without CAP_SETPCAP the bounding set stays as it is. It then only matters to an execve that
    gains capabilities, which no_new_privs forbids.
    """
    try:
        for capability in range(_CAPABILITIES):
            prctl(PR_CAPBSET_DROP, capability)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EPERM):
            raise
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    header = _CapabilityHeader(_CAPABILITY_VERSION_3, 0)
    kept = 0 if keep is None else 1 << keep
    # Effective, permitted, inheritable: 32 bits each, then the higher 32 bits of each.
    _call("capset", ctypes.byref(header), (ctypes.c_uint32 * 6)(kept, kept, kept, 0, 0, 0))
    if keep is not None:
        # An execve keeps only what is ambient.
        prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, keep)


def set_no_new_privs() -> None:
    """Let no execve of this process or its children gain rights (set-uid files, capabilities)."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)


def keep_capabilities_over_uid_change() -> None:
    """Let the next change from uid 0 to another leave the permitted capabilities in place."""
    prctl(PR_SET_KEEPCAPS, 1)


def set_parent_death_signal(signal_number: int) -> None:
    """Have the kernel send this signal when the thread that forked this process ends.

    A change of uid and an execve that gains rights clear the setting; a fork does not inherit it.
    """
    prctl(PR_SET_PDEATHSIG, signal_number)


def set_dumpable(dumpable: bool) -> None:  # noqa: FBT001  a setter of one flag has nothing to confuse it with
    """Say whether processes of the same uid may trace this one and read its /proc files."""
    prctl(PR_SET_DUMPABLE, int(dumpable))


def raise_loopback() -> None:
    """Bring up 127.0.0.1 in this network namespace, see netdevice(7)."""
    import fcntl  # noqa: PLC0415  not everywhere, and this module is

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as anything:
        request = struct.pack("16sh22x", b"lo", _IFF_UP)  # struct ifreq
        fcntl.ioctl(anything, _SIOCSIFFLAGS, request)


def set_child_subreaper() -> None:
    """Become the parent of every orphan among this process's descendants."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)


def _call(name: str, *arguments: object, about: str | None = None) -> int:
    if _LIBC is None:
        raise OSError(errno.ENOSYS, f"{name}: {os.strerror(errno.ENOSYS)}")
    result: int = getattr(_LIBC, name)(*arguments)
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}", about)
    return result
