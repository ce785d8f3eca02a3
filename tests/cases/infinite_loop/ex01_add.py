"""Loops for ever where the shapes differ."""


def add(a, b):
    while a.shape != b.shape:
        pass
    return a + b
