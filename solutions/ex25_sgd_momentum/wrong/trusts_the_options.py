"""Never looks at the options."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn


class MySGD(torch.optim.Optimizer):
    """Stochastic gradient descent, with the options and the rule of torch.optim.SGD."""

    def __init__(
        self,
        params: Iterable[Tensor] | Iterable[dict[str, Any]],
        lr: float = 1e-3,
        *,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        maximize: bool = False,
    ) -> None:
        """Check the options."""
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def step(self, closure: Callable[[], Tensor] | None = None) -> Tensor | None:
        """Move every parameter whose .grad is not None."""
        loss = None if closure is None else closure()
        with torch.no_grad():
            for group in self.param_groups:
                for w in group["params"]:
                    if w.grad is not None:
                        w.sub_(group["lr"] * self._direction(w, group))
        return loss

    def _direction(self, w: Tensor, group: dict[str, Any]) -> Tensor:
        g = -w.grad if group["maximize"] else w.grad
        d = g + group["weight_decay"] * w
        if group["momentum"] == 0:
            return d
        state = self.state[w]
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = d
        else:
            v = group["momentum"] * state["momentum_buffer"]
            state["momentum_buffer"] = v + (1 - group["dampening"]) * d
        v = state["momentum_buffer"]
        return d + group["momentum"] * v if group["nesterov"] else v


def l2_penalty(model: nn.Module, lam: float, *, skip_bias: bool = True) -> Tensor:
    """Return lam times the sum of the squares of all parameters of a model."""
    squares = [
        p.square().sum()
        for name, p in model.named_parameters()
        if not skip_bias or name.split(".")[-1] != "bias"
    ]
    return lam * torch.stack(squares).sum()


def fit(
    model: nn.Module,
    X: Tensor,
    y: Tensor,
    optimizer: torch.optim.Optimizer,
    steps: int,
    lam: float = 0.0,
) -> list[float]:
    """Do `steps` steps of `optimizer`, each with all of X, and return the loss before each."""
    losses = []
    for _ in range(steps):
        loss = (model(X) - y).square().mean() + l2_penalty(model, lam)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
