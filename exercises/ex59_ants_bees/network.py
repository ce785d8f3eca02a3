"""The network of ex59_ants_bees. Add the imports that you need."""

from torch import nn


def build_network(n_classes: int) -> nn.Sequential:
    """Return a network that turns pictures (N, 3, 32, 32) into scores (N, n_classes).

    An nn.Sequential of these ten layers, in this order: Conv2d from 3 to 8 maps, BatchNorm2d, ReLU,
    MaxPool2d(2); Conv2d from 8 to 16 maps, BatchNorm2d, ReLU; AdaptiveMaxPool2d(1), which keeps
    the largest number of each map; Flatten; Linear from 16 to n_classes. Both kernels are 3 x 3
    with padding 1. The first weights are PyTorch's own. n_classes is 1 or more.
    """
    raise NotImplementedError
