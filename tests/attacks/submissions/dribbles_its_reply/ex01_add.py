"""Sends its reply one byte at a time, always in time for the next one, and never all of it."""

import os
import time


def add(a, b):
    if a.shape != b.shape:
        os.write(3, (200 << 20).to_bytes(4, "big"))
        while True:
            os.write(3, b"x")
            time.sleep(0.01)
    return a + b
