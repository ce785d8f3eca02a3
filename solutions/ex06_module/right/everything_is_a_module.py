"""Another right solution: ReLU and flatten as modules, parameters registered by hand."""

import functools
import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn


class ConvNet(nn.Module):
    """Make the layers in the other order; the names say which is which."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(in_features=65536, out_features=10, bias=True)
        self.conv = nn.Conv2d(3, 64, (3, 3), stride=(1, 1), padding="same")
        self.between = nn.Sequential(nn.ReLU(inplace=True), nn.Flatten())

    def forward(self, x: Tensor) -> Tensor:
        """Nest the calls."""
        return self.fc(self.between(self.conv(x)))


class Center(nn.Module):
    """The mean written out."""

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        """Divide the sum by the number of numbers."""
        return x.sub(x.sum() / x.numel())


class ListDense(nn.Module):
    """All four parameters at once, as nn.Parameter."""

    def __init__(self) -> None:
        super().__init__()
        shapes = [(4, 4)] * 3 + [(4, 1)]
        self.params = nn.ParameterList([nn.Parameter(torch.rand(*shape)) for shape in shapes])

    def forward(self, x: Tensor) -> Tensor:
        """Fold the matrices into x with torch.mm."""
        return functools.reduce(torch.mm, self.params, x)


class DictDense(nn.Module):
    """One entry after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.params = nn.ParameterDict()
        for index, columns in enumerate((4, 1, 2), start=1):
            self.params[f"linear{index}"] = nn.Parameter(nn.init.normal_(torch.empty(4, columns)))

    def forward(self, x: Tensor, choice: str = "linear1") -> Tensor:
        """Look the name up in an ordinary dict, which raises KeyError by itself."""
        return x.matmul(dict(self.params.items())[choice])


def count_parameters(m: nn.Module, *, trainable_only: bool = True) -> int:
    """Multiply the shapes out; a dict by id keeps every parameter once."""
    unique = {id(p): p for module in m.modules() for p in module.parameters(recurse=False)}
    chosen = [p for p in unique.values() if p.requires_grad] if trainable_only else unique.values()
    return sum(math.prod(p.shape) for p in chosen)


def describe_parameters(m: nn.Module) -> list[tuple[str, tuple[int, ...]]]:
    """Turn the shapes into plain tuples."""
    parameters = dict(m.named_parameters())
    return list(zip(parameters, (tuple(p.size()) for p in parameters.values()), strict=True))


def functional_forward(x: Tensor, state: Mapping[str, Tensor]) -> Tensor:
    """Use the functions that torch itself has."""
    maps = torch.conv2d(x, state["conv.weight"], state["conv.bias"], padding=(1, 1))
    rows = torch.relu_(maps).reshape(x.shape[0], -1)
    return torch.addmm(state["fc.bias"], rows, state["fc.weight"].t())
