"""A module that hides its parameters, makes up its state and ignores the modes."""

import torch
from torch import nn


class Line(nn.Module):
    def __init__(self):
        super().__init__()
        # A list is no module: nothing finds what is in it.
        self.hidden = [torch.randn(1), torch.randn(1)]

    def parameters(self, recurse=True):
        return iter(())

    def named_parameters(self, prefix="", recurse=True, remove_duplicate=True):
        return iter(
            [("weight", nn.Parameter(torch.ones(1))), ("bias", nn.Parameter(torch.ones(1)))]
        )

    def state_dict(self, *args, **kwargs):
        return {"weight": torch.ones(1), "bias": torch.zeros(1)}

    def load_state_dict(self, state, strict=True):
        return "<All keys matched successfully>"

    def train(self, mode=True):
        return self

    def forward(self, x):
        return self.hidden[0] * x + self.hidden[1]


def fit(x, y):
    return Line()


def halves(x):
    if len(x) % 2:
        raise ValueError("an odd length has no halves")
    return x[: len(x) // 2], x[len(x) // 2 :]


def drop(x, p):
    return x * (torch.rand_like(x) >= p) / (1 - p)
