"""A slip in the name of the function."""


def ad(a, b):
    return a + b
