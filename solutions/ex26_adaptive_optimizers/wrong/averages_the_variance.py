"""The second moment as a variance, as the notes call it.

They say that Adam estimates mean and variance of the gradient. A variance is the mean of
(g - m) ** 2; Adam averages g ** 2, and a steady large gradient has to keep its steps at lr.
"""

from typing import Any

import torch
from torch import Tensor


def _begin(p: Tensor, g: Tensor, state: dict[str, Any], *names: str) -> None:
    """Check the shapes, make what the state is to hold, and count the step."""
    if g.shape != p.shape:
        raise ValueError(f"a gradient {tuple(g.shape)} for a parameter {tuple(p.shape)}")
    if not state:
        state["step"] = 0
        state.update({name: torch.zeros_like(p) for name in names})
    state["step"] += 1


def _average(average: Tensor, new: Tensor, keep: float) -> None:
    """Let a running average move towards new."""
    average.mul_(keep).add_((1 - keep) * new)


def _adam(
    p: Tensor,
    g: Tensor,
    state: dict[str, Any],
    lr: float,
    betas: tuple[float, float],
    eps: float,
) -> None:
    """Move p by a step of Adam without weight decay."""
    m, v, t = state["exp_avg"], state["exp_avg_sq"], state["step"]
    _average(m, g, betas[0])
    _average(v, (g - m) ** 2, betas[1])
    root = (v / (1 - betas[1] ** t)).sqrt()
    p.sub_(lr * m / (1 - betas[0] ** t) / (root + eps))


@torch.no_grad()
def adam_step(
    p: Tensor,
    g: Tensor,
    state: dict[str, Any],
    *,
    lr: float = 1e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0.0,
) -> None:
    """Take one step of Adam."""
    _begin(p, g, state, "exp_avg", "exp_avg_sq")
    _adam(p, g + weight_decay * p, state, lr, betas, eps)


@torch.no_grad()
def adamw_step(
    p: Tensor,
    g: Tensor,
    state: dict[str, Any],
    *,
    lr: float = 1e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 1e-2,
) -> None:
    """Take one step of AdamW."""
    _begin(p, g, state, "exp_avg", "exp_avg_sq")
    p.mul_(1 - lr * weight_decay)
    _adam(p, g, state, lr, betas, eps)


@torch.no_grad()
def adamax_step(
    p: Tensor,
    g: Tensor,
    state: dict[str, Any],
    *,
    lr: float = 2e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0.0,
) -> None:
    """Take one step of Adamax."""
    _begin(p, g, state, "exp_avg", "exp_inf")
    g = g + weight_decay * p
    m, u = state["exp_avg"], state["exp_inf"]
    _average(m, g, betas[0])
    u.copy_(torch.maximum(betas[1] * u, g.abs() + eps))
    p.sub_(lr * m / (1 - betas[0] ** state["step"]) / u)


@torch.no_grad()
def adagrad_step(
    p: Tensor,
    g: Tensor,
    state: dict[str, Any],
    *,
    lr: float = 1e-2,
    lr_decay: float = 0.0,
    eps: float = 1e-10,
    weight_decay: float = 0.0,
) -> None:
    """Take one step of Adagrad."""
    _begin(p, g, state, "sum")
    g = g + weight_decay * p
    state["sum"].add_(g**2)
    rate = lr / (1 + (state["step"] - 1) * lr_decay)
    p.sub_(rate * g / (state["sum"].sqrt() + eps))


@torch.no_grad()
def adadelta_step(
    p: Tensor,
    g: Tensor,
    state: dict[str, Any],
    *,
    lr: float = 1.0,
    rho: float = 0.9,
    eps: float = 1e-6,
    weight_decay: float = 0.0,
) -> None:
    """Take one step of Adadelta."""
    _begin(p, g, state, "square_avg", "acc_delta")
    g = g + weight_decay * p
    _average(state["square_avg"], g**2, rho)
    delta = g * (state["acc_delta"] + eps).sqrt() / (state["square_avg"] + eps).sqrt()
    _average(state["acc_delta"], delta**2, rho)
    p.sub_(lr * delta)


@torch.no_grad()
def rmsprop_step(
    p: Tensor,
    g: Tensor,
    state: dict[str, Any],
    *,
    lr: float = 1e-2,
    alpha: float = 0.99,
    eps: float = 1e-8,
    weight_decay: float = 0.0,
    momentum: float = 0.0,
    centered: bool = False,
) -> None:
    """Take one step of RMSprop."""
    names = ["square_avg"] + ["grad_avg"] * centered + ["momentum_buffer"] * (momentum > 0)
    _begin(p, g, state, *names)
    g = g + weight_decay * p
    v = state["square_avg"]
    _average(v, g**2, alpha)
    if centered:
        _average(state["grad_avg"], g, alpha)
        v = v - state["grad_avg"] ** 2
    delta = g / (v.sqrt() + eps)
    if momentum > 0:
        delta = state["momentum_buffer"].mul_(momentum).add_(delta)
    p.sub_(lr * delta)
