"""Right, but it destroys its first argument."""


def add(a, b):
    total = a + b
    a.zero_()
    return total
