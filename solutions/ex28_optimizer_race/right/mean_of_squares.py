"""Everything written out: the mean of squares, copies by state, rates from a table."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

Maker = Callable[[Sequence[nn.Parameter]], Optimizer]


def make_data(
    n: int = 1000, noise: float = 0.1, generator: torch.Generator | None = None
) -> tuple[Tensor, Tensor]:
    """Return a noisy parabola, with torch.normal."""
    x = torch.unsqueeze(torch.linspace(-1, 1, steps=n), dim=1)
    mean = x.pow(2)
    return x, torch.normal(mean, torch.full_like(mean, noise), generator=generator)


class Net(nn.Module):
    """A network for a curve: `hidden`, ReLU, `output`."""

    def __init__(self, width: int = 20) -> None:
        super().__init__()
        self.output = nn.Linear(width, 1)
        self.hidden = nn.Linear(1, width)
        self.act = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """Apply the three, one after the other."""
        x = self.hidden(x)
        x = self.act(x)
        return self.output(x)


def run(
    model: nn.Module,
    make_optimizer: Maker,
    x: Tensor,
    y: Tensor,
    steps: int,
    make_scheduler: Callable[[Optimizer], Any] | None = None,
) -> list[float]:
    """Compare the shapes once, then train."""
    with torch.no_grad():
        if tuple(model(x).shape) != tuple(y.shape):
            raise ValueError("targets and outputs differ in shape")
    optimizer = make_optimizer([*model.parameters()])
    schedulers = [make_scheduler(optimizer)] if make_scheduler is not None else []

    def closure() -> Tensor:
        for parameter in model.parameters():
            parameter.grad = None
        loss = ((model(x) - y) ** 2).mean()
        loss.backward()
        return loss

    losses: list[float] = []
    while len(losses) < steps:
        losses += [float(optimizer.step(closure))]
        for scheduler in schedulers:
            scheduler.step()
    return losses


def race(
    model: nn.Module, makers: Mapping[str, Maker], x: Tensor, y: Tensor, steps: int
) -> dict[str, list[float]]:
    """Use one copy, and put it back to the start before each run."""
    start = {name: value.clone() for name, value in model.state_dict().items()}
    copy = deepcopy(model)
    results = {}
    for name in makers:
        copy.load_state_dict(start)
        results[name] = run(copy, makers[name], x, y, steps)
    return results


def ranking(losses: Mapping[str, Sequence[float]]) -> list[str]:
    """Sort the runs that have ended somewhere, and append the others."""
    ended = [name for name, values in losses.items() if values[-1] == values[-1]]
    lost = [name for name in losses if name not in ended]
    ended.sort(key=lambda name: losses[name][-1])
    return ended + lost


class MyStepLR:
    """Count down to the next fall."""

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        self.optimizer = optimizer
        self.size, self.gamma, self.left = step_size, gamma, step_size

    def step(self) -> None:
        """Count down."""
        self.left -= 1
        if not self.left:
            self.left = self.size
            for group in self.optimizer.param_groups:
                group["lr"] = self.gamma * group["lr"]

    def get_last_lr(self) -> list[float]:
        """Return the present rates."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """Return three numbers."""
        return {"numbers": [self.size, self.gamma, self.left]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over three numbers."""
        self.size, self.gamma, self.left = state["numbers"]
