"""A new optimizer of PyTorch at every call.

It is what one would do at work. But the task is the rule, and an optimizer that is made anew at each
step has forgotten everything.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn


def _step(maker, p, g, state, **options):
    """Take one step with an optimizer of PyTorch."""
    leaf = nn.Parameter(p.detach().clone())
    leaf.grad = g
    optimizer = maker([leaf], **options)
    optimizer.step()
    with torch.no_grad():
        p.copy_(leaf)
    for key, value in optimizer.state_dict()["state"][0].items():
        state[key] = value


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
    _step(torch.optim.Rprop, p, g, state, lr=lr, etas=etas, step_sizes=step_sizes)


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
    _step(
        torch.optim.ASGD,
        p,
        g,
        state,
        lr=lr,
        lambd=lambd,
        alpha=alpha,
        t0=t0,
        weight_decay=weight_decay,
    )


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
        optimizer.zero_grad()
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
    _step(torch.optim.SparseAdam, p, g, state, lr=lr, betas=betas, eps=eps)
