"""Another right solution: everything in place, closures everywhere."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn


class MySGD(torch.optim.Optimizer):
    """One loop, in which buffers are changed where they lie."""

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        *,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        maximize: bool = False,
    ) -> None:
        options = dict(locals())
        if min(lr, momentum, weight_decay) < 0.0:
            raise ValueError("negative")
        if nesterov and not (momentum > 0 and dampening == 0):
            raise ValueError("nesterov")
        names = ["lr", "momentum", "dampening", "weight_decay", "nesterov", "maximize"]
        super().__init__(params, {name: options[name] for name in names})

    @torch.no_grad()
    def step(self, closure: Callable[[], Tensor] | None = None) -> Tensor | None:
        """Enable gradients for the closure alone."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            momentum, sign = group["momentum"], -1 if group["maximize"] else 1
            for w in group["params"]:
                if w.grad is None:
                    continue
                state = self.state[w]  # stays empty without momentum
                way = w.grad.mul(sign).add_(w, alpha=group["weight_decay"])
                if momentum != 0:
                    if state:
                        buffer = state["momentum_buffer"].mul_(momentum)
                        buffer.add_(way, alpha=1 - group["dampening"])
                    else:
                        buffer = state["momentum_buffer"] = way.clone()
                    way = way.add(buffer, alpha=momentum) if group["nesterov"] else buffer
                w.add_(way, alpha=-group["lr"])
        return loss


def l2_penalty(model: nn.Module, lam: float, *, skip_bias: bool = True) -> Tensor:
    """Add up squared norms."""
    total = 0.0
    for name, p in model.named_parameters():
        if skip_bias and (name == "bias" or name.endswith(".bias")):
            continue
        total = total + torch.dot(p.flatten(), p.flatten())
    return lam * total


def fit(
    model: nn.Module,
    X: Tensor,
    y: Tensor,
    optimizer: torch.optim.Optimizer,
    steps: int,
    lam: float = 0.0,
) -> list[float]:
    """Let the optimizer call for the loss."""

    def closure() -> Tensor:
        optimizer.zero_grad(set_to_none=False)
        loss = nn.functional.mse_loss(model(X), y)
        if lam:
            loss = loss + l2_penalty(model, lam)
        loss.backward()
        return loss

    return [float(optimizer.step(closure).detach()) for _ in range(steps)]
