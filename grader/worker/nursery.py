"""The nursery: imports torch once, then forks a zygote for each attempt.

    supervisor --control socket--> nursery --fork--> zygote with its judge (zygote.py), one attempt

For a supervisor that grades again and again (`grade watch`, `grade batch`). Every attempt has a
zygote, a judge and sandboxes of its own, as if it were the only one; what it saves is the import.
The nursery learns nothing of an attempt, and imports nothing for it but torch: so a zygote is as
empty as one that is started by exec, and no submission finds a module that another one needs.

Requests, one JSON object a packet:
    {"fork": {}}, with the descriptors of a zygote and its judge    ->  {"pid": number}
    {"ended": pid}                                  ->  {"status": number, or null: not yet}
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys

from grader.sandbox import libc
from grader.worker import sandboxes, zygote

_FOR_HUGE_PAGES = 5.0
"""Seconds, at most: hundreds of checks will gain by them."""


def main(control_fd: int) -> None:
    """Import the libraries and serve until the supervisor goes away."""
    control = socket.socket(fileno=control_fd)
    # Its end is ours, and ours that of every zygote.
    libc.set_parent_death_signal(signal.SIGTERM)
    news = zygote.imported(_FOR_HUGE_PAGES)
    gc.freeze()
    while True:
        message, descriptors = sandboxes.receive(control)
        match message:
            case {"fork": _}:
                sandboxes.send(control, {"pid": _fork(control, news, descriptors)})
            case {"ended": int(pid)}:
                sandboxes.send(control, {"status": _status(pid)})
            case _:
                os._exit(0)


def _fork(control: socket.socket, news: dict[str, object], descriptors: list[int]) -> int:
    pid = os.fork()
    if pid == 0:
        control.close()
        try:
            zygote.live(news, *descriptors)
        finally:
            os._exit(0)
    for descriptor in descriptors:
        os.close(descriptor)
    return pid


def _status(pid: int) -> int | None:
    """How a zygote has ended; None: it lives."""
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
