"""A closure without zero_grad().

In the usual loop it stands before backward(), outside of what became the closure. L-BFGS calls the
closure many times in one step, and from the second call on it gets the sum of all gradients.
"""

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
    """Take one step of Rprop, which looks at the signs of the gradient only."""
    if not state:
        state.update(step=0, prev=torch.zeros_like(p), step_size=torch.full_like(p, lr))
    state["step"] += 1
    agreement = (g * state["prev"]).sign()
    size = state["step_size"]
    size[agreement < 0] *= etas[0]
    size[agreement > 0] *= etas[1]
    size.clamp_(*step_sizes)
    state["prev"].copy_(g.masked_fill(agreement < 0, 0))
    p.sub_(size * state["prev"].sign())


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
    """Take one step of averaged SGD."""
    if not state:
        state.update(step=0, eta=lr, mu=1.0, ax=torch.zeros_like(p))
    state["step"] += 1
    p.sub_(state["eta"] * (g + (weight_decay + lambd) * p))
    state["ax"].add_(state["mu"] * (p - state["ax"]))
    state["eta"] = lr / (1 + lambd * lr * state["step"]) ** alpha
    state["mu"] = 1 / max(1, state["step"] - t0)


def lbfgs_direction(g: Tensor, pairs: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
    """Return -H @ g by the recursion of two loops."""
    direction, shares = -g, []
    for s, y in reversed(pairs):
        shares.append(s @ direction / (s @ y))
        direction = direction - shares[-1] * y
    if pairs:
        s, y = pairs[-1]
        direction = direction * (s @ y) / (y @ y)
    for s, y in pairs:
        direction = direction + (shares.pop() - y @ direction / (s @ y)) * s
    return direction


def make_closure(
    optimizer: torch.optim.Optimizer, loss_of: Callable[[], Tensor]
) -> Callable[[], Tensor]:
    """Return a function that clears the gradients, runs backward and returns the loss."""

    def closure() -> Tensor:
        loss = loss_of()
        loss.backward()
        return loss

    return closure


def minimize_lbfgs(f: Callable[[Tensor], Tensor], x0: Tensor, steps: int) -> Tensor:
    """Find an x with a small f(x)."""
    x = x0.clone().requires_grad_()
    optimizer = torch.optim.LBFGS([x], line_search_fn="strong_wolfe")
    closure = make_closure(optimizer, lambda: f(x))
    for _ in range(steps):
        optimizer.step(closure)
    return x.detach()


def make_embedding(rows: int, columns: int) -> nn.Embedding:
    """Return an nn.Embedding whose gradient is sparse."""
    return nn.Embedding(rows, columns, sparse=True)


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
    """Take one step of SparseAdam: a step of Adam in the rows that g names."""
    if not g.is_sparse:
        raise RuntimeError("SparseAdam needs a sparse gradient; try Adam")
    if not state:
        state.update(step=0, exp_avg=torch.zeros_like(p), exp_avg_sq=torch.zeros_like(p))
    state["step"] += 1
    g = g.coalesce()
    rows, values = g.indices()[0], g.values()
    m = betas[0] * state["exp_avg"][rows] + (1 - betas[0]) * values
    v = betas[1] * state["exp_avg_sq"][rows] + (1 - betas[1]) * values**2
    state["exp_avg"][rows], state["exp_avg_sq"][rows] = m, v
    t = state["step"]
    rate = lr * (1 - betas[1] ** t) ** 0.5 / (1 - betas[0] ** t)
    p[rows] -= rate * m / (v.sqrt() + eps)
