"""Right values, but the gradient of the first argument counts twice."""


def add(a, b):
    return a * 2 - a.detach() + b
