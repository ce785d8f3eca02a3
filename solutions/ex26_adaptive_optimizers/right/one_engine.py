"""All six on one engine, which every rule tells how to renew its memory and where to go."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


def _take(
    p: Tensor,
    g: Tensor,
    state: dict[str, Any],
    memory: tuple[str, ...],
    move: Callable[..., Tensor],
    *,
    decay: float = 0.0,
) -> None:
    """Call move(t, gradient, *memory), which changes the memory and returns what p loses."""
    if tuple(p.shape) != tuple(g.shape):
        raise ValueError(f"{tuple(g.shape)} is not {tuple(p.shape)}")
    with torch.no_grad():
        if "step" not in state:
            state["step"] = 0
            for key in memory:
                state[key] = p.new_zeros(p.shape)
        state["step"] += 1
        held = [state[key] for key in memory]
        p.add_(move(state["step"], g + decay * p, *held), alpha=-1)


def _adam_move(
    lr: float, betas: tuple[float, float], eps: float, shrink: Tensor | float = 0.0
) -> Callable[..., Tensor]:
    first, second = betas

    def move(t: int, g: Tensor, m: Tensor, v: Tensor) -> Tensor:
        m.mul_(first).add_(g, alpha=1 - first)
        v.mul_(second).addcmul_(g, g, value=1 - second)
        rate = lr * (1 - second**t) ** 0.5 / (1 - first**t)
        return rate * m / (v.sqrt() + eps * (1 - second**t) ** 0.5) + shrink

    return move


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
    _take(p, g, state, ("exp_avg", "exp_avg_sq"), _adam_move(lr, betas, eps), decay=weight_decay)


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
    shrink = lr * weight_decay * p.detach()
    _take(p, g, state, ("exp_avg", "exp_avg_sq"), _adam_move(lr, betas, eps, shrink))


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

    def move(t: int, g: Tensor, m: Tensor, u: Tensor) -> Tensor:
        m.mul_(betas[0]).add_(g, alpha=1 - betas[0])
        torch.maximum(u * betas[1], g.abs() + eps, out=u)
        return lr * m / (u * (1 - betas[0] ** t))

    _take(p, g, state, ("exp_avg", "exp_inf"), move, decay=weight_decay)


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

    def move(t: int, g: Tensor, total: Tensor) -> Tensor:
        total.addcmul_(g, g)
        return lr * g / ((1 + lr_decay * (t - 1)) * (total.sqrt() + eps))

    _take(p, g, state, ("sum",), move, decay=weight_decay)


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

    def move(_t: int, g: Tensor, v: Tensor, acc: Tensor) -> Tensor:
        v.mul_(rho).addcmul_(g, g, value=1 - rho)
        delta = (acc + eps).sqrt().div((v + eps).sqrt()).mul(g)
        acc.mul_(rho).addcmul_(delta, delta, value=1 - rho)
        return lr * delta

    _take(p, g, state, ("square_avg", "acc_delta"), move, decay=weight_decay)


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
    memory = {"square_avg": True, "grad_avg": centered, "momentum_buffer": momentum > 0}
    keys = tuple(key for key, needed in memory.items() if needed)

    def move(_t: int, g: Tensor, v: Tensor, *more: Tensor) -> Tensor:
        held = dict(zip(keys[1:], more, strict=True))
        v.mul_(alpha).addcmul_(g, g, value=1 - alpha)
        under = v
        if centered:
            mean = held["grad_avg"].mul_(alpha).add_(g, alpha=1 - alpha)
            under = v.addcmul(mean, mean, value=-1)
        delta = g / under.sqrt().add(eps)
        if momentum > 0:
            delta = held["momentum_buffer"].mul_(momentum).add_(delta)
        return lr * delta

    _take(p, g, state, keys, move, decay=weight_decay)
