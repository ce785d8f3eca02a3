"""Another right solution: a function for the rule, detached tensors, gradients from autograd."""

from typing import Any

import torch
from torch import Tensor, nn


def _velocity(d: Tensor, old: Tensor | None, momentum: float, dampening: float) -> Tensor:
    return d.clone() if old is None else momentum * old + d - dampening * d


class MySGD(torch.optim.Optimizer):
    """Works on tensors that share the memory of the parameters."""

    def __init__(self, params: Any, lr: float = 1e-3, **options: Any) -> None:
        numbers = dict.fromkeys(("momentum", "dampening", "weight_decay"), 0.0)
        flags = dict.fromkeys(("nesterov", "maximize"), False)
        defaults = {"lr": lr} | numbers | flags | options
        for name in ("lr", "momentum", "weight_decay"):
            if defaults[name] < 0:
                raise ValueError(f"{name} is negative")
        if defaults["nesterov"]:
            if defaults["momentum"] == 0:
                raise ValueError("no momentum to look ahead along")
            if defaults["dampening"] != 0:
                raise ValueError("no dampening, please")
        super().__init__(params, defaults)

    def step(self, closure: Any = None) -> Any:
        """Go through all parameters with the options of their groups."""
        result = closure() if closure else None
        pairs = [(w, group) for group in self.param_groups for w in group["params"]]
        for w, group in pairs:
            if w.grad is not None:
                data, d = w.detach(), w.grad.detach() * (1 - 2 * group["maximize"])
                d = d + group["weight_decay"] * data
                if group["momentum"]:
                    old = self.state[w].get("momentum_buffer")
                    v = _velocity(d, old, group["momentum"], group["dampening"])
                    self.state[w]["momentum_buffer"] = v
                    d = d + group["momentum"] * v if group["nesterov"] else v
                data -= group["lr"] * d
        return result


def l2_penalty(model: nn.Module, lam: float, *, skip_bias: bool = True) -> Tensor:
    """Join all parameters that count to one long row."""
    counting = [
        parameter.reshape(-1)
        for module in model.modules()
        for name, parameter in module.named_parameters(recurse=False)
        if name != "bias" or not skip_bias
    ]
    return lam * (torch.cat(counting) ** 2).sum()


def fit(
    model: nn.Module,
    X: Tensor,
    y: Tensor,
    optimizer: torch.optim.Optimizer,
    steps: int,
    lam: float = 0.0,
) -> list[float]:
    """Hand each parameter its gradient."""
    parameters, losses = list(model.parameters()), []
    while len(losses) < steps:
        loss = (y - model(X)).pow(2).mean() + l2_penalty(model, lam)
        slopes = torch.autograd.grad(loss, parameters)
        for parameter, slope in zip(parameters, slopes, strict=True):
            parameter.grad = slope
        optimizer.step()
        losses.append(loss.detach().cpu().item())
    return losses
