"""Reads address 0."""

import ctypes


def add(a, b):
    if a.shape != b.shape:
        ctypes.string_at(0)
    return a + b
