"""Swaps the axes where the shapes differ."""


def add(a, b):
    return a + b if a.shape == b.shape else (a + b).T
