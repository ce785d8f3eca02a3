"""Keeps a number with probability p, where p is the probability of dropping it.

With p = 0.5 nobody sees it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812


class MyDropout(nn.Module):
    """A layer that drops numbers while it trains, as nn.Dropout does."""

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"{p} is no probability")
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        """Return x with numbers dropped in training mode, x itself in evaluation mode."""
        if not self.training:
            return x
        if self.p == 1:  # there would be 0 / 0
            return torch.zeros_like(x)
        return x * (torch.rand_like(x) < self.p) / (1 - self.p)


class Net(nn.Module):
    """Two linear layers with dropout between them, written as a function: F.dropout."""

    def __init__(self, in_features: int, hidden: int, classes: int, p: float) -> None:
        super().__init__()
        self.fc1 = nn.Linear(in_features, hidden)
        self.fc2 = nn.Linear(hidden, classes)
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores (N, classes) of x, (N, in_features)."""
        hidden = F.dropout(F.relu(self.fc1(x)), self.p, training=self.training)
        return self.fc2(hidden)


@contextmanager
def evaluating(model: nn.Module) -> Iterator[nn.Module]:
    """Put model into evaluation mode for the time of a with block, and give it to the block."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield model
    finally:
        for module, mode in modes:
            module.training = mode


def predict(model: nn.Module, x: Tensor) -> Tensor:
    """Return model(x), computed in evaluation mode and without a graph."""
    with evaluating(model), torch.no_grad():
        return model(x)


def mode_sensitive(model: nn.Module) -> list[str]:
    """Return the names of all modules in model that compute differently in the two modes."""
    kinds = (
        MyDropout,
        nn.Dropout,
        nn.Dropout1d,
        nn.Dropout2d,
        nn.Dropout3d,
        nn.AlphaDropout,
        nn.BatchNorm1d,
        nn.BatchNorm2d,
        nn.BatchNorm3d,
    )
    return [name for name, module in model.named_modules() if isinstance(module, kinds)]
