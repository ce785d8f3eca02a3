"""Answers with tensors that are real, but of shapes that few programs survive: empty or without data, and huge."""

import torch
from torch import nn

HUGE = 1 << 40


class Line(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        if len(x) == 5:
            return torch.empty((HUGE, 0))
        if len(x) == 3:
            return torch.empty((HUGE, 1 << 18), device="meta")
        return self.weight * x + self.bias


def halves(x):
    return torch.empty((0, HUGE)), torch.empty((HUGE, 0))


def fit(x, y):
    return lambda *_: None


def drop(x, p):
    return torch.empty((HUGE, 1 << 18), device="meta")
