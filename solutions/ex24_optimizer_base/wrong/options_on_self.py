"""Keeps lr, momentum and weight_decay on self, where no group can have its own."""

import copy
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn


class MiniOptimizer:
    """What all optimizers share; each has its own step()."""

    def __init__(
        self, params: Iterable[Tensor] | Iterable[dict[str, Any]], defaults: dict[str, Any]
    ) -> None:
        """Make one group of the tensors `params`, or one for each dict in `params`."""
        if isinstance(params, Tensor):
            raise TypeError("put the tensor into a list")
        groups = list(params)
        if not groups:
            raise ValueError("no parameters")
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        self.defaults = defaults
        self.state: defaultdict[Tensor, dict[str, Any]] = defaultdict(dict)
        self.param_groups: list[dict[str, Any]] = []
        for group in groups:
            self.add_param_group(group)

    def add_param_group(self, group: dict[str, Any]) -> None:
        """Append a group."""
        params = group["params"]
        params = [params] if isinstance(params, Tensor) else list(params)
        for p in params:
            if not isinstance(p, Tensor):
                raise TypeError(f"a parameter is a tensor, not {p!r}")
            if not p.is_leaf:
                raise ValueError("a parameter is a leaf")
        ids = [id(p) for p in self._parameters() + params]
        if len(set(ids)) != len(ids):
            raise ValueError("a parameter stands twice")
        self.param_groups.append({**self.defaults, **group, "params": params})

    def zero_grad(self, *, set_to_none: bool = True) -> None:
        """Clear the gradients of all parameters of all groups."""
        for p in self._parameters():
            if set_to_none or p.grad is None:
                p.grad = None
            else:
                p.grad = torch.zeros_like(p.grad)

    def state_dict(self) -> dict[str, Any]:
        """Return {"state": ..., "param_groups": ...}, in which numbers stand for parameters."""
        parameters = self._parameters()
        number = {id(p): i for i, p in enumerate(parameters)}
        return {
            "state": {i: self.state[p] for i, p in enumerate(parameters) if self.state.get(p)},
            "param_groups": [
                {**group, "params": [number[id(p)] for p in group["params"]]}
                for group in self.param_groups
            ],
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over options and state from what state_dict() returned, here or elsewhere."""
        groups = state_dict["param_groups"]
        if [len(g["params"]) for g in groups] != [len(g["params"]) for g in self.param_groups]:
            raise ValueError("these are other groups")
        parameters = self._parameters()
        self.state.clear()
        for i, remembered in copy.deepcopy(state_dict["state"]).items():
            self.state[parameters[i]] = remembered
        for own, group in zip(self.param_groups, groups):
            own.update(group, params=own["params"])

    def _parameters(self) -> list[Tensor]:
        return [p for group in self.param_groups for p in group["params"]]


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
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay

    @torch.no_grad()
    def step(self) -> None:
        """Move every parameter whose .grad is not None."""
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                v = p.grad + self.weight_decay * p
                if self.momentum:
                    v += self.momentum * self.state[p].get("momentum_buffer", 0)
                    self.state[p]["momentum_buffer"] = v
                p.sub_(self.lr * v)


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
