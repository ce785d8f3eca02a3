"""Exercise ex28_optimizer_race: one task, one start, many optimizers, and a falling rate.

Add the imports that you need.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

Maker = Callable[[Sequence[nn.Parameter]], Optimizer]
"""Makes an optimizer for a list of parameters."""


def make_data(
    n: int = 1000, noise: float = 0.1, generator: torch.Generator | None = None
) -> tuple[Tensor, Tensor]:
    """Return x and y, both (n, 1) and float32: a noisy parabola.

    x runs evenly from -1 to 1, both ends included. y is x ** 2 plus noise times numbers of the
    standard normal distribution, drawn from generator, or from PyTorch's global one if it is None.
    If a generator is given, the global one is left as it is. n is at least 2.
    """
    raise NotImplementedError


class Net(nn.Module):
    """A network for a curve: `hidden`, ReLU, `output`.

    hidden is an nn.Linear(1, width) and output an nn.Linear(width, 1), both with a bias. Nothing
    else has parameters.
    """

    def __init__(self, width: int = 20) -> None:
        """Make the layers."""
        super().__init__()
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """Return output(relu(hidden(x))), of the shape of x: (n, 1)."""
        raise NotImplementedError


def run(
    model: nn.Module,
    make_optimizer: Maker,
    x: Tensor,
    y: Tensor,
    steps: int,
    make_scheduler: Callable[[Optimizer], Any] | None = None,
) -> list[float]:
    """Train model itself on all of x and y at once, `steps` times, and return the losses.

    make_optimizer(list of the parameters of model) is called once, then, if it is given,
    make_scheduler(optimizer), which gives a scheduler. Each step is optimizer.step(closure): the
    closure clears the gradients, computes the mean squared error of model(x) against y, runs
    backward and returns the loss. So every optimizer of torch.optim for dense gradients can be
    used, LBFGS as well. After each step, scheduler.step() is called.
    model, x and y are on one device and of one dtype.
    Returns one Python float for each step: the loss before it, which is what step(closure) returns.
    Raises ValueError when y has another shape than model(x): the two would be broadcast.

    Speed counts, see race.
    """
    raise NotImplementedError


def race(
    model: nn.Module, makers: Mapping[str, Maker], x: Tensor, y: Tensor, steps: int
) -> dict[str, list[float]]:
    """Let every optimizer train a copy of model by run, and return the losses under its name.

    All start from the same weights, those of model as it comes. model itself is left as it is, its
    gradients as well. The names stand in the order of makers.

    Speed counts: a race is timed beside a plain solution on the same machine. Up to 3 times its
    time earns all points of that check, up to 6 times half of them, more than that none.
    """
    raise NotImplementedError


def ranking(losses: Mapping[str, Sequence[float]]) -> list[str]:
    """Return the names, the one with the smallest last loss first.

    Each run has at least one loss. A run whose last loss is nan has run away: such runs stand at
    the end, after inf. Runs that are equal, and those that end with nan, keep the order of losses.
    """
    raise NotImplementedError


class MyStepLR:
    """Multiply the learning rate by gamma at every step_size-th call of step().

    To make one changes nothing, neither the optimizer nor its rates. The rate is param_group["lr"],
    and every param_group has its own. What is multiplied is the rate that stands there at that
    moment, even if somebody else has changed it meanwhile.
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        """Keep what is needed; step_size is at least 1."""
        raise NotImplementedError

    def step(self) -> None:
        """Count one step; to be called after optimizer.step()."""
        raise NotImplementedError

    def get_last_lr(self) -> list[float]:
        """Return the present rate of each param_group."""
        raise NotImplementedError

    def state_dict(self) -> dict[str, Any]:
        """Return all that is needed to go on later, as plain data: numbers, strings, lists, dicts.

        The rates are not part of it: they are in the state_dict of the optimizer. The names in it
        are yours to choose.
        """
        raise NotImplementedError

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over a state_dict, step_size and gamma included; the optimizer is left as it is."""
        raise NotImplementedError
