"""The last step: a freshly forked worker gives up everything, then witnesses that it has.

Runs after the keeper's fork and before the first byte of a submission arrives, while the process
has one thread: Landlock and seccomp bind the calling thread and what it starts later.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import tempfile
from pathlib import Path

from grader.sandbox import libc, limits, root
from grader.sandbox.jail import Box
from grader.sandbox.landlock import Ruleset
from grader.sandbox.plan import DEVICES, SCRATCH_MEGABYTES, SHARED_MEMORY, gpu_paths

if sys.platform == "linux":
    from grader.sandbox import seccomp


def confine(box: Box, scratch: str) -> None:
    """Confine this process to what the tier promises; raises OSError where that fails.

    `scratch` becomes the current and the temporary folder.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if box.has_namespaces:
        libc.unshare(libc.CLONE_NEWNS)
        root.mount_scratch(scratch, SCRATCH_MEGABYTES)
        root.mount_scratch(SHARED_MEMORY, box.megabytes)
    _set_environment(scratch)
    limits.apply_limits(
        address_space=None if box.gpu else box.plan.address_space,
        megabytes=box.megabytes,
        processes=limits.own_limit_of_processes(
            has_own_namespace=box.has_namespaces,
            has_own_uid=os.getuid() == box.uid,
            zygote=box.outsider,
        ),
        has_own_files=box.has_namespaces,
    )
    if box.cpu is not None:
        os.sched_setaffinity(0, {box.cpu})
    # Cleared with the uid or by the keeper; only then /proc/self belongs to us.
    libc.set_dumpable(True)
    _be_killed_first()
    if box.tier == "none":
        return
    libc.drop_capabilities(keep=libc.CAP_DAC_READ_SEARCH if box.keeps_reading else None)
    libc.set_no_new_privs()
    _ruleset(box, scratch).apply()
    seccomp.install(box.plan.filters[box.is_accounted, not box.has_namespaces, box.has_loopback])


def _be_killed_first() -> None:
    """Where memory runs out the kernel shall choose the submission, not the keeper or the judge."""
    with contextlib.suppress(OSError):  # where there is no /proc
        Path("/proc/self/oom_score_adj").write_text("1000", "ascii")


def _ruleset(box: Box, scratch: str) -> Ruleset:
    nodes, folders = gpu_paths() if box.gpu else ((), ())
    read = ["/"] if box.has_namespaces else [*box.plan.read, *folders]
    return Ruleset.prepare(
        read=read,
        write=[scratch, SHARED_MEMORY],
        devices=[*DEVICES, *nodes],
        tcp=box.has_loopback,
    )


def _set_environment(scratch: str) -> None:
    os.environ.clear()
    os.environ.update(
        HOME=scratch,
        TMPDIR=scratch,
        USER="student",
        LOGNAME="student",
        LANG="C.UTF-8",
        PATH=os.path.dirname(sys.executable) + ":/usr/bin:/bin",
        PYTHONDONTWRITEBYTECODE="1",
        MPLCONFIGDIR=scratch,
    )
    tempfile.tempdir = scratch
    with contextlib.suppress(FileNotFoundError):
        os.chdir(scratch)
