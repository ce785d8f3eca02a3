"""The reference of ex03_line."""

import torch
from torch import nn


class Line(nn.Module):
    """The line weight * x + bias."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        """Return the value of the line at every x."""
        return self.weight * x + self.bias


def fit(x, y):
    """Return a Line trained on the points (x, y)."""
    line = Line()
    optimizer = torch.optim.SGD(line.parameters(), lr=0.3)
    for _ in range(200):
        optimizer.zero_grad()
        (line(x) - y).square().mean().backward()
        optimizer.step()
    return line


def halves(x):
    """Return both halves of x; ValueError if its length is odd."""
    if len(x) % 2:
        raise ValueError("an odd length has no halves")
    return x[: len(x) // 2], x[len(x) // 2 :]


def drop(x, p):
    """Return x with the share p zeroed at random, the rest scaled."""
    return x * (torch.rand_like(x) >= p) / (1 - p)
