"""Makes the network as always, and counts then.

For AlexNet that takes 187 MB and goes well; so the student did not notice that nothing was on meta.
For a network larger than the memory it is the end.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn


def _decision(inputs: int, hidden: int, classes: int) -> nn.Sequential:
    """Return three linear layers with dropout between them."""
    return nn.Sequential(
        nn.Linear(inputs, hidden),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(hidden, hidden),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(hidden, classes),
    )


class AlexNet(nn.Module):
    """Five convolutions, three of them with pooling, and three linear layers."""

    def __init__(self, classes: int = 10, shrink: int = 1) -> None:
        super().__init__()
        a, b, c = 96 // shrink, 256 // shrink, 384 // shrink
        self.conv = nn.Sequential(
            nn.Conv2d(1, a, 11, stride=4),
            nn.ReLU(),
            nn.MaxPool2d(3, 2),
            nn.Conv2d(a, b, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(3, 2),
            nn.Conv2d(b, c, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(c, c, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(c, b, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(3, 2),
        )
        self.fc = _decision(b * 5 * 5, 4096 // shrink, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores of pictures (N, 1, 224, 224)."""
        if x.dim() != 4 or x.shape[1:] != (1, 224, 224):
            raise ValueError(f"pictures (N, 1, 224, 224) are needed, not {tuple(x.shape)}")
        return self.fc(self.conv(x).flatten(1))


class VGG16(nn.Module):
    """Five blocks of small convolutions, an average of 7x7, and three linear layers."""

    def __init__(self, classes: int = 1000, shrink: int = 1) -> None:
        super().__init__()
        layers, maps = [], 3
        for count, wanted in [(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)]:
            for _ in range(count):
                layers += [nn.Conv2d(maps, wanted // shrink, 3, padding=1), nn.ReLU()]
                maps = wanted // shrink
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(7)
        self.classifier = _decision(maps * 7 * 7, 4096 // shrink, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores of pictures (N, 3, H, W)."""
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


def feature_shapes(layers: nn.Sequential, x: Tensor) -> list[tuple[int, ...]]:
    """Send x through the layers and note the shapes."""
    shapes = []
    for layer in layers:
        x = layer(x)
        shapes.append(tuple(x.shape))
    return shapes


def count_on_meta(factory: Callable[[], nn.Module]) -> int:
    """Count what factory makes on the device that has no memory."""
    model = factory()
    return sum(parameter.numel() for parameter in model.parameters())
