"""A bracket is never closed."""


def add(a, b):
    return (a + b
