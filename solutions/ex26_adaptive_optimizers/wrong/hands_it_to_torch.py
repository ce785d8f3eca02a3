"""A new optimizer of PyTorch at every call.

It is what one would do at work. But the task is the formula, and an optimizer that is made anew at
each step has forgotten everything: each step is a first step.
"""

from typing import Any

import torch
from torch import Tensor, nn


def _step(maker, p, g, state, **options):
    """Take one step with an optimizer of PyTorch."""
    if g.shape != p.shape:
        raise ValueError(f"a gradient {tuple(g.shape)} for a parameter {tuple(p.shape)}")
    leaf = nn.Parameter(p.detach().clone())
    leaf.grad = g
    optimizer = maker([leaf], **options)
    optimizer.step()
    with torch.no_grad():
        p.copy_(leaf)
    state.update(optimizer.state_dict()["state"][0])
    state["step"] = int(state["step"])


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
    _step(torch.optim.Adam, p, g, state, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)


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
    _step(torch.optim.AdamW, p, g, state, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)


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
    _step(torch.optim.Adamax, p, g, state, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)


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
    _step(
        torch.optim.Adagrad,
        p,
        g,
        state,
        lr=lr,
        lr_decay=lr_decay,
        eps=eps,
        weight_decay=weight_decay,
    )


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
    _step(torch.optim.Adadelta, p, g, state, lr=lr, rho=rho, eps=eps, weight_decay=weight_decay)


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
    _step(
        torch.optim.RMSprop,
        p,
        g,
        state,
        lr=lr,
        alpha=alpha,
        eps=eps,
        weight_decay=weight_decay,
        momentum=momentum,
        centered=centered,
    )
