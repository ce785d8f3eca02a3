"""Another right solution: written the way torchvision writes it, in place where that is safe."""

from typing import Any

import torch
from torch import Tensor, nn


def _conv3x3(before: int, after: int, stride: int = 1, groups: int = 1) -> nn.Conv2d:
    return nn.Conv2d(before, after, 3, stride, 1, groups=groups, bias=False)


def _conv1x1(before: int, after: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(before, after, 1, stride, bias=False)


def make_downsample(cin: int, cout: int, stride: int) -> nn.Sequential | None:
    """Ask for the two reasons."""
    if stride != 1 or cin != cout:
        return nn.Sequential(_conv1x1(cin, cout, stride), nn.BatchNorm2d(cout))
    return None


def _check_shortcut(layers: nn.Module | None, stride: int, before: int, after: int) -> None:
    if layers is None and make_downsample(before, after, stride) is not None:
        raise ValueError(f"no shortcut from {before} to {after} maps with stride {stride}")


class BasicBlock(nn.Module):
    """conv, bn, relu, conv, bn, add, relu."""

    expansion: int = 1

    def __init__(
        self,
        in_channel: int,
        out_channel: int,
        stride: int = 1,
        downsample: nn.Module | None = None,
        **options: Any,
    ) -> None:
        super().__init__()
        if options.get("groups", 1) != 1 or options.get("width_per_group", 64) != 64:
            raise ValueError("BasicBlock has no groups")
        _check_shortcut(downsample, stride, in_channel, out_channel)
        self.conv1 = _conv3x3(in_channel, out_channel, stride)
        self.bn1 = nn.BatchNorm2d(out_channel)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = _conv3x3(out_channel, out_channel)
        self.bn2 = nn.BatchNorm2d(out_channel)
        self.downsample = downsample
        for layer in (self.conv1, self.conv2):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        """Only tensors that were made here are changed in place."""
        identity = x
        out = self.conv1(x)
        out = self.bn1(out)
        out = self.relu(out)
        out = self.conv2(out)
        out = self.bn2(out)
        if self.downsample is not None:
            identity = self.downsample(x)
        out += identity
        return self.relu(out)


class Bottleneck(nn.Module):
    """1 x 1, 3 x 3, 1 x 1."""

    expansion: int = 4

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
        _check_shortcut(downsample, stride, in_channel, self.expansion * out_channel)
        width = int(out_channel * (width_per_group / 64.0)) * groups
        self.conv1, self.bn1 = _conv1x1(in_channel, width), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = _conv3x3(width, width, stride, groups), nn.BatchNorm2d(width)
        self.conv3 = _conv1x1(width, out_channel * self.expansion)
        self.bn3 = nn.BatchNorm2d(out_channel * self.expansion)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = downsample

    def forward(self, x: Tensor) -> Tensor:
        """Only tensors that were made here are changed in place."""
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        out += x if self.downsample is None else self.downsample(x)
        return self.relu(out)


class _Layer(nn.Module):
    def __init__(self, weight: Tensor, *, residual: bool, norm: bool) -> None:
        super().__init__()
        self.residual, channels = residual, weight.shape[0]
        self.branch = nn.Sequential(_conv3x3(channels, channels))
        if norm:
            self.branch.append(nn.BatchNorm2d(channels, affine=False, track_running_stats=False))
        self.branch.append(nn.ReLU()).to(weight)
        with torch.no_grad():
            next(self.branch.parameters()).copy_(weight)

    def forward(self, h: Tensor) -> Tensor:
        return h + self.branch(h) if self.residual else self.branch(h)


def depth_gradient(
    x: Tensor, weights: list[Tensor], *, residual: bool, norm: bool = False
) -> float:
    """Build a network of modules."""
    network = nn.Sequential(*(_Layer(weight, residual=residual, norm=norm) for weight in weights))
    first, *_ = network.parameters()
    return float(torch.linalg.vector_norm(torch.autograd.grad(network(x).sum(), first)[0]))
