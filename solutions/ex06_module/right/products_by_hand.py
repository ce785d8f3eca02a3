"""Another right solution: as few of torch's helpers as possible."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn


class ConvNet(nn.Module):
    """Register the layers with add_module."""

    def __init__(self) -> None:
        super().__init__()
        self.add_module("conv", nn.Conv2d(3, 64, 3, 1, 1))
        self.add_module("fc", nn.Linear(64 * 32**2, 10))

    def forward(self, x: Tensor) -> Tensor:
        """Go through the pictures one by one and stack their rows."""
        rows = [torch.clamp(maps, min=0).reshape(-1) for maps in self.conv(x)]
        return self.fc(torch.stack(rows))


class Center(nn.Module):
    """Work on the flat tensor."""

    def forward(self, x: Tensor) -> Tensor:
        """Take the mean along the only dimension of the flat tensor."""
        flat = x.reshape(-1)
        return (flat - flat.mean(dim=0, keepdim=True)).reshape(x.shape)


class ListDense(nn.Module):
    """Start from values that keep the scale."""

    def __init__(self) -> None:
        super().__init__()
        self.params = nn.ParameterList()
        for columns in (4, 4, 4, 1):
            self.params.append(nn.Parameter(torch.randn(4, columns) / 2))

    def forward(self, x: Tensor) -> Tensor:
        """Multiply the matrices first, from the right."""
        first, second, third, last = self.params
        return x @ (first @ (second @ (third @ last)))


class DictDense(nn.Module):
    """Set the three parameters from a plain dict."""

    def __init__(self) -> None:
        super().__init__()
        sizes = {"linear1": 4, "linear2": 1, "linear3": 2}
        parameters = {name: nn.Parameter(torch.randn(4, size)) for name, size in sizes.items()}
        self.params = nn.ParameterDict(parameters)

    def forward(self, x: Tensor, choice: str = "linear1") -> Tensor:
        """Write the product as an einsum."""
        if choice not in list(self.params.keys()):
            raise KeyError(f"there is no {choice}")
        matrix = self.params[choice]
        return torch.einsum("ni,io->no", x, matrix)


def count_parameters(m: nn.Module, *, trainable_only: bool = True) -> int:
    """Count in a loop."""
    count = 0
    for parameter in m.parameters():
        if trainable_only and not parameter.requires_grad:
            continue
        count += len(parameter.reshape(-1))
    return count


def describe_parameters(m: nn.Module) -> list[tuple[str, tuple[int, ...]]]:
    """Walk through the modules and their own parameters; keep each parameter once."""
    seen, found = set(), []
    for prefix, module in m.named_modules():
        for name, parameter in module.named_parameters(prefix, recurse=False):
            if parameter not in seen:
                seen.add(parameter)
                found.append((name, tuple(parameter.shape)))
    return found


def functional_forward(x: Tensor, state: Mapping[str, Tensor]) -> Tensor:
    """Unfold the windows and write both layers as matrix products."""
    windows = nn.functional.unfold(x, kernel_size=3, padding=1)
    maps = state["conv.weight"].flatten(1) @ windows + state["conv.bias"][:, None]
    return maps.clamp(min=0).flatten(1) @ state["fc.weight"].T + state["fc.bias"]
