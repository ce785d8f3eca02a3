"""Another right solution: both networks from tables, shapes by hooks, a count by hand."""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

# Numbers of maps, "M" for a pooling.
BLOCKS = "64 64 M 128 128 M 256 256 256 M 512 512 512 M 512 512 512 M"
# Inputs, maps, kernel, stride, padding, and whether a pooling follows.
CONVOLUTIONS = [
    (1, 96, 11, 4, 0, True),
    (96, 256, 5, 1, 2, True),
    (256, 384, 3, 1, 1, False),
    (384, 384, 3, 1, 1, False),
    (384, 256, 3, 1, 1, True),
]


class AlexNet(nn.Module):
    """The layers are appended one by one; only the single channel is not divided."""

    def __init__(self, classes: int = 10, shrink: int = 1) -> None:
        super().__init__()
        self.conv, self.fc = nn.Sequential(), nn.Sequential()
        for inputs, maps, kernel, stride, padding, pooled in CONVOLUTIONS:
            channels = max(1, inputs // shrink) if inputs > 1 else 1
            self.conv.append(nn.Conv2d(channels, maps // shrink, kernel, stride, padding))
            self.conv.append(nn.ReLU(inplace=True))
            if pooled:
                self.conv.append(nn.MaxPool2d(kernel_size=3, stride=2))
        inputs = 6400 // shrink
        for _ in range(2):
            for layer in (nn.Linear(inputs, 4096 // shrink), nn.ReLU(inplace=True), nn.Dropout()):
                self.fc.append(layer)
            inputs = 4096 // shrink
        self.fc.append(nn.Linear(inputs, classes))

    def forward(self, x: Tensor) -> Tensor:
        """Compare the whole shape."""
        if list(x.shape) != [len(x), 1, 224, 224]:
            raise ValueError("AlexNet needs pictures of shape (N, 1, 224, 224)")
        maps = self.conv(x)
        return self.fc(maps.reshape(maps.shape[0], math.prod(maps.shape[1:])))


class VGG16(nn.Module):
    """The table of torchvision's own source, as a string."""

    def __init__(self, classes: int = 1000, shrink: int = 1) -> None:
        super().__init__()
        self.features, channels = nn.Sequential(), 3
        for word in BLOCKS.split():
            if word == "M":
                self.features.append(nn.MaxPool2d(kernel_size=2, stride=2))
                continue
            maps = int(word) // shrink
            self.features.append(nn.Conv2d(channels, maps, kernel_size=3, padding="same"))
            self.features.append(nn.ReLU(inplace=True))
            channels = maps
        self.avgpool = nn.AdaptiveAvgPool2d((7, 7))
        hidden = 4096 // shrink
        self.classifier = nn.Sequential()
        for inputs in (channels * 49, hidden):
            self.classifier.append(nn.Linear(inputs, hidden))
            self.classifier.append(nn.ReLU(inplace=True))
            self.classifier.append(nn.Dropout(p=0.5))
        self.classifier.append(nn.Linear(hidden, classes))

    def forward(self, x: Tensor) -> Tensor:
        """Name every step."""
        maps = self.features(x)
        means = self.avgpool(maps)
        return self.classifier(torch.flatten(means, start_dim=1))


def feature_shapes(layers: nn.Sequential, x: Tensor) -> list[tuple[int, ...]]:
    """Let a hook on each layer note what comes out."""
    shapes: list[tuple[int, ...]] = []
    hooks = [
        layer.register_forward_hook(lambda _layer, _x, y: shapes.append(tuple(y.shape)))
        for layer in layers
    ]
    try:
        with torch.no_grad():
            layers(x)
    finally:
        for hook in hooks:
            hook.remove()
    return shapes


def count_on_meta(factory: Callable[[], nn.Module]) -> int:
    """Set the default device and set it back, whatever happens."""
    before = torch.get_default_device()
    torch.set_default_device("meta")
    try:
        model = factory()
    finally:
        torch.set_default_device(before)
    return sum(math.prod(p.shape) for p in model.parameters())
