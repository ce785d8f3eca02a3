"""Prints 5 MB while it is imported, long before anybody waits for it, in one line."""

import os

for _ in range(5):
    os.write(1, b"x" * 1_000_000)
    os.write(2, b"\\xff" * 1_000_000)


def add(a, b):
    return a + b
