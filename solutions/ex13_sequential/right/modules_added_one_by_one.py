"""Chains grown by add_module, shapes read by hooks, and tensors that are filled without init."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


def build_seq(layers: Sequence[nn.Module]) -> nn.Sequential:
    """Return an nn.Sequential of these layers, in this order."""
    model = nn.Sequential()
    for layer in layers:
        model.append(layer)
    return model


def build_named(pairs: Sequence[tuple[str, nn.Module]]) -> nn.Sequential:
    """Return an nn.Sequential of named layers, in this order."""
    model, seen = nn.Sequential(), set()
    for name, layer in pairs:
        if name in seen:
            raise ValueError(name)
        seen.add(name)
        model.add_module(name, layer)
    return model


class CifarNet(nn.Module):
    """The nine layers, the blocks of which are made in a loop."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        maps = 3
        for more in (32, 32, 64):
            layers.append(nn.Conv2d(maps, more, kernel_size=5, padding="same"))
            layers.append(nn.MaxPool2d(kernel_size=2, stride=2))
            maps = more
        layers += [nn.Flatten(), nn.Linear(1024, 64), nn.Linear(64, 10)]
        self.model = build_seq(layers)

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores (N, 10) of a batch x of pictures, (N, 3, 32, 32)."""
        return self.model(x)


def layer_shapes(model: nn.Sequential, x: Tensor) -> list[tuple[int, ...]]:
    """Return the shape behind each layer of model."""
    shapes: list[tuple[int, ...]] = []
    handles = [
        layer.register_forward_hook(lambda _layer, _inputs, output: shapes.append(output.shape))
        for layer in set(model)
    ]
    with torch.no_grad():
        model(x)
    for handle in handles:
        handle.remove()
    return shapes


def first_layers(model: nn.Sequential, n: int) -> nn.Sequential:
    """Return the first n layers of model as an nn.Sequential."""
    paths = [path for path, _ in model.named_modules(remove_duplicate=False)]
    names = [path for path in paths if path and "." not in path]
    if n < 0 or n > len(names):
        raise ValueError(n)
    part = nn.Sequential()
    for name in names[:n]:
        part.add_module(name, model.get_submodule(name))
    return part


def merge_linear(first: nn.Linear, second: nn.Linear) -> nn.Linear:
    """Return the one linear layer that gives second(first(x)) for every x."""
    if first.weight.shape[0] != second.weight.shape[1]:
        raise ValueError("the layers do not fit")
    with torch.no_grad():
        zero = first.weight.new_zeros(1, first.in_features)
        bias = second(first(zero))
        columns = second(first(torch.eye(first.in_features).to(zero))) - bias
    merged = nn.Linear(first.in_features, second.out_features)
    merged.load_state_dict({"weight": columns.T, "bias": bias[0]}, assign=True)
    return merged.requires_grad_()


def init_all(
    model: nn.Module,
    mean: float,
    std: float,
    a: float,
    b: float,
    generator: torch.Generator | None = None,
) -> None:
    """Give every nn.Linear and nn.Conv2d of model new first values, in place."""
    layers = [m for m in model.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    with torch.no_grad():
        for layer in layers:
            layer.weight.normal_(mean, std, generator=generator)
        for layer in layers:
            if layer.bias is not None:
                layer.bias.uniform_(a, b, generator=generator)
