"""Takes PyTorch's own SGD, which has further options besides."""

import torch
from torch import Tensor, nn


class MySGD(torch.optim.SGD):
    """Everything is there already, and some options more."""


def l2_penalty(model: nn.Module, lam: float, *, skip_bias: bool = True) -> Tensor:
    """Return lam times the sum of the squares of all parameters of a model."""
    squares = [
        p.square().sum()
        for name, p in model.named_parameters()
        if not skip_bias or name.split(".")[-1] != "bias"
    ]
    return lam * torch.stack(squares).sum()


def fit(
    model: nn.Module,
    X: Tensor,
    y: Tensor,
    optimizer: torch.optim.Optimizer,
    steps: int,
    lam: float = 0.0,
) -> list[float]:
    """Do `steps` steps of `optimizer`, each with all of X, and return the loss before each."""
    losses = []
    for _ in range(steps):
        loss = (model(X) - y).square().mean() + l2_penalty(model, lam)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
