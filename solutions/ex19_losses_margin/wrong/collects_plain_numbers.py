"""Reads every loss out with .item() and puts the numbers into a new tensor.

The new tensor knows nothing of the scores: no gradient, always float32, always on the CPU.
"""

import torch
from torch import Tensor, nn


def _reduced(losses: Tensor, reduction: str) -> Tensor:
    """Return the losses as they are, their sum or their mean."""
    numbers = [loss.item() for loss in losses.flatten()]
    losses = torch.tensor(numbers).reshape(losses.shape)
    if reduction == "none":
        return losses
    if reduction == "sum":
        return losses.sum()
    if reduction == "mean":
        return losses.mean()
    raise ValueError(f"reduction is 'none', 'sum' or 'mean', not {reduction!r}")


def margin_ranking(
    x1: Tensor, x2: Tensor, y: Tensor, margin: float = 0.0, reduction: str = "mean"
) -> Tensor:
    """Demand that one score stands above the other: max(0, margin - y * (x1 - x2))."""
    if not x1.shape == x2.shape == y.shape:
        raise ValueError(f"shapes differ: {x1.shape}, {x2.shape}, {y.shape}")
    return _reduced((margin - y * (x1 - x2)).relu(), reduction)


def multilabel_margin(x: Tensor, y: Tensor, reduction: str = "mean") -> Tensor:
    """Demand that all labels of a row stand above all its other classes, by 1 at least."""
    if x.dim() != 2 or x.shape != y.shape:
        raise ValueError(f"x and y must both be (N, C), got {x.shape} and {y.shape}")
    listed = (y == -1).cumsum(1) == 0  # up to the first -1
    named = nn.functional.one_hot(y.clamp(min=0), x.shape[1])  # by place and class
    is_label = (named & listed[:, :, None]).any(1)  # (N, C), by class
    hinges = (1 - (x[:, :, None] - x[:, None, :])).relu()  # (N, label, other class)
    counts = is_label[:, :, None] & ~is_label[:, None, :]
    return _reduced((hinges * counts).sum((1, 2)) / x.shape[1], reduction)


def soft_margin(x: Tensor, y: Tensor, reduction: str = "mean") -> Tensor:
    """Demand that each score has the sign of its target: log(1 + exp(-y * x))."""
    if x.shape != y.shape:
        raise ValueError(f"shapes differ: {x.shape} and {y.shape}")
    return _reduced(nn.functional.softplus(-y * x), reduction)


def multi_margin(
    x: Tensor,
    y: Tensor,
    p: int = 1,
    margin: float = 1.0,
    weight: Tensor | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Demand that the right class of a row stands above all others, by the margin at least."""
    if x.dim() != 2 or y.shape != x.shape[:1]:
        raise ValueError(f"x must be (N, C) and y (N,), got {x.shape} and {y.shape}")
    if p not in (1, 2):
        raise ValueError(f"p is 1 or 2, not {p}")
    if weight is not None and weight.shape != x.shape[1:]:
        raise ValueError(f"weight must have one number for each class, got {weight.shape}")
    right = y[:, None]
    hinges = (margin - (x.gather(1, right) - x)).relu() ** p
    losses = hinges.scatter(1, right, 0.0).sum(1) / x.shape[1]
    return _reduced(losses if weight is None else losses * weight[y], reduction)
