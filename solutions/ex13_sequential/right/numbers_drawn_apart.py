"""Names typed out, layers called by index, and values drawn apart and copied in."""

from collections import Counter, OrderedDict
from collections.abc import Sequence

import torch
from torch import Tensor, nn


def build_seq(layers: Sequence[nn.Module]) -> nn.Sequential:
    """Return an nn.Sequential of these layers, in this order."""
    return build_named([(str(place), layer) for place, layer in enumerate(layers)])


def build_named(pairs: Sequence[tuple[str, nn.Module]]) -> nn.Sequential:
    """Return an nn.Sequential of named layers, in this order."""
    if any(count > 1 for count in Counter(name for name, _ in pairs).values()):
        raise ValueError("every layer needs a name of its own")
    return nn.Sequential(OrderedDict(pairs))


class CifarNet(nn.Module):
    """The nine layers, called one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.model = nn.Sequential(
            nn.Conv2d(3, 32, (5, 5), stride=1, padding=(2, 2)),
            nn.MaxPool2d((2, 2)),
            nn.Conv2d(32, 32, (5, 5), stride=1, padding=(2, 2)),
            nn.MaxPool2d((2, 2)),
            nn.Conv2d(32, 64, (5, 5), stride=1, padding=(2, 2)),
            nn.MaxPool2d((2, 2)),
            nn.Flatten(start_dim=1),
            nn.Linear(in_features=1024, out_features=64, bias=True),
            nn.Linear(in_features=64, out_features=10, bias=True),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores (N, 10) of a batch x of pictures, (N, 3, 32, 32)."""
        for place in range(len(self.model)):
            x = self.model[place](x)
        return x


def layer_shapes(model: nn.Sequential, x: Tensor) -> list[tuple[int, ...]]:
    """Return the shape behind each layer of model."""
    return [tuple(model[: place + 1](x).shape) for place in range(len(model))]


def first_layers(model: nn.Sequential, n: int) -> nn.Sequential:
    """Return the first n layers of model as an nn.Sequential."""
    if n not in range(len(model) + 1):
        raise ValueError(f"no beginning of {n} layers")
    return model[0:n]


def merge_linear(first: nn.Linear, second: nn.Linear) -> nn.Linear:
    """Return the one linear layer that gives second(first(x)) for every x."""
    if second.in_features != first.out_features:
        raise ValueError(f"{second} after {first}")
    weight = torch.einsum("ij, jk -> ik", second.weight, first.weight).detach()
    bias = weight.new_zeros(second.out_features)
    if first.bias is not None:
        bias += second.weight.detach() @ first.bias.detach()
    if second.bias is not None:
        bias += second.bias.detach()
    merged = nn.Linear(first.in_features, second.out_features)
    merged.weight, merged.bias = nn.Parameter(weight), nn.Parameter(bias)
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

    def renew(layer: nn.Module) -> None:
        if isinstance(layer, nn.Linear | nn.Conv2d):
            weight, bias = layer.weight.data, layer.bias
            drawn = torch.randn(weight.shape, generator=generator, device=weight.device)
            weight.copy_(mean + std * drawn)
            if bias is not None:
                drawn = torch.rand(bias.shape, generator=generator, device=bias.device)
                bias.data.copy_(a + (b - a) * drawn)

    model.apply(renew)
