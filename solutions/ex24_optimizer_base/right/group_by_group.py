"""Another right solution: group by group, buffers in place, the head by prefix."""

import collections
import itertools
import typing

import torch


class MiniOptimizer:
    """The flat list of parameters is made anew whenever it is needed."""

    param_groups: list
    defaults: dict

    def __init__(self, params, defaults: dict) -> None:
        if torch.is_tensor(params):
            raise TypeError("a tensor is no list of tensors")
        self.defaults = defaults.copy()
        self.state = collections.defaultdict(dict)
        self.param_groups = []
        params = iter(params)
        first = next(params, None)
        if first is None:
            raise ValueError("nothing to optimize")
        params = itertools.chain([first], params)
        if type(first) is not dict:
            params = [{"params": params}]
        list(map(self.add_param_group, params))

    def add_param_group(self, group: dict) -> None:
        """Collect the new parameters one by one, in a dict that knows their ids."""
        seen = {id(p): p for g in self.param_groups for p in g["params"]}
        new = {}
        given = group["params"]
        for p in [given] if isinstance(given, torch.Tensor) else given:
            if not isinstance(p, torch.Tensor):
                raise TypeError(type(p).__name__)
            if p.grad_fn is not None or id(p) in seen or id(p) in new:
                raise ValueError("not a leaf, or here already")
            new[id(p)] = p
        self.param_groups.append(dict(self.defaults) | group | {"params": list(new.values())})

    def zero_grad(self, *, set_to_none: bool = True) -> None:
        """Fill in place what is to stay."""
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none:
                    del p.grad
                elif p.grad is not None:
                    p.grad = p.grad.detach().fill_(0)

    def state_dict(self) -> dict[str, typing.Any]:
        """Count while walking."""
        state, groups, counter = {}, [], itertools.count()
        for group in self.param_groups:
            numbers = []
            for p in group["params"]:
                numbers.append(next(counter))
                if p in self.state and len(self.state[p]) > 0:
                    state[numbers[-1]] = {**self.state[p]}
            groups.append({**group, "params": numbers})
        return {"param_groups": groups, "state": state}

    def load_state_dict(self, state_dict: dict[str, typing.Any]) -> None:
        """Build a new state, and put it in place when it is complete."""
        theirs, ours = state_dict["param_groups"], self.param_groups
        if len(theirs) != len(ours):
            raise ValueError("another number of groups")
        for a, b in zip(theirs, ours, strict=True):
            if len(a["params"]) != len(b["params"]):
                raise ValueError("another number of parameters")
        flat = list(itertools.chain.from_iterable(g["params"] for g in ours))
        state = collections.defaultdict(dict)
        for n, entries in state_dict["state"].items():
            for name, value in entries.items():
                state[flat[n]][name] = value.clone() if torch.is_tensor(value) else value
        self.state = state
        self.param_groups = [
            {**options, "params": own["params"]} for options, own in zip(theirs, ours, strict=True)
        ]


class MiniSGD(MiniOptimizer):
    """One operation after the other, each for the parameters of a whole group."""

    def __init__(self, params, lr: float, momentum: float = 0.0, weight_decay: float = 0.0):
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    def step(self) -> None:
        """Work on detached tensors that share the parameters' memory."""
        for group in self.param_groups:
            moving = [p for p in group["params"] if p.grad is not None]
            if not moving:
                continue
            data = [p.detach() for p in moving]
            slopes = [p.grad.detach().add(p.data, alpha=group["weight_decay"]) for p in moving]
            if group["momentum"] != 0:
                for p, slope in zip(moving, slopes, strict=True):
                    memory = self.state[p]
                    if not memory:
                        memory["momentum_buffer"] = slope.clone()
                    else:
                        memory["momentum_buffer"].mul_(group["momentum"]).add_(slope)
                slopes = [self.state[p]["momentum_buffer"] for p in moving]
            for value, slope in zip(data, slopes, strict=True):
                value.add_(slope, alpha=-group["lr"])


def momentum_demo(weight, steps: int, *, set_to_none: bool) -> dict:
    """With the optimizer of this file."""
    w = torch.nn.Parameter(weight.detach().clone())
    optimizer = MiniSGD([w], lr=0.1, momentum=0.9)
    (w * 1).sum().backward()
    optimizer.step()
    optimizer.zero_grad(set_to_none=set_to_none)
    grad = w.grad
    for _ in range(steps):
        optimizer.step()
    return {"weight": w.data, "grad": grad, "buffer": optimizer.state[w]["momentum_buffer"]}


def make_groups(model, lr: float, head_lr: float) -> list:
    """By the names, whose first part is the child of the model."""
    body, head = [], []
    for name, p in model.named_parameters():
        if p.requires_grad:
            (head if name.split(".")[0] == "head" else body).append(p)
    return [{"lr": rate, "params": ps} for ps, rate in [(body, lr), (head, head_lr)]]
