"""Sleeps in a hidden check."""

import time


def add(a, b):
    if a.shape == (2, 3) and not a.requires_grad:
        time.sleep(3600)
    return a + b
