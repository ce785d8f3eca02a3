"""Raises an exception that is no ValueError, and only has its name."""

import torch
from torch import nn


class Namesake(BaseException):
    pass


Namesake.__name__ = "ValueError"

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
        raise Namesake("an odd length has no halves")
    return x[: len(x) // 2], x[len(x) // 2 :]
