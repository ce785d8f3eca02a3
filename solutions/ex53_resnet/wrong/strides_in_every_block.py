"""Hands the stride on to every block of a layer.

The blocks after the first have no downsample, so their x does not fit any more. With one block in
each layer, as in mini_resnet, nothing shows.
"""

from torch import Tensor, nn
from torchvision.models.resnet import BasicBlock, Bottleneck


class ResNet(nn.Module):
    """A stem, four layers of blocks, and a classifier."""

    def __init__(
        self,
        block: type[BasicBlock] | type[Bottleneck],
        blocks_num: list[int],
        num_classes: int = 1000,
        *,
        include_top: bool = True,
    ) -> None:
        super().__init__()
        if len(blocks_num) != 4:
            raise ValueError(f"a ResNet has four layers, not {len(blocks_num)}")
        self.in_channel = 64
        self.conv1 = nn.Conv2d(3, 64, 7, 2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.maxpool = nn.MaxPool2d(3, 2, padding=1)
        self.layer1 = self._make_layer(block, 64, blocks_num[0])
        self.layer2 = self._make_layer(block, 128, blocks_num[1], 2)
        self.layer3 = self._make_layer(block, 256, blocks_num[2], 2)
        self.layer4 = self._make_layer(block, 512, blocks_num[3], 2)
        if include_top:
            self.fc = nn.Linear(self.in_channel, num_classes)
        self.include_top = include_top

    def _make_layer(
        self,
        block: type[BasicBlock] | type[Bottleneck],
        channel: int,
        block_num: int,
        stride: int = 1,
    ) -> nn.Sequential:
        """Return block_num blocks, and note how many maps they give in in_channel."""
        wide = channel * block.expansion
        downsample = None
        if stride != 1 or self.in_channel != wide:
            conv = nn.Conv2d(self.in_channel, wide, 1, stride, bias=False)
            downsample = nn.Sequential(conv, nn.BatchNorm2d(wide))
        blocks = [block(self.in_channel, channel, stride, downsample)]
        self.in_channel = wide
        blocks += [block(wide, channel, stride) for _ in range(1, block_num)]
        return nn.Sequential(*blocks)

    def forward(self, x: Tensor) -> Tensor:
        """Return scores (N, num_classes), or the last maps without the top."""
        x = self.maxpool(self.bn1(self.conv1(x)).relu())
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        if not self.include_top:
            return x
        scores: Tensor = self.fc(x.mean((2, 3)))
        return scores


def resnet18(num_classes: int = 1000, *, include_top: bool = True) -> ResNet:
    """Return the ResNet of 18 layers."""
    return ResNet(BasicBlock, [2, 2, 2, 2], num_classes, include_top=include_top)


def resnet34(num_classes: int = 1000, *, include_top: bool = True) -> ResNet:
    """Return the ResNet of 34 layers."""
    return ResNet(BasicBlock, [3, 4, 6, 3], num_classes, include_top=include_top)


def resnet50(num_classes: int = 1000, *, include_top: bool = True) -> ResNet:
    """Return the ResNet of 50 layers."""
    return ResNet(Bottleneck, [3, 4, 6, 3], num_classes, include_top=include_top)


def resnet101(num_classes: int = 1000, *, include_top: bool = True) -> ResNet:
    """Return the ResNet of 101 layers."""
    return ResNet(Bottleneck, [3, 4, 23, 3], num_classes, include_top=include_top)


class _MiniResNet(ResNet):
    """A ResNet for small pictures: another stem, three layers, fewer maps."""

    def __init__(self, num_classes: int, in_channels: int) -> None:
        nn.Module.__init__(self)
        self.in_channel = 16
        self.conv1 = nn.Conv2d(in_channels, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = self._make_layer(BasicBlock, 16, 1)
        self.layer2 = self._make_layer(BasicBlock, 32, 1, 2)
        self.layer3 = self._make_layer(BasicBlock, 64, 1, 2)
        self.fc = nn.Linear(64, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return scores (N, num_classes)."""
        x = self.bn1(self.conv1(x)).relu()
        x = self.layer3(self.layer2(self.layer1(x)))
        scores: Tensor = self.fc(x.mean((2, 3)))
        return scores


def mini_resnet(num_classes: int, in_channels: int = 1) -> nn.Module:
    """Return a small ResNet for small pictures."""
    return _MiniResNet(num_classes, in_channels)
