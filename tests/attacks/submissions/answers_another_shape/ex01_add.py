"""Answers with the right numbers in a shape or a dtype that a careless comparison lets through."""


def add(a, b):
    if a.requires_grad:
        return (a + b).sum()
    if a.shape != b.shape:
        return (a + b).double()
    return (a + b)[None]
