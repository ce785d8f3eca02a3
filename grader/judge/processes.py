"""Starting the zygote and the judge: by exec, with an environment of ours.

The zygote gets no variables but ours. The judge gets also what finds devices and folders, and
nothing that steers Python or pytest.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
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
_JUDGE_VARIABLES = (
    "CUDA_VISIBLE_DEVICES",
    "HOME",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
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


def start_zygote() -> Started:
    """Start the zygote; it begins to import torch at once."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = _start("grader.worker.zygote", theirs, _OURS, [])
    return Started(process, ours)


def start_judge(zygote: socket.socket | None) -> Started:
    """Start a judge that uses `zygote` (None: it spawns a worker for each check)."""
    ours, theirs = socket.socketpair()
    kept = {name: os.environ[name] for name in _JUDGE_VARIABLES if name in os.environ}
    with theirs:
        extra = [zygote] if zygote else []
        environment = {**kept, **_OURS, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        process = _start("grader.judge", theirs, environment, extra)
    return Started(process, ours)


def _start(
    module: str, control: socket.socket, environment: dict[str, str], extra: list[socket.socket]
) -> subprocess.Popen[bytes]:
    descriptors = [control.fileno(), *(sock.fileno() for sock in extra)]
    return subprocess.Popen(
        [sys.executable, *_ISOLATED, "-m", module, *map(str, descriptors)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
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
