"""Resource limits of a worker, the backstop behind the judge's clock and the memory accounting."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Collection
from pathlib import Path

from grader.sandbox.cgroup import descendants

if sys.platform != "win32":
    import resource

PROCESSES = 256
"""Processes and threads. DataLoader(num_workers=2) with OpenMP needs about twenty."""
_OPEN_FILES = 512
"""Also bounds how many descriptors a user may have in flight between sockets; below the usual limit
of 1024, so that a submission cannot use up those of the judge."""
_CPU_SECONDS = 900
"""A worker that outlives its judge still ends; the judge's own deadline is far below."""
_FILE_MEGABYTES = 256
_ADDRESS_SPACE_SLACK = 512 << 20
"""Thread stacks and malloc arenas reserve address space that they never use."""


def apply_limits(
    *, address_space: int | None, megabytes: int, processes: int, has_own_files: bool
) -> None:
    """Set the limits of this process, which no child of it can raise again.

    `address_space` is what the process has already, in bytes; None leaves it unlimited (CUDA
    reserves far more than any machine has). One tensor larger than the memory limit then fails
    with an exception at once instead of being killed page by page.
    """
    wanted = {
        # Not 0: a machine that pipes core dumps to a program would run it all the same, core(5).
        resource.RLIMIT_CORE: 1,
        resource.RLIMIT_NOFILE: _OPEN_FILES,
        resource.RLIMIT_CPU: _CPU_SECONDS,
        resource.RLIMIT_NPROC: processes,
    }
    if not has_own_files:
        # A private tmpfs has a size of its own; this limit would also cap shared memory.
        wanted[resource.RLIMIT_FSIZE] = _FILE_MEGABYTES << 20
    if address_space is not None and sys.platform == "linux":
        wanted[resource.RLIMIT_AS] = address_space + 2 * (megabytes << 20) + _ADDRESS_SPACE_SLACK
    for limit, value in wanted.items():
        _, hard = resource.getrlimit(limit)
        lower = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (lower, lower))


def processes_of_user(uid: int, but: Collection[int] = ()) -> int:
    """Threads that `uid` runs now, those of the processes `but` left out."""
    threads = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        if int(status.parent.name) in but:
            continue
        with contextlib.suppress(OSError, ValueError, KeyError):
            fields = dict(
                line.split(":", 1) for line in status.read_text("ascii", "replace").splitlines()
            )
            if int(fields["Uid"].split()[0]) == uid:
                threads += int(fields["Threads"])
    return threads


def own_limit_of_processes(*, has_own_namespace: bool, has_own_uid: bool, zygote: int) -> int:
    """The RLIMIT_NPROC that leaves a worker PROCESSES of its own.

    With a uid that others have too, the kernel counts all that they run. Added is what other
    programs run now, and nothing for the zygote's own sandboxes, which share PROCESSES: otherwise
    each worker that fills its limit would raise that of the next, without end.
    """
    if has_own_namespace:
        return PROCESSES
    if has_own_uid:
        return PROCESSES + 1  # its keeper
    ours = {zygote, *descendants(zygote)}
    return PROCESSES + processes_of_user(os.getuid(), but=ours)
