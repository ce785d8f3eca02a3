"""Starting the judge and the zygote: by exec, with an environment of ours.

Where there is a zygote, one process imports torch and then becomes both: the judge is forked from
the zygote before it reads anything, and gets its variables afterwards, beside the job. The zygote
gets no variables but ours; the judge also what finds devices and folders, and nothing that steers
Python or pytest.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

HAS_ZYGOTE = sys.platform == "linux"
"""Elsewhere each worker is spawned: Windows has no fork, and on macOS one after torch may crash."""
_ISOLATED = ("-P", "-s", "-X", "utf8")
"""No current folder on the path, no user site; the environment is ours, so -E is not needed."""
_OURS = {
    # The order of sets is the same in every run.
    "PYTHONHASHSEED": "0",
    # Nor does numpy start threads, which a fork would have to stop and which wait in a loop.
    "OPENBLAS_NUM_THREADS": "1",
}
_LOADER_VARIABLES = ("LD_LIBRARY_PATH",)
"""What has to be there when a process starts, to find the libraries of torch."""
_JUDGE_VARIABLES = (
    *_LOADER_VARIABLES,
    "CUDA_VISIBLE_DEVICES",
    "HOME",
    "LANG",
    "LC_ALL",
    "PATH",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "TMPDIR",
    "USERPROFILE",
)


@dataclass(frozen=True)
class Started:
    """A started process and our end of its control socket."""

    process: subprocess.Popen[bytes]
    control: socket.socket


@dataclass(frozen=True)
class StartedJudge(Started):
    """The same of a judge; the process is that of its zygote where there is one."""

    zygote: socket.socket | None
    """The judge's end of the zygote's control socket; the judge has it too."""


def start_zygote() -> Started:
    """Start a zygote alone; it begins to import torch at once."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = _start("grader.worker.zygote", [theirs], _kept(_LOADER_VARIABLES))
    return Started(process, ours)


def start_judge() -> StartedJudge:
    """Start a judge, with its zygote where there is one; torch is imported from now on."""
    ours, theirs = socket.socketpair()
    with theirs:
        if not HAS_ZYGOTE:
            process = _start("grader.judge", [theirs], judge_environment())
            return StartedJudge(process, ours, None)
        to_zygote, zygote = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with zygote:
            ends = [zygote, theirs, to_zygote]
            process = _start("grader.worker.zygote", ends, _kept(_LOADER_VARIABLES))
    return StartedJudge(process, ours, to_zygote)


def judge_environment() -> dict[str, str]:
    """The variables of a judge."""
    return {**_kept(_JUDGE_VARIABLES), **_OURS, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def _kept(names: Sequence[str]) -> dict[str, str]:
    return {name: os.environ[name] for name in names if name in os.environ}


def _start(
    module: str, sockets: Sequence[socket.socket], environment: dict[str, str]
) -> subprocess.Popen[bytes]:
    descriptors = [sock.fileno() for sock in sockets]
    return subprocess.Popen(
        [sys.executable, *_ISOLATED, "-m", module, *map(str, descriptors)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**environment, **_OURS},
        # Ctrl-C goes to the supervisor alone, which ends the others in order.
        start_new_session=True,
        **inheriting(descriptors),
    )


def inheriting(descriptors: list[int]) -> dict[str, Any]:
    """Let a child inherit these descriptors (on Windows: handles of sockets) and no others."""
    if sys.platform == "win32":
        for descriptor in descriptors:
            os.set_handle_inheritable(descriptor, inheritable=True)
        startup = subprocess.STARTUPINFO()
        startup.lpAttributeList = {"handle_list": descriptors}
        return {"startupinfo": startup}
    return {"pass_fds": descriptors}
