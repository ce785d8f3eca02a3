"""Another right solution: small functions that make pieces, and a running product for shapes."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from itertools import accumulate

import torch
from torch import Tensor, nn


def _numbered(layers: Iterator[nn.Module]) -> nn.Sequential:
    return nn.Sequential(OrderedDict((str(i), layer) for i, layer in enumerate(layers)))


def _conv(inputs: int, maps: int, *options: int) -> Iterator[nn.Module]:
    yield nn.Conv2d(inputs, maps, *options)
    yield nn.ReLU()


def _linears(sizes: list[int]) -> Iterator[nn.Module]:
    *hidden, classes = sizes[1:]
    for inputs, outputs in zip(sizes, hidden, strict=False):
        yield from (nn.Linear(inputs, outputs), nn.ReLU(), nn.Dropout(0.5))
    yield nn.Linear(hidden[-1], classes)


class AlexNet(nn.Module):
    """Generators give the layers in their order."""

    def __init__(self, classes: int = 10, shrink: int = 1) -> None:
        super().__init__()
        maps = {n: n // shrink for n in (96, 256, 384, 4096, 6400)}

        def conv() -> Iterator[nn.Module]:
            yield from _conv(1, maps[96], 11, 4)
            yield nn.MaxPool2d(3, 2)
            yield from _conv(maps[96], maps[256], 5, 1, 2)
            yield nn.MaxPool2d(3, 2)
            yield from _conv(maps[256], maps[384], 3, 1, 1)
            yield from _conv(maps[384], maps[384], 3, 1, 1)
            yield from _conv(maps[384], maps[256], 3, 1, 1)
            yield nn.MaxPool2d(3, 2)

        self.conv = _numbered(conv())
        self.fc = _numbered(_linears([maps[6400], maps[4096], maps[4096], classes]))

    def forward(self, x: Tensor) -> Tensor:
        """Unpack the shape, and look at every part."""
        if x.ndim != 4 or x.size(1) != 1 or x.size(2) != 224 or x.size(3) != 224:
            raise ValueError("one channel of 224x224 is needed")
        for layer in (*self.conv, nn.Flatten(), *self.fc):
            x = layer(x)
        return x


class VGG16(nn.Module):
    """Each block is a generator."""

    def __init__(self, classes: int = 1000, shrink: int = 1) -> None:
        super().__init__()
        ends = [3, 64 // shrink, 128 // shrink, 256 // shrink, 512 // shrink, 512 // shrink]

        def features() -> Iterator[nn.Module]:
            for count, inputs, maps in zip((2, 2, 3, 3, 3), ends, ends[1:], strict=False):
                yield from _conv(inputs, maps, 3, 1, 1)
                for _ in range(count - 1):
                    yield from _conv(maps, maps, 3, 1, 1)
                yield nn.MaxPool2d((2, 2), (2, 2))

        self.features = _numbered(features())
        self.avgpool = nn.AdaptiveAvgPool2d((7, 7))
        self.classifier = _numbered(
            _linears([7 * 7 * ends[-1], 4096 // shrink, 4096 // shrink, classes])
        )

    def forward(self, x: Tensor) -> Tensor:
        """Put the three parts together."""
        return nn.Sequential(self.features, self.avgpool, nn.Flatten(), self.classifier)(x)


def feature_shapes(layers: nn.Sequential, x: Tensor) -> list[tuple[int, ...]]:
    """Accumulate: each layer gets what the one before has given."""
    outputs = accumulate(layers, lambda value, layer: layer(value), initial=x)
    _, *rest = (torch.Size(value.shape) for value in outputs)
    return [tuple(int(n) for n in shape) for shape in rest]


def count_on_meta(factory: Callable[[], nn.Module]) -> int:
    """Use the device as a context; sum over the names, which are unique."""
    with torch.device("meta"):
        network = factory()
    return sum(value.numel() for _, value in network.named_parameters())
