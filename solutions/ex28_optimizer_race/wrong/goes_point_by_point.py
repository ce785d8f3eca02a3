"""The mean of the losses of all points, each computed on its own.

It is what the formula says, and every number is right. But a hundred small calls take far longer than
one of a hundred rows, on the way back as well.
"""

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

Maker = Callable[[Sequence[nn.Parameter]], Optimizer]


def make_data(
    n: int = 1000, noise: float = 0.1, generator: torch.Generator | None = None
) -> tuple[Tensor, Tensor]:
    """Return x and y, both (n, 1): a noisy parabola."""
    x = torch.linspace(-1, 1, n)[:, None]
    return x, x**2 + noise * torch.randn(n, 1, generator=generator)


class Net(nn.Module):
    """A network for a curve: `hidden`, ReLU, `output`."""

    def __init__(self, width: int = 20) -> None:
        super().__init__()
        self.hidden = nn.Linear(1, width)
        self.output = nn.Linear(width, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return output(relu(hidden(x)))."""
        return self.output(torch.relu(self.hidden(x)))


def run(
    model: nn.Module,
    make_optimizer: Maker,
    x: Tensor,
    y: Tensor,
    steps: int,
    make_scheduler: Callable[[Optimizer], Any] | None = None,
) -> list[float]:
    """Train model on all data at once and return the loss before each step."""
    optimizer = make_optimizer(list(model.parameters()))
    scheduler = make_scheduler(optimizer) if make_scheduler else None

    def closure() -> Tensor:
        optimizer.zero_grad()
        output = torch.cat([model(point[None]) for point in x])
        if output.shape != y.shape:
            raise ValueError(f"outputs {tuple(output.shape)} for targets {tuple(y.shape)}")
        loss = nn.functional.mse_loss(output, y)
        loss.backward()
        return loss

    losses = []
    for _ in range(steps):
        losses.append(optimizer.step(closure).item())
        if scheduler:
            scheduler.step()
    return losses


def race(
    model: nn.Module, makers: Mapping[str, Maker], x: Tensor, y: Tensor, steps: int
) -> dict[str, list[float]]:
    """Let every optimizer train a copy of model."""
    return {name: run(copy.deepcopy(model), make, x, y, steps) for name, make in makers.items()}


def ranking(losses: Mapping[str, Sequence[float]]) -> list[str]:
    """Return the names, the one with the smallest last loss first, nan at the end."""
    return sorted(losses, key=lambda name: (math.isnan(losses[name][-1]), losses[name][-1]))


class MyStepLR:
    """Multiply the learning rate by gamma at every step_size-th call of step()."""

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        self.optimizer = optimizer
        self.state = {"step_size": step_size, "gamma": gamma, "count": 0}

    def step(self) -> None:
        """Count one step."""
        self.state["count"] += 1
        if self.state["count"] % self.state["step_size"] == 0:
            for group in self.optimizer.param_groups:
                group["lr"] *= self.state["gamma"]

    def get_last_lr(self) -> list[float]:
        """Return the present rate of each param_group."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """Return all that is needed to go on later."""
        return dict(self.state)

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over a state_dict."""
        self.state = dict(state)
