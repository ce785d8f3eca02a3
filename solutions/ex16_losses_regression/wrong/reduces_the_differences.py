"""First the mean of the differences, then the formula: errors of two signs cancel.

On the numbers of the notes L1 comes out right, because the only error is negative.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor


def reduce_loss(losses: Tensor, reduction: str = "mean") -> Tensor:
    """Make one number of the losses of all elements, or leave them as they are."""
    if reduction == "none":
        return losses
    if reduction == "mean":
        return losses.mean()
    if reduction == "sum":
        return losses.sum()
    raise ValueError(f"{reduction!r} is no reduction")


def l1(x: Tensor, y: Tensor, reduction: str = "mean") -> Tensor:
    """Return the absolute difference of every element, reduced."""
    return reduce_loss(_difference(x, y), reduction).abs()


def mse(x: Tensor, y: Tensor, reduction: str = "mean") -> Tensor:
    """Return the squared difference of every element, reduced."""
    return reduce_loss(_difference(x, y), reduction) ** 2


def _difference(x: Tensor, y: Tensor) -> Tensor:
    if x.shape != y.shape:  # (N, 1) - (N,) would be (N, N), and nobody would notice
        raise ValueError(f"outputs {tuple(x.shape)} and targets {tuple(y.shape)} differ in shape")
    return x - y


def smooth_l1(x: Tensor, y: Tensor, reduction: str = "mean", *, beta: float = 1.0) -> Tensor:
    """Return a loss that is a parabola near 0 and a straight line further out, reduced."""
    if beta < 0:
        raise ValueError(f"beta = {beta} is negative")
    if beta == 0:  # d / beta would be infinite, and its gradient nan
        return l1(x, y, reduction)
    d = reduce_loss(_difference(x, y), reduction).abs()
    return torch.where(d < beta, 0.5 * d**2 / beta, d - 0.5 * beta)


def poisson_nll(
    x: Tensor,
    y: Tensor,
    reduction: str = "mean",
    *,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-8,
) -> Tensor:
    """Return the negative log likelihood of counts y under Poisson distributions, reduced."""
    _difference(x, y)
    x, y = reduce_loss(x, reduction), reduce_loss(y, reduction)
    if (y < 0).any():
        raise ValueError("a count is negative")
    if log_input:
        losses = x.exp() - y * x
    elif (x < 0).any():
        raise ValueError("a rate is negative")
    else:
        losses = x - y * (x + eps).log()
    if full:
        stirling = y * y.log() - y + 0.5 * (2 * math.pi * y).log()
        # For a count of 0 it is nan, and so is 0 * nan.
        losses = losses + torch.where(y > 1, stirling, 0)
    return losses


def legacy_reduction(*, size_average: bool | None = None, reduce: bool | None = None) -> str:
    """Return the reduction that the two old arguments of PyTorch's losses stand for."""
    if reduce is False:
        return "none"
    return "sum" if size_average is False else "mean"


def descend(
    loss: Callable[[Tensor, Tensor], Tensor], x: Tensor, y: Tensor, steps: int, lr: float
) -> Tensor:
    """Move x downhill: use the gradient of a loss to bring x nearer to y."""
    x = x.clone()
    for _ in range(steps):
        x.requires_grad_()
        (slope,) = torch.autograd.grad(loss(x, y), x)
        x = x.detach() - lr * slope
    return x
