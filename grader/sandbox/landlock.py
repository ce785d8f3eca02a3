"""Landlock: which paths a process may touch, enforced by the kernel and never taken back.

Rules name files by what they are, not by path: a rule for a folder also holds where that folder
is bind-mounted. Landlock does not guard stat, chdir, chmod and utime, nor, before ABI 9, the
connection to a socket that has a path. A process under Landlock cannot mount, so mounts come
first.
"""

from __future__ import annotations

import errno
import os
import stat
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from grader.sandbox import libc

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_MAKE_CHAR, _MAKE_BLOCK = 1 << 6, 1 << 11
_TRUNCATE, _IOCTL_DEV = 1 << 14, 1 << 15

_READ = _EXECUTE | _READ_FILE | _READ_DIR
_WRITE = ((1 << 15) - 1) & ~(_MAKE_CHAR | _MAKE_BLOCK)
_DEVICE = _READ_FILE | _WRITE_FILE | _READ_DIR | _IOCTL_DEV
_OF_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
"""The kernel refuses a rule that grants a right of folders on anything else."""

_TCP = 0b11  # bind, connect
_SCOPES = 0b11  # abstract unix sockets, signals
_VERSION_FLAG = 1
_PATH_BENEATH = 1


def abi_version() -> int:
    """Return the kernel's Landlock ABI, at least 1.

    Raises OSError: ENOSYS where the kernel has none, EOPNOTSUPP where it is switched off.
    """
    version = libc.syscall(libc.NR_LANDLOCK_CREATE_RULESET, None, 0, _VERSION_FLAG)
    if version < 1:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
    return version


@dataclass(frozen=True)
class Ruleset:
    """A ruleset that waits in the kernel, as a file descriptor, for processes to enter it."""

    descriptor: int

    @classmethod
    def prepare(
        cls,
        read: Sequence[str | int],
        write: Sequence[str | int],
        devices: Sequence[str | int] = (),
        *,
        tcp: bool = False,
    ) -> Ruleset:
        """Allow what is below these paths (or open descriptors) and nothing else.

        `read` allows reading and executing, `write` also creating, changing and removing (but no
        device nodes), `devices` reading, writing and ioctl. TCP unless `tcp`, abstract unix sockets
        of others and signals to others are denied where the kernel can (ABI 4, 6, 6).
        Raises OSError as abi_version does, and when a path cannot be opened.
        """
        abi = abi_version()
        handled = _file_rights(abi)
        attributes = struct.pack("=QQQ", handled, 0 if tcp else _TCP, _SCOPES)
        # The kernel refuses a longer struct than it knows unless the rest is zero.
        attributes = attributes[: 8 if abi < 4 else 16 if abi < 6 else 24]
        ruleset = cls(libc.syscall(libc.NR_LANDLOCK_CREATE_RULESET, attributes, len(attributes), 0))
        try:
            for paths, rights in ((read, _READ), (write, _WRITE), (devices, _DEVICE)):
                for path in paths:
                    ruleset._allow(path, rights & handled)
        except OSError:
            ruleset.close()
            raise
        return ruleset

    def apply(self) -> None:
        """Confine the calling thread and its later children, and close the ruleset.

        Wants no_new_privs (or CAP_SYS_ADMIN), and a process with one thread: others stay free.
        """
        libc.syscall(libc.NR_LANDLOCK_RESTRICT_SELF, self.descriptor, 0)
        self.close()

    def close(self) -> None:
        """Forget the ruleset; processes that entered it stay confined."""
        os.close(self.descriptor)

    def _allow(self, path: str | int, rights: int) -> None:
        descriptor = path if isinstance(path, int) else os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
                rights &= _OF_A_FILE
            rule = struct.pack("=Qi", rights, descriptor)
            libc.syscall(libc.NR_LANDLOCK_ADD_RULE, self.descriptor, _PATH_BENEATH, rule, 0)
        finally:
            if descriptor is not path:
                os.close(descriptor)


def _file_rights(abi: int) -> int:
    """Return every right on files that this ABI knows: 13 at first, then one more at a time.

    ABI 2 added moving files between folders, 3 truncating, 5 ioctl on devices, and 9 connecting
    to a socket with a path that a process outside made (never granted here).
    """
    known = 13 + sum(abi >= since for since in (2, 3, 5, 9))
    return int((1 << known) - 1)
