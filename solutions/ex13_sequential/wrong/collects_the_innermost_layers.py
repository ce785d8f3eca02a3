"""All modules that have no children, as modules() finds them.

modules() names every layer once: a ReLU that stands in two places of the chain is applied in the
first of them only. And a chain inside of the chain falls apart into its layers.
"""

from collections import OrderedDict
from collections.abc import Sequence

import torch
from torch import Tensor, nn


def build_seq(layers: Sequence[nn.Module]) -> nn.Sequential:
    """Return an nn.Sequential of these layers, in this order."""
    return nn.Sequential(*layers)


def build_named(pairs: Sequence[tuple[str, nn.Module]]) -> nn.Sequential:
    """Return an nn.Sequential of named layers, in this order."""
    layers = OrderedDict(pairs)
    if len(layers) < len(pairs):
        raise ValueError(f"a name appears twice: {[name for name, _ in pairs]}")
    return nn.Sequential(layers)


class CifarNet(nn.Module):
    """The classroom network for CIFAR10: pictures of 3x32x32, ten scores, no activations."""

    def __init__(self) -> None:
        super().__init__()
        self.model = nn.Sequential(
            nn.Conv2d(3, 32, 5, padding=2),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 32, 5, padding=2),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 5, padding=2),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(64 * 4 * 4, 64),
            nn.Linear(64, 10),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores (N, 10) of a batch x of pictures, (N, 3, 32, 32)."""
        return self.model(x)


def layer_shapes(model: nn.Sequential, x: Tensor) -> list[tuple[int, ...]]:
    """Return the shape behind each layer of model."""
    shapes = []
    for layer in [module for module in model.modules() if not list(module.children())]:
        x = layer(x)
        shapes.append(x.shape)
    return shapes


def first_layers(model: nn.Sequential, n: int) -> nn.Sequential:
    """Return the first n layers of model as an nn.Sequential."""
    if not 0 <= n <= len(model):
        raise ValueError(f"there are {len(model)} layers, not {n}")
    return model[:n]


def merge_linear(first: nn.Linear, second: nn.Linear) -> nn.Linear:
    """Return the one linear layer that gives second(first(x)) for every x."""
    if first.out_features != second.in_features:
        raise ValueError(f"{first.out_features} numbers do not go into {second.in_features}")
    merged = nn.Linear(first.in_features, second.out_features).to(first.weight)
    with torch.no_grad():
        merged.weight.copy_(second.weight @ first.weight)
        merged.bias.copy_(second(first(first.weight.new_zeros(first.in_features))))
    return merged


def init_all(
    model: nn.Module,
    mean: float,
    std: float,
    a: float,
    b: float,
    generator: torch.Generator | None = None,
) -> None:
    """Give every nn.Linear and nn.Conv2d of model new first values, in place."""
    for layer in model.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            nn.init.normal_(layer.weight, mean, std, generator)
            if layer.bias is not None:
                nn.init.uniform_(layer.bias, a, b, generator)
