"""Exercise ex52_resnet_blocks: the two blocks of the ResNets, and gradients with and without them.

Add the imports that you need.
"""

from torch import Tensor, nn


def make_downsample(cin: int, cout: int, stride: int) -> nn.Sequential | None:
    """Return the layers for a shortcut from cin to cout maps, or None where it needs none.

    It needs none where stride is 1 and cin equals cout: the input itself then fits. Otherwise the
    layers are an nn.Sequential of a convolution, kernel 1, this stride, no padding, no bias, and
    nn.BatchNorm2d(cout). Their first values are PyTorch's own.
    """
    raise NotImplementedError


class BasicBlock(nn.Module):
    """Two convolutions with a shortcut around them, the block of ResNet 18 and 34.

    conv1, bn1, relu, conv2, bn2, then the shortcut is added, then relu once more. Both kernels are
    3 x 3 with padding 1 and no bias; conv1 has the stride. bn1 and bn2 are nn.BatchNorm2d.
    The shortcut is x, or downsample(x) where a downsample is given.

    The state has the names conv1, bn1, conv2, bn2 and, where there is one, downsample. The first
    values of the parameters are yours to choose.
    """

    expansion = 1  # the block gives out_channel * expansion maps

    def __init__(
        self,
        in_channel: int,
        out_channel: int,
        stride: int = 1,
        downsample: nn.Module | None = None,
        groups: int = 1,
        width_per_group: int = 64,
    ) -> None:
        """Make the layers.

        Raises ValueError where downsample is None although x itself does not fit (the stride is
        not 1, or in_channel is not out_channel * expansion), and where groups is not 1 or
        width_per_group is not 64: this block has no groups.
        """
        super().__init__()
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """Turn x (N, in_channel, H, W) into (N, out_channel, H', W'); x stays as it is.

        H' is H divided by the stride and rounded up, W' likewise. Gradients reach x and all
        parameters.
        """
        raise NotImplementedError


class Bottleneck(nn.Module):
    """Narrow, look around, widen: the block of ResNet 50, 101 and 152.

    conv1 (1 x 1, to width maps), bn1, relu, conv2 (3 x 3, padding 1, with the stride and the
    groups), bn2, relu, conv3 (1 x 1, to out_channel * expansion maps), bn3, then the shortcut is
    added, then relu once more. No convolution has a bias. The shortcut is x, or downsample(x)
    where a downsample is given.

    width is int(out_channel * width_per_group / 64) * groups.
    The state has the names conv1, bn1, conv2, bn2, conv3, bn3 and, where there is one, downsample.
    The first values of the parameters are yours to choose.
    """

    expansion = 4  # the block gives out_channel * expansion maps

    def __init__(
        self,
        in_channel: int,
        out_channel: int,
        stride: int = 1,
        downsample: nn.Module | None = None,
        groups: int = 1,
        width_per_group: int = 64,
    ) -> None:
        """Make the layers.

        Raises ValueError where downsample is None although x itself does not fit: the stride is
        not 1, or in_channel is not out_channel * expansion.
        """
        super().__init__()
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """Turn x (N, in_channel, H, W) into (N, out_channel * 4, H', W'); x stays as it is.

        H' is H divided by the stride and rounded up, W' likewise. Gradients reach x and all
        parameters.
        """
        raise NotImplementedError


def depth_gradient(
    x: Tensor, weights: list[Tensor], *, residual: bool, norm: bool = False
) -> float:
    """Return how large the gradient is that reaches the first of many layers.

    x: (N, C, H, W). weights: one kernel (C, C, 3, 3) for each layer, at least one, all of x's dtype
    and device. With h = x at the beginning, a layer makes
        f = relu(conv2d(h, weight)), padding 1, no bias;
        with norm=True f = relu(batch_norm(conv2d(h, weight))), with the mean and the variance of
        the batch, no weight, no bias, and PyTorch's eps;
        h = h + f with residual=True, else h = f.
    Returns the norm (the root of the sum of the squares) of the gradient of h.sum(), after the last
    layer, with respect to weights[0]: a Python float.
    The tensors in weights stay as they are, with their .grad and their requires_grad.
    """
    raise NotImplementedError
