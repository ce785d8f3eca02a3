"""Announces a reply of 4 GiB, which nobody could hold."""

import os
import time


def add(a, b):
    if a.shape != b.shape:
        os.write(3, b"\xff\xff\xff\xff")
        time.sleep(3600)
    return a + b
