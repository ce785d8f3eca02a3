"""Raises an exception with a text of 50 MB."""


def add(a, b):
    raise ValueError("x" * 50_000_000)
