"""Another right solution: one frame that knows its stem and its widths serves both networks."""

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn
from torch.nn import functional
from torchvision.models.resnet import BasicBlock, Bottleneck


class _Frame(nn.Module):
    """A first convolution, layers of blocks that get twice as wide, and a top."""

    def __init__(
        self, block: Any, counts: Sequence[int], stem: nn.Conv2d, *, pool: bool, classes: int | None
    ) -> None:
        super().__init__()
        width = self.in_channel = stem.out_channels
        self.conv1, self.bn1, self.pool = stem, nn.BatchNorm2d(width), pool
        self.names = [f"layer{number}" for number in range(1, len(counts) + 1)]
        for place, (name, count) in enumerate(zip(self.names, counts, strict=True)):
            layer = self._make_layer(block, width << place, count, 1 + (place > 0))
            self.add_module(name, layer)
        self.fc = nn.Identity() if classes is None else nn.Linear(self.in_channel, classes)
        self.has_top = classes is not None

    def _make_layer(
        self, block: Any, channel: int, block_num: int, stride: int = 1
    ) -> nn.Sequential:
        """List what each block gets, then make them all."""
        after = channel * block.expansion
        steps = [(self.in_channel, stride), *[(after, 1)] * (block_num - 1)]
        self.in_channel = after
        return nn.Sequential(
            *(
                block(
                    inplanes=before,
                    planes=channel,
                    stride=step,
                    downsample=None
                    if (before, step) == (after, 1)
                    else nn.Sequential(
                        nn.Conv2d(before, after, 1, stride=step, bias=False), nn.BatchNorm2d(after)
                    ),
                )
                for before, step in steps
            )
        )

    def forward(self, x: Tensor) -> Tensor:
        """Go through the layers by their names."""
        x = functional.relu(self.bn1(self.conv1(x)))
        if self.pool:
            x = functional.max_pool2d(x, 3, stride=2, padding=1)
        for name in self.names:
            x = self.get_submodule(name)(x)
        if not self.has_top:
            return x
        scores: Tensor = self.fc(functional.adaptive_avg_pool2d(x, 1).flatten(1))
        return scores


class ResNet(_Frame):
    """The large ones."""

    def __init__(
        self,
        block: type[BasicBlock] | type[Bottleneck],
        blocks_num: list[int],
        num_classes: int = 1000,
        *,
        include_top: bool = True,
    ) -> None:
        if len(blocks_num) != 4:
            raise ValueError(f"not four layers: {blocks_num}")
        stem = nn.Conv2d(3, 64, (7, 7), (2, 2), (3, 3), bias=False)
        classes = num_classes if include_top else None
        super().__init__(block, blocks_num, stem, pool=True, classes=classes)


def resnet18(num_classes: int = 1000, *, include_top: bool = True) -> ResNet:
    """Two blocks in each layer."""
    return ResNet(BasicBlock, [2, 2, 2, 2], num_classes, include_top=include_top)


def resnet34(num_classes: int = 1000, *, include_top: bool = True) -> ResNet:
    """Sixteen blocks of two convolutions."""
    return ResNet(BasicBlock, [3, 4, 6, 3], num_classes, include_top=include_top)


def resnet50(num_classes: int = 1000, *, include_top: bool = True) -> ResNet:
    """Sixteen blocks of three convolutions."""
    return ResNet(Bottleneck, [3, 4, 6, 3], num_classes, include_top=include_top)


def resnet101(num_classes: int = 1000, *, include_top: bool = True) -> ResNet:
    """Thirty-three blocks of three convolutions."""
    return ResNet(Bottleneck, [3, 4, 23, 3], num_classes, include_top=include_top)


def mini_resnet(num_classes: int, in_channels: int = 1) -> nn.Module:
    """The small one."""
    stem = nn.Conv2d(in_channels, 16, 3, 1, 1, bias=False)
    return _Frame(BasicBlock, (1, 1, 1), stem, pool=False, classes=num_classes)
