"""Exercise ex49_alexnet_vgg: two large networks, the shapes inside them, and their size.

Add the imports that you need.
"""

from collections.abc import Callable

from torch import Tensor, nn


class AlexNet(nn.Module):
    """The AlexNet of the notes: scores for grey pictures of 224x224.

    `conv` is an nn.Sequential of 13 layers; the numbers are their places in it:

        0 Conv2d, 96 maps, kernel 11, stride 4      6 Conv2d, 384 maps, kernel 3, padding 1
        1 ReLU                                      7 ReLU
        2 MaxPool2d, kernel 3, stride 2             8 Conv2d, 384 maps, kernel 3, padding 1
        3 Conv2d, 256 maps, kernel 5, padding 2     9 ReLU
        4 ReLU                                     10 Conv2d, 256 maps, kernel 3, padding 1
        5 MaxPool2d, kernel 3, stride 2            11 ReLU
                                                   12 MaxPool2d, kernel 3, stride 2

    `fc` is an nn.Sequential of 7 layers: Linear to 4096, ReLU, Dropout, Linear to 4096, ReLU,
    Dropout, Linear to classes. Dropout drops each number with probability 0.5. All convolutions and
    linear layers have a bias; nothing else has parameters or buffers.
    """

    def __init__(self, classes: int = 10, shrink: int = 1) -> None:
        """Make the layers.

        shrink: 1, 2, 4, 8, 16 or 32. It divides the numbers of maps (96, 256, 384, 384, 256) and
        the two 4096: with shrink=32 there are 3, 8, 12, 12 and 8 maps, and twice 128 numbers.
        """
        super().__init__()
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores (N, classes) of pictures x (N, 1, 224, 224), N >= 0.

        Raises ValueError when x has any other shape, such as (N, 1, 28, 28).
        """
        raise NotImplementedError


class VGG16(nn.Module):
    """VGG16 as torchvision has it: scores for coloured pictures.

    `features` is an nn.Sequential of 31 layers, five blocks one after the other. A block has 2, 2,
    3, 3, 3 convolutions (kernel 3, padding 1), each followed by a ReLU, and then a MaxPool2d
    (kernel 2, stride 2). The convolutions of the blocks give 64, 128, 256, 512 and 512 maps.
    `avgpool` is an nn.AdaptiveAvgPool2d to 7x7.
    `classifier` is an nn.Sequential of 7 layers: Linear to 4096, ReLU, Dropout, Linear to 4096,
    ReLU, Dropout, Linear to classes. Dropout drops each number with probability 0.5.
    All convolutions and linear layers have a bias; nothing else has parameters or buffers. The
    three parts are made in this order.
    """

    def __init__(self, classes: int = 1000, shrink: int = 1) -> None:
        """Make the layers; shrink divides the numbers of maps and the two 4096, as in AlexNet."""
        super().__init__()
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores (N, classes) of pictures x (N, 3, H, W).

        N >= 0; H and W are at least 32 and need not be multiples of anything.
        """
        raise NotImplementedError


def feature_shapes(layers: nn.Sequential, x: Tensor) -> list[tuple[int, ...]]:
    """Return the shape after each layer of layers, the first of which gets x.

    One tuple of ints for each layer that stands directly in layers; one that contains others counts
    as one. Works on any device, "meta" too.
    """
    raise NotImplementedError


def count_on_meta(factory: Callable[[], nn.Module]) -> int:
    """Return how many parameters the module has that factory() makes, without their memory.

    factory is called once, and what it makes is made on the device "meta", as long as factory names
    no other device. A parameter that stands in several places counts once.
    Afterwards tensors are made again where they were made before, also when factory raises an
    exception; that exception is passed on.
    """
    raise NotImplementedError
