"""A slip in the name of a module."""

import torhc


def add(a, b):
    return torhc.add(a, b)
