"""Exercise ex24_optimizer_base: what every optimizer carries, written by hand.

Add the imports that you need.
"""

from collections.abc import Iterable
from typing import Any

from torch import Tensor, nn


class MiniOptimizer:
    """What all optimizers share; each has its own step().

    Its attributes are

    - `defaults`: a dict, the options of a group that says nothing else, as {"lr": 0.1};
    - `param_groups`: a list of dicts. Each holds under "params" a list of the parameters
      themselves, no copies, and beside it every option of the group;
    - `state`: from a parameter to the dict of what its steps have to remember. It is a
      `collections.defaultdict(dict)`: state[p] is an empty dict when it is first asked for.
    """

    def __init__(
        self, params: Iterable[Tensor] | Iterable[dict[str, Any]], defaults: dict[str, Any]
    ) -> None:
        """Make one group of the tensors `params`, or one for each dict in `params`.

        params: any iterable, a generator too. Its dicts are what add_param_group takes.
        Raises TypeError when params is one tensor or cannot be iterated over (a method such as
        `model.parameters` without parentheses), ValueError when it is empty.
        """
        raise NotImplementedError

    def add_param_group(self, group: dict[str, Any]) -> None:
        """Append a group.

        group: {"params": one tensor or an iterable of tensors, and options}. Options that it
        leaves out come from `defaults`; options that `defaults` does not know are kept as well.
        The dict that is passed is not changed, and no group shares its options with another.
        Raises TypeError when one of the params is no tensor, ValueError when one is not a leaf,
        or stands twice in this group, or in a group that is there already.
        """
        raise NotImplementedError

    def zero_grad(self, *, set_to_none: bool = True) -> None:
        """Clear the gradients of all parameters of all groups.

        Each .grad becomes None. With set_to_none=False, each .grad that is not None becomes
        zeros instead, whatever it held before (also infinity or nan), and requires no gradient.
        """
        raise NotImplementedError

    def state_dict(self) -> dict[str, Any]:
        """Return {"state": ..., "param_groups": ...}, in which numbers stand for parameters.

        The parameters are counted 0, 1, 2, ... through all groups in order. "param_groups" is a
        list of new dicts: all options, and under "params" a list of these numbers. "state" is a
        plain dict from number to a dict with all that state[p] holds; a parameter of which
        nothing is remembered does not stand in it. The values may be those of the optimizer.
        torch.load with its defaults reads what torch.save made of it, if the values allow it.
        """
        raise NotImplementedError

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over options and state from what state_dict() returned, here or elsewhere.

        The parameters stay those of this optimizer. Its old state is gone, and its new state is a
        copy, so that later steps do not change `state_dict`.
        Raises ValueError when the number of groups is another, or the number of parameters in
        one of them.
        """
        raise NotImplementedError


class MiniSGD(MiniOptimizer):
    """Gradient descent with momentum and weight decay."""

    def __init__(
        self,
        params: Iterable[Tensor] | Iterable[dict[str, Any]],
        lr: float,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
    ) -> None:
        """Make the groups; `defaults` has the keys "lr", "momentum" and "weight_decay"."""
        raise NotImplementedError

    def step(self) -> None:
        """Move every parameter p whose .grad is not None, in place and outside of any graph.

            d = p.grad + weight_decay * p
            v = d at the first step of p, then momentum * v + d
            p <- p - lr * v

        with the options that p's group has at this moment. v is kept as
        state[p]["momentum_buffer"]; with momentum 0 v = d, and nothing is remembered.
        A parameter without gradient is left as it is, and so is its state. .grad is not changed.
        """
        raise NotImplementedError


def momentum_demo(weight: Tensor, steps: int, *, set_to_none: bool) -> dict[str, Tensor | None]:
    """Do what the notes do: one step with a gradient, and `steps` more after zero_grad.

    Start from a copy of `weight` (float32 or float64) with a gradient of ones, and an SGD with
    lr 0.1 and momentum 0.9: torch.optim.SGD or MiniSGD. One step, then
    zero_grad(set_to_none=set_to_none), then `steps` more steps without backward().
    Returns a dict: "grad", the .grad after zero_grad (None or a tensor); "weight" and "buffer",
    the copy and its momentum_buffer at the end. The tensors have weight's shape and dtype and
    require no gradient. `weight` itself is not changed.
    """
    raise NotImplementedError


def make_groups(model: nn.Module, lr: float, head_lr: float) -> list[dict[str, Any]]:
    """Return two groups for an optimizer: the body of a model at lr, its head at head_lr.

    The head is the submodule `model.head`, with all that is in it; everything else is the body.
    Parameters that are frozen (requires_grad is False) are in neither group. At least one
    parameter of the head and one of the body are not frozen.
    Returns [{"params": [...], "lr": lr}, {"params": [...], "lr": head_lr}].
    """
    raise NotImplementedError
