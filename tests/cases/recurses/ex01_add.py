"""Calls itself without end where the shapes differ."""


def add(a, b):
    return a + b if a.shape == b.shape else add(a, b)
