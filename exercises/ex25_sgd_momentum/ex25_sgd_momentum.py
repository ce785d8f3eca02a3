"""Exercise ex25_sgd_momentum: SGD with all its options, and the penalty behind weight decay.

Add the imports that you need.
"""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn


class MySGD(torch.optim.Optimizer):
    """Stochastic gradient descent, with the options and the rule of torch.optim.SGD.

    The base class brings param_groups, state, zero_grad, state_dict and load_state_dict. What is
    to be remembered stands in self.state[p], so that it is saved as well.
    """

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
        """Check the options, and hand params and a dict of all six defaults to the base class.

        Raises ValueError when lr, momentum or weight_decay is negative, and when nesterov is
        asked for with a momentum of 0 or with a dampening that is not 0.
        """
        raise NotImplementedError

    def step(self, closure: Callable[[], Tensor] | None = None) -> Tensor | None:
        """Move every parameter w whose .grad is not None, in place and outside of any graph.

            g = w.grad, or -w.grad with maximize
            d = g + weight_decay * w
            v = d at the first step of w, then momentum * v + (1 - dampening) * d
            w <- w - lr * v                        with nesterov: w <- w - lr * (d + momentum * v)

        with the options that w's group has at this moment. v is kept as
        state[w]["momentum_buffer"], with dtype and device of w. With momentum 0 w <- w - lr * d,
        nothing is remembered, and dampening plays no part. A parameter without a gradient is left
        as it is, and so is its state. .grad is not changed.

        If there is a closure, it is called once, before anything moves and with gradients
        enabled, and what it returns is returned. Otherwise None is returned.
        """
        raise NotImplementedError


def l2_penalty(model: nn.Module, lam: float, *, skip_bias: bool = True) -> Tensor:
    """Return lam times the sum of the squares of all parameters of a model.

    With skip_bias, parameters whose name is "bias", or ends in ".bias", do not count. At least
    one parameter counts. The result has no dimensions and the dtype and device of the
    parameters; gradients reach them.
    """
    raise NotImplementedError


def fit(
    model: nn.Module,
    X: Tensor,
    y: Tensor,
    optimizer: torch.optim.Optimizer,
    steps: int,
    lam: float = 0.0,
) -> list[float]:
    """Do `steps` steps of `optimizer`, each with all of X, and return the loss before each.

    The loss is the mean of the squares of model(X) - y, which has the shape of y, plus
    l2_penalty(model, lam). Gradients that the parameters hold from before have no part.
    Returns a list of `steps` Python floats.
    """
    raise NotImplementedError
