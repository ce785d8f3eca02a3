"""L-BFGS with the matrix it avoids, Rprop with where, SparseAdam with a mask over all rows."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn


def _begun(state: dict[str, Any], **first: Any) -> int:
    for key, value in first.items():
        state.setdefault(key, value)
    state["step"] = state.get("step", 0) + 1
    return state["step"]


def rprop_step(
    p: Tensor,
    g: Tensor,
    state: dict[str, Any],
    *,
    lr: float = 1e-2,
    etas: tuple[float, float] = (0.5, 1.2),
    step_sizes: tuple[float, float] = (1e-6, 50.0),
) -> None:
    """Take one step of Rprop with torch.where, in new tensors."""
    place, g = p.detach(), g.detach()
    _begun(state, prev=torch.zeros_like(place), step_size=torch.zeros_like(place) + lr)
    same, turned = (g.sign() * state["prev"].sign() == sign for sign in (1, -1))
    size = state["step_size"]
    size = torch.where(same, size * etas[1], torch.where(turned, size * etas[0], size))
    state["step_size"] = size.clamp(min=step_sizes[0], max=step_sizes[1])
    state["prev"] = torch.where(turned, torch.zeros_like(g), g)
    place -= state["step_size"] * state["prev"].sign()


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
    """Take one step of averaged SGD, as PyTorch writes it down."""
    with torch.no_grad():
        t = _begun(state, eta=lr, mu=1.0, ax=torch.zeros_like(p))
        g = g.add(p, alpha=weight_decay)
        p.mul_(1 - lambd * state["eta"]).add_(g, alpha=-state["eta"])
        state["ax"].lerp_(p, state["mu"])
        state.update(eta=lr / (1 + lambd * lr * t) ** alpha, mu=1.0 / max(1.0, t - t0))


def lbfgs_direction(g: Tensor, pairs: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
    """Make the matrix H after all; for a few weights that costs nothing."""
    eye = torch.eye(len(g), dtype=g.dtype, device=g.device)
    inverse = eye
    for number, (s, y) in enumerate(pairs):
        if number == 0:
            last_s, last_y = pairs[-1]
            inverse = eye * (last_s.dot(last_y) / last_y.dot(last_y))
        turn = eye - torch.outer(y, s) / s.dot(y)
        inverse = turn.T @ inverse @ turn + torch.outer(s, s) / s.dot(y)
    return inverse @ -g


def make_closure(
    optimizer: torch.optim.Optimizer, loss_of: Callable[[], Tensor]
) -> Callable[[], Tensor]:
    """Clear the gradients by hand, in every group."""

    def closure() -> Tensor:
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                parameter.grad = None
        with torch.enable_grad():
            loss = loss_of()
        loss.backward()
        return loss

    return closure


def minimize_lbfgs(f: Callable[[Tensor], Tensor], x0: Tensor, steps: int) -> Tensor:
    """Minimize over an nn.Parameter."""
    x = nn.Parameter(x0.clone())
    optimizer = torch.optim.LBFGS([x], line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad(set_to_none=False)
        value = f(x)
        value.backward()
        return value

    for _ in range(steps):
        optimizer.step(closure)
    return x.data


def make_embedding(rows: int, columns: int) -> nn.Embedding:
    """Make the vectors first, and the embedding from them."""
    return nn.Embedding.from_pretrained(torch.randn(rows, columns), freeze=False, sparse=True)


def sparse_adam_step(
    p: Tensor,
    g: Tensor,
    state: dict[str, Any],
    *,
    lr: float = 1e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
) -> None:
    """Compute a step of Adam for all rows, and let it act in those that g names."""
    if g.layout != torch.sparse_coo:
        raise RuntimeError("the gradient is not sparse")
    place = p.detach()
    t = _begun(state, exp_avg=torch.zeros_like(place), exp_avg_sq=torch.zeros_like(place))
    named = torch.zeros(len(place), 1, dtype=torch.bool, device=place.device)
    named[g.coalesce().indices()[0]] = True
    full = g.to_dense()
    m = torch.lerp(state["exp_avg"], full, 1 - betas[0])
    v = torch.lerp(state["exp_avg_sq"], full * full, 1 - betas[1])
    state["exp_avg"] = torch.where(named, m, state["exp_avg"])
    state["exp_avg_sq"] = torch.where(named, v, state["exp_avg_sq"])
    move = m / (v.sqrt() + eps) * lr * (1 - betas[1] ** t) ** 0.5 / (1 - betas[0] ** t)
    place.copy_(torch.where(named, place - move, place))
