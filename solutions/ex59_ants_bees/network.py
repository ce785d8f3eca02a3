"""The network of ex59_ants_bees."""

from torch import nn


def build_network(n_classes: int) -> nn.Sequential:
    """Return a network that turns pictures (N, 3, 32, 32) into scores (N, n_classes)."""
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.AdaptiveMaxPool2d(1),
        nn.Flatten(),
        nn.Linear(16, n_classes),
    )
