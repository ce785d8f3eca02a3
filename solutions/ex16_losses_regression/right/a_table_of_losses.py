"""Another right solution: one inner function checks and reduces; the losses are formulas."""

import torch
from torch import Tensor

_REDUCTIONS = {"none": lambda losses: losses, "mean": torch.mean, "sum": torch.sum}


def reduce_loss(losses: Tensor, reduction: str = "mean") -> Tensor:
    """Look the reduction up."""
    try:
        reducing = _REDUCTIONS[reduction]
    except KeyError:
        raise ValueError(f"no such reduction: {reduction}") from None
    return reducing(losses)


def _checked(formula):
    """Make a loss of a formula of x and y."""

    def loss(x, y, reduction="mean", **options):
        if tuple(x.shape) != tuple(y.shape):
            raise ValueError("x and y must be of one shape")
        return reduce_loss(formula(x, y, **options), reduction)

    return loss


def l1(x: Tensor, y: Tensor, reduction: str = "mean") -> Tensor:
    """Take the larger of x - y and y - x: at a tie torch gives each half of the slope."""
    return _checked(lambda x, y: torch.maximum(x - y, y - x))(x, y, reduction)


def mse(x: Tensor, y: Tensor, reduction: str = "mean") -> Tensor:
    """Multiply the difference by itself."""
    return _checked(lambda x, y: (x - y) * (x - y))(x, y, reduction)


def _smooth(x, y, beta):
    d = (x - y).abs()
    inside = torch.minimum(d, torch.full_like(d, beta)).detach()
    # On the line inside is beta; below it d - inside is 0, and this is 0.5 * d ** 2 / beta.
    curve = 0.5 * (d / beta) * d
    return torch.where(d == inside, curve, d - 0.5 * inside)


def smooth_l1(x: Tensor, y: Tensor, reduction: str = "mean", *, beta: float = 1.0) -> Tensor:
    """Choose between the parabola and the line."""
    if beta < 0:
        raise ValueError("beta must not be negative")
    if not beta:
        return l1(x, y, reduction)
    return _checked(_smooth)(x, y, reduction, beta=beta)


def _poisson(x, y, log_input, full, eps):
    if y.numel() and y.min() < 0:
        raise ValueError("counts are never negative")
    if not log_input and x.numel() and x.min() < 0:
        raise ValueError("rates are never negative")
    losses = torch.exp(x) - y * x if log_input else x - torch.xlogy(y, x + eps)
    if full:
        more = y.clamp(min=1)
        stirling = more * more.log() - more + 0.5 * torch.log(2 * torch.pi * more)
        losses = losses + stirling.masked_fill(y <= 1, 0)
    return losses


def poisson_nll(
    x: Tensor,
    y: Tensor,
    reduction: str = "mean",
    *,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-8,
) -> Tensor:
    """Use the formula, with all its options."""
    return _checked(_poisson)(x, y, reduction, log_input=log_input, full=full, eps=eps)


def legacy_reduction(*, size_average: bool | None = None, reduce: bool | None = None) -> str:
    """Fill in what is missing; then it is a table."""
    average = True if size_average is None else size_average
    joined = True if reduce is None else reduce
    return ("mean" if average else "sum") if joined else "none"


def descend(loss, x: Tensor, y: Tensor, steps: int, lr: float) -> Tensor:
    """Let an optimizer take the steps."""
    mine = x.detach().clone().requires_grad_()
    optimizer = torch.optim.SGD([mine], lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        loss(mine, y).backward()
        optimizer.step()
    return mine.detach()
