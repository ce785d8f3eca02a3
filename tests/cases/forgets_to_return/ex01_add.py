"""Computes the sum and does not return it."""


def add(a, b):
    total = a + b
