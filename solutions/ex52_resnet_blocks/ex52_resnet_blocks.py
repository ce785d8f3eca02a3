"""Reference solution of ex52_resnet_blocks."""

import torch
from torch import Tensor, nn
from torch.nn import functional


def make_downsample(cin: int, cout: int, stride: int) -> nn.Sequential | None:
    """Return the layers for a shortcut from cin to cout maps, or None where it needs none."""
    if stride == 1 and cin == cout:
        return None
    return nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))


class BasicBlock(nn.Module):
    """Two convolutions with a shortcut around them, the block of ResNet 18 and 34."""

    expansion = 1

    def __init__(
        self,
        in_channel: int,
        out_channel: int,
        stride: int = 1,
        downsample: nn.Module | None = None,
        groups: int = 1,
        width_per_group: int = 64,
    ) -> None:
        super().__init__()
        if groups != 1 or width_per_group != 64:
            raise ValueError("a BasicBlock has no groups")
        if downsample is None and (stride != 1 or in_channel != out_channel):
            raise ValueError("the shortcut does not fit: a downsample is missing")
        self.conv1 = nn.Conv2d(in_channel, out_channel, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channel)
        self.conv2 = nn.Conv2d(out_channel, out_channel, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channel)
        self.relu = nn.ReLU()
        self.downsample = downsample

    def forward(self, x: Tensor) -> Tensor:
        """Turn x (N, in_channel, H, W) into (N, out_channel, H', W'); x stays as it is."""
        identity = x if self.downsample is None else self.downsample(x)
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return self.relu(out + identity)


class Bottleneck(nn.Module):
    """Narrow, look around, widen: the block of ResNet 50, 101 and 152."""

    expansion = 4

    def __init__(
        self,
        in_channel: int,
        out_channel: int,
        stride: int = 1,
        downsample: nn.Module | None = None,
        groups: int = 1,
        width_per_group: int = 64,
    ) -> None:
        super().__init__()
        wide = out_channel * self.expansion
        if downsample is None and (stride != 1 or in_channel != wide):
            raise ValueError("the shortcut does not fit: a downsample is missing")
        width = int(out_channel * width_per_group / 64) * groups
        self.conv1 = nn.Conv2d(in_channel, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, padding=1, groups=groups, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, wide, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(wide)
        self.relu = nn.ReLU()
        self.downsample = downsample

    def forward(self, x: Tensor) -> Tensor:
        """Turn x (N, in_channel, H, W) into (N, out_channel * 4, H', W'); x stays as it is."""
        identity = x if self.downsample is None else self.downsample(x)
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        return self.relu(out + identity)


def depth_gradient(
    x: Tensor, weights: list[Tensor], *, residual: bool, norm: bool = False
) -> float:
    """Return how large the gradient is that reaches the first of many layers."""
    first = weights[0].detach().requires_grad_()
    h = x
    for weight in [first, *weights[1:]]:
        f = functional.conv2d(h, weight, padding=1)
        if norm:
            f = functional.batch_norm(f, None, None, training=True)
        f = f.relu()
        h = h + f if residual else f
    (gradient,) = torch.autograd.grad(h.sum(), first)
    return gradient.norm().item()
