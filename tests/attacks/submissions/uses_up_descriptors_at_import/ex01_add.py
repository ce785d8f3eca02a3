"""Has no free descriptor any more when it is asked."""

import contextlib
import os

with contextlib.suppress(OSError):
    while True:
        os.pipe()


def add(a, b):
    return a + b
