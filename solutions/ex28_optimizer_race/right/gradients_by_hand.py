"""torch.autograd.grad in place of backward, functional layers, repeated selection."""

import copy
from collections.abc import Callable, Mapping, Sequence
from math import inf, isnan
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import Optimizer

Maker = Callable[[Sequence[nn.Parameter]], Optimizer]


def make_data(
    n: int = 1000, noise: float = 0.1, generator: torch.Generator | None = None
) -> tuple[Tensor, Tensor]:
    """Count the points, and let the noise be drawn in place."""
    x = (torch.arange(n, dtype=torch.float64) * 2 / (n - 1) - 1).float().reshape(n, 1)
    return x, torch.empty(n, 1).normal_(generator=generator).mul_(noise).add_(x * x)


class Net(nn.Module):
    """A network for a curve: `hidden`, ReLU, `output`."""

    def __init__(self, width: int = 20) -> None:
        super().__init__()
        self.hidden, self.output = nn.Linear(1, width), nn.Linear(width, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Cut off below zero by clamp."""
        return self.output(self.hidden(x).clamp(min=0))


def run(
    model: nn.Module,
    make_optimizer: Maker,
    x: Tensor,
    y: Tensor,
    steps: int,
    make_scheduler: Callable[[Optimizer], Any] | None = None,
) -> list[float]:
    """Put the gradients into .grad by hand."""
    parameters = list(model.parameters())
    optimizer = make_optimizer(parameters)
    scheduler = make_scheduler(optimizer) if make_scheduler else None

    def closure() -> Tensor:
        output = model(x)
        if output.size() != y.size():
            raise ValueError("outputs and targets have different shapes")
        loss = functional.mse_loss(output, y, reduction="sum") / y.numel()
        found = torch.autograd.grad(loss, parameters)
        for parameter, gradient in zip(parameters, found, strict=True):
            parameter.grad = gradient
        return loss.detach()

    losses = []
    for _ in range(steps):
        loss = optimizer.step(closure)
        losses.append(loss.item())
        if scheduler is not None:
            scheduler.step()
    return losses


def race(
    model: nn.Module, makers: Mapping[str, Maker], x: Tensor, y: Tensor, steps: int
) -> dict[str, list[float]]:
    """Make all the copies first."""
    starters = [(name, copy.deepcopy(model)) for name in makers]
    return {name: run(starter, makers[name], x, y, steps) for name, starter in starters}


def ranking(losses: Mapping[str, Sequence[float]]) -> list[str]:
    """Sort places in the list, with nan as something beyond inf."""

    def place(name: str) -> tuple[bool, float]:
        last = losses[name][-1]
        return (True, inf) if isnan(last) else (False, last)

    return [name for _, name in sorted(((place(n), n) for n in losses), key=lambda pair: pair[0])]


class MyStepLR:
    """Keep three attributes."""

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        self.optimizer = optimizer
        self.step_size = step_size
        self.gamma = gamma
        self.last_epoch = 0

    def step(self) -> None:
        """Multiply by gamma or by 1."""
        self.last_epoch += 1
        factor = self.gamma if self.last_epoch % self.step_size == 0 else 1.0
        for group in self.optimizer.param_groups:
            group.update(lr=group["lr"] * factor)

    def get_last_lr(self) -> list[float]:
        """Return the present rates."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """Return all attributes but the optimizer."""
        return {key: value for key, value in vars(self).items() if key != "optimizer"}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Set the attributes."""
        for key, value in state.items():
            setattr(self, key, value)
