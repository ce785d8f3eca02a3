"""Loops over numbers and rows, as the rules are written down."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn


@torch.no_grad()
def rprop_step(
    p: Tensor,
    g: Tensor,
    state: dict[str, Any],
    *,
    lr: float = 1e-2,
    etas: tuple[float, float] = (0.5, 1.2),
    step_sizes: tuple[float, float] = (1e-6, 50.0),
) -> None:
    """Take one step of Rprop, one number after the other."""
    if not state:
        state["step"] = 0
        state["prev"], state["step_size"] = torch.zeros_like(p), torch.full_like(p, lr)
    state["step"] += 1
    places = [(i,) for i in range(p.numel())]
    flat, slopes = p.reshape(-1), g.reshape(-1)
    before, sizes = state["prev"].reshape(-1), state["step_size"].reshape(-1)
    for i in places:
        slope, size = slopes[i].item(), sizes[i].item()
        if slope * before[i] > 0:
            size *= etas[1]
        elif slope * before[i] < 0:
            size *= etas[0]
            slope = 0.0
        size = min(max(size, step_sizes[0]), step_sizes[1])
        if slope > 0:
            flat[i] -= size
        elif slope < 0:
            flat[i] += size
        before[i], sizes[i] = slope, size
    p.copy_(flat.view(p.shape))
    state["prev"] = before.view(p.shape)
    state["step_size"] = sizes.view(p.shape)


@torch.no_grad()
def asgd_step(
    p: Tensor,
    g: Tensor,
    state: dict[str, Any],
    *,
    lr: float = 1e-2,
    lambd: float = 1e-4,
    alpha: float = 0.75,
    t0: float = 1e6,
    weight_decay: float = 0.0,
) -> None:
    """Take one step of averaged SGD in new tensors."""
    t = state.get("step", 0) + 1
    eta, mu = state.get("eta", lr), state.get("mu", 1.0)
    old = state.get("ax", torch.zeros_like(p))
    new = p - eta * lambd * p - eta * g - eta * weight_decay * p
    p.copy_(new)
    state["step"], state["ax"] = t, mu * new + (1 - mu) * old
    state["eta"] = lr * (1 + lambd * lr * t) ** (-alpha)
    state["mu"] = 1.0 if t - t0 <= 1 else 1.0 / (t - t0)


def lbfgs_direction(g: Tensor, pairs: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
    """Apply the two loops by recursion: the newest pair outside, the older ones inside."""
    if not pairs:
        return -g
    s, y = pairs[-1]
    scale = float(s @ y) / float(y @ y)

    def times(vector: Tensor, count: int) -> Tensor:
        """Multiply with H of the first `count` pairs."""
        if count == 0:
            return vector * scale
        s, y = pairs[count - 1]
        rho = 1 / float(s @ y)
        share = rho * float(s @ vector)
        inner = times(vector - share * y, count - 1)
        return inner + (share - rho * float(y @ inner)) * s

    return times(-g, len(pairs))


def make_closure(
    optimizer: torch.optim.Optimizer, loss_of: Callable[[], Tensor]
) -> Callable[[], Tensor]:
    """Put the gradients there without backward()."""

    def closure() -> Tensor:
        optimizer.zero_grad()
        parameters = [p for group in optimizer.param_groups for p in group["params"]]
        loss = loss_of()
        found = torch.autograd.grad(loss, parameters, allow_unused=True)
        for parameter, gradient in zip(parameters, found, strict=True):
            parameter.grad = gradient
        return loss

    return closure


def minimize_lbfgs(f: Callable[[Tensor], Tensor], x0: Tensor, steps: int) -> Tensor:
    """Minimize over a detached copy."""
    x = x0.detach().clone()
    x.requires_grad = True
    optimizer = torch.optim.LBFGS([x], line_search_fn="strong_wolfe")
    closure = make_closure(optimizer, lambda: f(x))
    for _ in range(steps):
        optimizer.step(closure)
    return x.detach().clone()


def make_embedding(rows: int, columns: int) -> nn.Embedding:
    """Switch sparse on afterwards."""
    embedding = nn.Embedding(rows, columns)
    embedding.sparse = True
    return embedding


@torch.no_grad()
def sparse_adam_step(
    p: Tensor,
    g: Tensor,
    state: dict[str, Any],
    *,
    lr: float = 1e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
) -> None:
    """Take one step of SparseAdam, row by row."""
    if not g.is_sparse:
        raise RuntimeError("dense gradients are for Adam")
    if not state:
        state.update(step=0, exp_avg=torch.zeros_like(p), exp_avg_sq=torch.zeros_like(p))
    state["step"] += 1
    first, second = (1 - beta ** state["step"] for beta in betas)
    whole = g.to_dense()
    for row in set(g.coalesce().indices()[0].tolist()):
        m, v = state["exp_avg"][row], state["exp_avg_sq"][row]
        m.mul_(betas[0]).add_(whole[row], alpha=1 - betas[0])
        v.mul_(betas[1]).addcmul_(whole[row], whole[row], value=1 - betas[1])
        p[row] -= lr * second**0.5 / first * m / (v.sqrt() + eps)
