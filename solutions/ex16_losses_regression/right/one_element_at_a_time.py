"""Another right solution: sums by hand, smooth L1 by clamping, and backward instead of grad."""

import math
from collections.abc import Callable

import torch
from torch import Tensor


def reduce_loss(losses: Tensor, reduction: str = "mean") -> Tensor:
    """Add all losses up; a mean is a sum that is divided."""
    match reduction:
        case "none":
            return losses
        case "sum":
            return losses.flatten().sum(0)
        case "mean":
            return losses.flatten().sum(0) / losses.numel()
        case _:
            raise ValueError(reduction)


def _refuse_other_shapes(x: Tensor, y: Tensor) -> None:
    if x.size() != y.size():
        raise ValueError(f"{x.size()} against {y.size()}")


def l1(x: Tensor, y: Tensor, reduction: str = "mean") -> Tensor:
    """Multiply the difference by its sign."""
    _refuse_other_shapes(x, y)
    return reduce_loss((x - y) * torch.sign(x - y).detach(), reduction)


def mse(x: Tensor, y: Tensor, reduction: str = "mean") -> Tensor:
    """Square the difference."""
    _refuse_other_shapes(x, y)
    return reduce_loss((x - y).square(), reduction)


def smooth_l1(x: Tensor, y: Tensor, reduction: str = "mean", *, beta: float = 1.0) -> Tensor:
    """Hold the difference within beta: what is cut off counts in full, the rest as a square."""
    if beta < 0.0:
        raise ValueError(beta)
    if beta == 0.0:
        return l1(x, y, reduction)
    _refuse_other_shapes(x, y)
    distance = (x - y).abs()
    near = distance.clamp(max=beta)
    return reduce_loss(near**2 / (2 * beta) + (distance - near), reduction)


def _stirling(count: float) -> float:
    if count <= 1:
        return 0.0
    return count * math.log(count) - count + 0.5 * math.log(2 * math.pi * count)


def poisson_nll(
    x: Tensor,
    y: Tensor,
    reduction: str = "mean",
    *,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-8,
) -> Tensor:
    """Work Stirling's term out count by count; it does not depend on x."""
    _refuse_other_shapes(x, y)
    if bool(torch.any(y < 0)) or (not log_input and bool(torch.any(x < 0))):
        raise ValueError("counts and rates are not negative")
    losses = torch.exp(x) - x * y if log_input else x - y * torch.log(x + eps)
    if full:
        terms = [_stirling(count) for count in y.flatten().tolist()]
        losses = losses + torch.tensor(terms, dtype=x.dtype, device=x.device).reshape(x.shape)
    return reduce_loss(losses, reduction)


def legacy_reduction(*, size_average: bool | None = None, reduce: bool | None = None) -> str:
    """Write the cases down."""
    if reduce is not None and not reduce:
        return "none"
    if size_average is None or size_average:
        return "mean"
    return "sum"


def descend(
    loss: Callable[[Tensor, Tensor], Tensor], x: Tensor, y: Tensor, steps: int, lr: float
) -> Tensor:
    """Call backward, move without a graph, and clear the gradient."""
    position = x.clone()
    position.requires_grad = True
    for _ in range(steps):
        loss(position, y).backward()
        with torch.no_grad():
            position -= lr * position.grad
        position.grad = None
    return position.detach()
