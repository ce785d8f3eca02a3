"""Another right solution: modules for every step, He's first values, the small one a Sequential."""

from collections import OrderedDict
from functools import partial

import torch
from torch import Tensor, nn
from torchvision.models.resnet import BasicBlock, Bottleneck

_Block = type[BasicBlock] | type[Bottleneck]


def _shortcut(before: int, after: int, stride: int) -> nn.Sequential | None:
    if stride == 1 and before == after:
        return None
    conv = nn.Conv2d(before, after, kernel_size=1, stride=stride, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(after))


class ResNet(nn.Module):
    """conv1, bn1, relu, maxpool, four layers, avgpool, fc."""

    def __init__(
        self,
        block: _Block,
        blocks_num: list[int],
        num_classes: int = 1000,
        *,
        include_top: bool = True,
    ) -> None:
        super().__init__()
        try:
            first, second, third, fourth = blocks_num
        except ValueError:
            raise ValueError("blocks_num needs four numbers") from None
        self.include_top = include_top
        self.in_channel = 64
        self.conv1 = nn.Conv2d(3, self.in_channel, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(self.in_channel)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        self.layer1 = self._make_layer(block, 64, first)
        self.layer2 = self._make_layer(block, 128, second, stride=2)
        self.layer3 = self._make_layer(block, 256, third, stride=2)
        self.layer4 = self._make_layer(block, 512, fourth, stride=2)
        if self.include_top:
            self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
            self.fc = nn.Linear(512 * block.expansion, num_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def _make_layer(
        self, block: _Block, channel: int, block_num: int, stride: int = 1
    ) -> nn.Sequential:
        """Append one block after the other."""
        layers = nn.Sequential()
        while len(layers) < block_num:
            after = channel * block.expansion
            downsample = _shortcut(self.in_channel, after, stride)
            layers.append(block(self.in_channel, channel, stride, downsample))
            self.in_channel, stride = after, 1
        return layers

    def forward(self, x: Tensor) -> Tensor:
        """One module after the other."""
        x = self.conv1(x)
        x = self.bn1(x)
        x = self.relu(x)
        x = self.maxpool(x)
        x = self.layer1(x)
        x = self.layer2(x)
        x = self.layer3(x)
        x = self.layer4(x)
        if self.include_top:
            x = self.avgpool(x)
            x = torch.flatten(x, 1)
            x = self.fc(x)
        return x


def resnet18(num_classes: int = 1000, *, include_top: bool = True) -> ResNet:
    """Two, two, two, two."""
    return ResNet(BasicBlock, [2] * 4, num_classes=num_classes, include_top=include_top)


resnet34 = partial(ResNet, BasicBlock, [3, 4, 6, 3])
resnet50 = partial(ResNet, Bottleneck, [3, 4, 6, 3])
resnet101 = partial(ResNet, Bottleneck, [3, 4, 23, 3])


def mini_resnet(num_classes: int, in_channels: int = 1) -> nn.Module:
    """Give the steps of a Sequential their names."""
    steps: dict[str, nn.Module] = {
        "conv1": nn.Conv2d(in_channels, 16, 3, padding="same", bias=False),
        "bn1": nn.BatchNorm2d(16),
        "relu": nn.ReLU(),
    }
    before = 16
    for number, (maps, stride) in enumerate([(16, 1), (32, 2), (64, 2)], start=1):
        block = BasicBlock(before, maps, stride, _shortcut(before, maps, stride))
        steps[f"layer{number}"] = nn.Sequential(block)
        before = maps
    steps |= {"pool": nn.AdaptiveAvgPool2d(1), "flat": nn.Flatten()}
    steps["fc"] = nn.Linear(before, num_classes)
    return nn.Sequential(OrderedDict(steps))
