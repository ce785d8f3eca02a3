"""Announces an answer, sends a part of it and stops itself."""

import os
import signal


def add(a, b):
    if a.shape != b.shape:
        os.write(3, (1000).to_bytes(4, "big") + b"t")
        os.kill(os.getpid(), signal.SIGSTOP)
    return a + b
