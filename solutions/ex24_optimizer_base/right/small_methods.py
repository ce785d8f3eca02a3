"""Another right solution: many small methods, numbers instead of loops in the demonstration."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn


class MiniOptimizer:
    """Every method is a few lines."""

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        if isinstance(params, Tensor) or callable(params):
            raise TypeError("an iterable of tensors or dicts, please")
        self.defaults, self.state, self.param_groups = defaults, defaultdict(dict), []
        everything = tuple(params)
        if len(everything) == 0:
            raise ValueError("nothing to optimize")
        if all(isinstance(item, dict) for item in everything):
            for group in everything:
                self.add_param_group(group)
        else:
            self.add_param_group({"params": everything})

    def __iter__(self) -> Iterator[Tensor]:
        for group in self.param_groups:
            yield from group["params"]

    def _checked(self, p: Any) -> Tensor:
        if not isinstance(p, Tensor):
            raise TypeError("no tensor")
        if not p.is_leaf:
            raise ValueError("no leaf")
        if any(p is other for other in self):
            raise ValueError("a parameter twice")
        return p

    def add_param_group(self, group: dict[str, Any]) -> None:
        """Append the group first and fill it then, so that _checked sees its beginning."""
        params = group["params"]
        params = (params,) if isinstance(params, Tensor) else params
        new = dict(group)
        new["params"] = []
        for name in self.defaults:
            if name not in new:
                new[name] = self.defaults[name]
        self.param_groups.append(new)
        for p in params:
            new["params"].append(self._checked(p))

    def zero_grad(self, *, set_to_none: bool = True) -> None:
        """Replace each gradient."""
        for p in self:
            if p.grad is not None:
                p.grad = None if set_to_none else p.new_zeros(p.shape)

    def state_dict(self) -> dict[str, Any]:
        """Find the numbers by their place."""
        everything = list(self)
        saved: dict[str, Any] = {"param_groups": [], "state": {}}
        start = 0
        for group in self.param_groups:
            options = {name: deepcopy(group[name]) for name in group if name != "params"}
            stop = start + len(group["params"])
            saved["param_groups"].append(options | {"params": list(range(start, stop))})
            start = stop
        for number in range(len(everything)):
            memory = self.state[everything[number]]
            if memory:
                saved["state"][number] = deepcopy(memory)
        return saved

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Compare how the numbers lie in the groups, not only how many there are."""
        state_dict = deepcopy(state_dict)
        numbers = [group["params"] for group in state_dict["param_groups"]]
        if numbers != [group["params"] for group in self.state_dict()["param_groups"]]:
            raise ValueError("other groups")
        for p, number in zip(self, [n for group in numbers for n in group], strict=True):
            self.state[p] = state_dict["state"].get(number, {})
        for group, loaded in zip(self.param_groups, state_dict["param_groups"], strict=True):
            del loaded["params"]
            group.update(loaded)


class MiniSGD(MiniOptimizer):
    """One method for a parameter."""

    def __init__(
        self,
        params: Iterable[Any],
        lr: float,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, {"weight_decay": weight_decay, "momentum": momentum, "lr": lr})

    def _direction(self, p: Tensor, momentum: float, weight_decay: float) -> Tensor:
        slope = torch.add(p.grad, p, alpha=weight_decay)
        if momentum == 0:
            return slope
        memory = self.state[p]
        memory["momentum_buffer"] = (
            slope + momentum * memory["momentum_buffer"] if "momentum_buffer" in memory else slope
        )
        return memory["momentum_buffer"]

    def step(self) -> None:
        """Move all that have a gradient."""
        with torch.no_grad():
            for group in self.param_groups:
                for p in filter(lambda p: p.grad is not None, group["params"]):
                    way = self._direction(p, group["momentum"], group["weight_decay"])
                    p.copy_(p - group["lr"] * way)


def momentum_demo(weight: Tensor, steps: int, *, set_to_none: bool) -> dict[str, Tensor | None]:
    """By the sum of a geometric series."""
    moving = 0 if set_to_none else steps
    way = 0.1 * (1 - 0.9 ** (moving + 1)) / (1 - 0.9)
    return {
        "grad": None if set_to_none else torch.zeros_like(weight),
        "weight": weight.detach() - way,
        "buffer": torch.full_like(weight, 0.9**moving),
    }


def make_groups(model: nn.Module, lr: float, head_lr: float) -> list[dict[str, Any]]:
    """Compare with `is`."""
    head = [p for p in model.head.parameters() if p.requires_grad]
    body = [
        p for p in model.parameters() if p.requires_grad and not any(p is other for other in head)
    ]
    return [{"params": body, "lr": lr}, {"params": head, "lr": head_lr}]
