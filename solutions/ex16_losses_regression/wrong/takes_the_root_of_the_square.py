"""|d| as the root of d squared, and smooth L1 by torch.where alone.

All values are right. The slope of the root at 0 is 0 / 0, so one output that is exactly right turns
the gradient into nan. torch.where has the same effect for beta = 0: the branch that was not chosen
gets the gradient 0, times infinity.
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
    return reduce_loss(_difference(x, y).square().sqrt(), reduction)


def mse(x: Tensor, y: Tensor, reduction: str = "mean") -> Tensor:
    """Return the squared difference of every element, reduced."""
    return reduce_loss(_difference(x, y) ** 2, reduction)


def _difference(x: Tensor, y: Tensor) -> Tensor:
    if x.shape != y.shape:  # (N, 1) - (N,) would be (N, N), and nobody would notice
        raise ValueError(f"outputs {tuple(x.shape)} and targets {tuple(y.shape)} differ in shape")
    return x - y


def smooth_l1(x: Tensor, y: Tensor, reduction: str = "mean", *, beta: float = 1.0) -> Tensor:
    """Return a loss that is a parabola near 0 and a straight line further out, reduced."""
    if beta < 0:
        raise ValueError(f"beta = {beta} is negative")
    d = _difference(x, y).abs()
    return reduce_loss(torch.where(d < beta, 0.5 * d**2 / beta, d - 0.5 * beta), reduction)


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
    return reduce_loss(losses, reduction)


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
