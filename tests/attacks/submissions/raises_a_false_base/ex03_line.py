"""Raises an exception whose class lies about its name, its bases and itself, and raises when it is asked."""

import torch
from torch import nn


class Liar(type):
    @property
    def __name__(cls):
        raise SystemExit("no name")

    @property
    def __mro__(cls):
        return 7

    def __instancecheck__(cls, instance):
        return True


class Fault(Exception, metaclass=Liar):
    @property
    def __class__(self):
        return ValueError

    @property
    def __traceback__(self):
        raise KeyboardInterrupt

    def __str__(self):
        return None

class Line(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return self.weight * x + self.bias


def fit(x, y):
    line = Line()
    optimizer = torch.optim.SGD(line.parameters(), lr=0.3)
    for _ in range(200):
        optimizer.zero_grad()
        (line(x) - y).square().mean().backward()
        optimizer.step()
    return line


def drop(x, p):
    return x * (torch.rand_like(x) >= p) / (1 - p)


def halves(x):
    if len(x) % 2:
        raise Fault
    return x[: len(x) // 2], x[len(x) // 2 :]
