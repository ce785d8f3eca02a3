"""Refuses what it should broadcast."""


def add(a, b):
    if a.shape != b.shape:
        raise ValueError("the shapes differ")
    return a + b
