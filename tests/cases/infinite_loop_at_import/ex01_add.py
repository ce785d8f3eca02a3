"""Trains for ever while it is being imported."""

while True:
    pass


def add(a, b):
    return a + b
