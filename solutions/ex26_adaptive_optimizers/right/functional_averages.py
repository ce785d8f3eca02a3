"""New tensors throughout, lerp for the averages; only p and state take over what comes out."""

from typing import Any

import torch
from torch import Tensor

Pair = tuple[float, float]


def _same_shape(p: Tensor, g: Tensor) -> None:
    if p.size() != g.size():
        raise ValueError("parameter and gradient differ in shape")


def _old(p: Tensor, state: dict[str, Any], name: str) -> Tensor:
    return state.get(name, torch.zeros_like(p.detach()))


def _decayed(p: Tensor, g: Tensor, weight_decay: float) -> Tensor:
    return g.detach().add(p.detach(), alpha=weight_decay)


def _move(p: Tensor, by: Tensor) -> None:
    p.data.sub_(by)


def _adam(p: Tensor, g: Tensor, state: dict[str, Any], lr: float, betas: Pair, eps: float) -> None:
    t = state.get("step", 0) + 1
    m = torch.lerp(_old(p, state, "exp_avg"), g, 1 - betas[0])
    v = torch.lerp(_old(p, state, "exp_avg_sq"), g.square(), 1 - betas[1])
    state.update(step=t, exp_avg=m, exp_avg_sq=v)
    top, bottom = m / (1 - betas[0] ** t), (v / (1 - betas[1] ** t)) ** 0.5
    _move(p, lr * top / (bottom + eps))


def adam_step(
    p: Tensor,
    g: Tensor,
    state: dict[str, Any],
    *,
    lr: float = 1e-3,
    betas: Pair = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0.0,
) -> None:
    """Take one step of Adam."""
    _same_shape(p, g)
    _adam(p, _decayed(p, g, weight_decay), state, lr, betas, eps)


def adamw_step(
    p: Tensor,
    g: Tensor,
    state: dict[str, Any],
    *,
    lr: float = 1e-3,
    betas: Pair = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 1e-2,
) -> None:
    """Take one step of AdamW."""
    _same_shape(p, g)
    _move(p, lr * weight_decay * p.detach())
    _adam(p, g.detach(), state, lr, betas, eps)


def adamax_step(
    p: Tensor,
    g: Tensor,
    state: dict[str, Any],
    *,
    lr: float = 2e-3,
    betas: Pair = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0.0,
) -> None:
    """Take one step of Adamax."""
    _same_shape(p, g)
    g, t = _decayed(p, g, weight_decay), state.get("step", 0) + 1
    m = torch.lerp(_old(p, state, "exp_avg"), g, 1 - betas[0])
    faded, fresh = betas[1] * _old(p, state, "exp_inf"), g.abs() + eps
    u = torch.where(faded > fresh, faded, fresh)
    state.update(step=t, exp_avg=m, exp_inf=u)
    _move(p, lr / (1 - betas[0] ** t) * (m / u))


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
    _same_shape(p, g)
    g, before = _decayed(p, g, weight_decay), state.get("step", 0)
    total = _old(p, state, "sum") + g.square()
    state.update(step=before + 1, sum=total)
    _move(p, lr / (1 + before * lr_decay) * g / (total**0.5 + eps))


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
    _same_shape(p, g)
    g, old = _decayed(p, g, weight_decay), _old(p, state, "acc_delta")
    v = torch.lerp(_old(p, state, "square_avg"), g.square(), 1 - rho)
    delta = ((old + eps) / (v + eps)) ** 0.5 * g
    acc = torch.lerp(old, delta.square(), 1 - rho)
    state.update(step=state.get("step", 0) + 1, square_avg=v, acc_delta=acc)
    _move(p, lr * delta)


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
    _same_shape(p, g)
    g = _decayed(p, g, weight_decay)
    v = torch.lerp(_old(p, state, "square_avg"), g.square(), 1 - alpha)
    new = {"step": state.get("step", 0) + 1, "square_avg": v}
    if centered:
        new["grad_avg"] = torch.lerp(_old(p, state, "grad_avg"), g, 1 - alpha)
        v = v - new["grad_avg"].square()
    delta = g / (v**0.5 + eps)
    if momentum:
        delta = new["momentum_buffer"] = momentum * _old(p, state, "momentum_buffer") + delta
    state.update(new)
    _move(p, lr * delta)
