"""Exercise ex53_resnet: ResNet 18, 34, 50 and 101 from one class, and a small one for digits.

The blocks are those of ex52_resnet_blocks, imported from torchvision. Both are made by
block(maps before, channel, stride, downsample) and give channel * block.expansion maps.
Add the imports that you need.
"""

from torch import Tensor, nn
from torchvision.models.resnet import BasicBlock, Bottleneck


class ResNet(nn.Module):
    """A stem, four layers of blocks, and a classifier.

    Stem: conv1 (3 to 64 maps, 7 x 7, stride 2, padding 3, no bias), bn1, relu, and a max pooling
    (3 x 3, stride 2, padding 1).
    layer1 to layer4: blocks_num[0] to blocks_num[3] blocks, with channel 64, 128, 256 and 512,
    each made by _make_layer; the first layer has stride 1, the others have stride 2.
    Top: the mean over all positions, and fc, a Linear to num_classes scores.

    The state has the names conv1, bn1, layer1, layer2, layer3, layer4 and fc; within a layer the
    blocks are 0, 1, ... The first values are yours to choose. A network can be made under
    torch.device("meta") as well: __init__ looks at no values.
    """

    def __init__(
        self,
        block: type[BasicBlock] | type[Bottleneck],
        blocks_num: list[int],
        num_classes: int = 1000,
        *,
        include_top: bool = True,
    ) -> None:
        """Make the layers; without include_top there is no fc.

        block: a class of blocks. It may be neither of the two above, but it is called in the same
        way and has an expansion of its own.
        Raises ValueError where blocks_num has not four numbers.
        """
        super().__init__()
        raise NotImplementedError

    def _make_layer(
        self,
        block: type[BasicBlock] | type[Bottleneck],
        channel: int,
        block_num: int,
        stride: int = 1,
    ) -> nn.Sequential:
        """Return an nn.Sequential of block_num blocks, block_num >= 1.

        The first block takes self.in_channel maps and has the stride. Where it changes the size or
        the number of maps it gets a downsample: an nn.Sequential of a convolution, kernel 1, this
        stride, no bias, and nn.BatchNorm2d. All further blocks have stride 1 and no downsample.
        Afterwards self.in_channel is channel * block.expansion, the maps for the next layer.
        """
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """Turn pictures (N, 3, H, W) of any size into scores (N, num_classes).

        Without include_top the result are the maps of layer4, (N, 512 * block.expansion, h, w). H
        and W are halved five times, and rounded up each time.
        """
        raise NotImplementedError


def resnet18(num_classes: int = 1000, *, include_top: bool = True) -> ResNet:
    """Return the ResNet of 18 layers: BasicBlock, 2 in each layer."""
    raise NotImplementedError


def resnet34(num_classes: int = 1000, *, include_top: bool = True) -> ResNet:
    """Return the ResNet of 34 layers: BasicBlock, 3, 4, 6 and 3 in the layers."""
    raise NotImplementedError


def resnet50(num_classes: int = 1000, *, include_top: bool = True) -> ResNet:
    """Return the ResNet of 50 layers: Bottleneck, 3, 4, 6 and 3 in the layers."""
    raise NotImplementedError


def resnet101(num_classes: int = 1000, *, include_top: bool = True) -> ResNet:
    """Return the ResNet of 101 layers: Bottleneck, 3, 4, 23 and 3 in the layers."""
    raise NotImplementedError


def mini_resnet(num_classes: int, in_channels: int = 1) -> nn.Module:
    """Return a small ResNet for small pictures: (N, in_channels, H, W) to (N, num_classes).

    conv1 (to 16 maps, 3 x 3, stride 1, padding 1, no bias), bn1, relu, no pooling. layer1, layer2
    and layer3: one BasicBlock each, with channel 16, 32 and 64 and stride 1, 2 and 2. Then the
    mean over all positions, and fc. The names of the state are formed as those of ResNet. The first
    values are those that PyTorch gives to its layers.

    Speed counts: making it, training it on digits (N, 1, 8, 8) with Adam, and the scores of new
    pictures are timed beside a plain solution. Up to 3 times its time earns all points of that
    check, up to 5 times half of them, more than that none. It must learn as well: after 20 steps
    with lr=0.01, on batches of 24, at least half of all new pictures must be read right.
    """
    raise NotImplementedError
