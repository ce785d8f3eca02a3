"""Saved by an editor on Windows: a byte order mark, and CR LF."""


def add(a, b):
    return a + b
