"""Sends itself descriptors that it never receives: the kernel bounds those of a user, not of a process."""

import contextlib
import socket

kept = socket.socketpair()
with contextlib.suppress(OSError):
    while True:
        socket.send_fds(kept[0], [b"x"], [kept[0].fileno()] * 250)


def add(a, b):
    return a + b
