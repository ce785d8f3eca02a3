"""Public checks of ex53_resnet: numbers, names, sizes, and how a layer is put together."""

import torch
from torch import nn
from torchvision.models import resnet

from grader.checks import assert_equal, check, probe

COUNTS = {"resnet18": 11689512, "resnet34": 21797672, "resnet50": 25557032, "resnet101": 44549160}


@probe
def counts(student, names):
    """Return how many numbers each network trains, counted without making them."""
    found = {}
    with torch.device("meta"):
        for name in names:
            parameters = getattr(student, name)().parameters()
            found[name] = sum(p.numel() for p in parameters if p.requires_grad)
    return found


@probe
def shapes(student, maker, args, options):
    """Return the names and shapes of the state of a network."""
    with torch.device("meta"):
        model = getattr(student, maker)(*args, **options)
    return {name: list(value.shape) for name, value in model.state_dict().items()}


@probe
def sizes_on_the_way(student, maker, size):
    """Return the shapes of the maps after conv1, before layer1, after each layer, at the end."""
    found = {}

    def note(name):
        return lambda _, inputs, output: found.update(
            {f"before {name}": list(inputs[0].shape), name: list(output.shape)}
        )

    with torch.device("meta"):
        model = getattr(student, maker)().eval()
        for name in ("conv1", "layer1", "layer2", "layer3", "layer4"):
            getattr(model, name).register_forward_hook(note(name))
        found["scores"] = list(model(torch.empty(*size)).shape)
    return found


@probe
def layer_told(student, in_channel, channel, block_num, stride, expansion):
    """Return how _make_layer calls a block of this expansion, and in_channel afterwards."""

    class Noted(nn.Module):
        """A block that notes what it is made with."""

        def __init__(self, inplanes, planes, stride=1, downsample=None):
            super().__init__()
            shortcut = None
            if downsample is not None:
                conv, norm = downsample
                settings = [conv.in_channels, conv.out_channels, *conv.kernel_size, *conv.stride]
                shortcut = [*settings, conv.bias is None, norm.num_features]
            self.told = [inplanes, planes, stride, shortcut]

    Noted.expansion = expansion
    with torch.device("meta"):
        model = student.resnet18()
    model.in_channel = in_channel
    layer = model._make_layer(Noted, channel, block_num, stride)  # noqa: SLF001  # the task
    return type(layer).__name__, [block.told for block in layer], model.in_channel


@probe
def mini_output(student, num_classes, in_channels, x):
    """Return the names and shapes of the state of a small ResNet, and the shape of its scores."""
    model = student.mini_resnet(num_classes, in_channels).to(x.device)
    state = {name: list(value.shape) for name, value in model.state_dict().items()}
    return state, list(model(x).shape)


def true_shapes(model):
    """Return the names and shapes of the state of a network of torchvision."""
    return {name: list(value.shape) for name, value in model.state_dict().items()}


def mini_shapes(num_classes, in_channels):
    """Return the names and shapes of the state of a small ResNet."""
    found = {"conv1.weight": [16, in_channels, 3, 3], "fc.weight": [num_classes, 64]}
    norms, before = {"bn1": 16}, 16
    for number, maps in enumerate((16, 32, 64), start=1):
        block = f"layer{number}.0"
        found |= {f"{block}.conv1.weight": [maps, before, 3, 3]}
        found |= {f"{block}.conv2.weight": [maps, maps, 3, 3]}
        norms |= {f"{block}.bn1": maps, f"{block}.bn2": maps}
        if maps != before:
            found[f"{block}.downsample.0.weight"] = [maps, before, 1, 1]
            norms[f"{block}.downsample.1"] = maps
        before = maps
    for name, maps in norms.items():
        for part in ("weight", "bias", "running_mean", "running_var"):
            found[f"{name}.{part}"] = [maps]
        found[f"{name}.num_batches_tracked"] = []
    return found | {"fc.bias": [num_classes]}


@check(
    points=2,
    zh="四个网络的参数个数分别是 11689512、21797672、25557032 和 44549160。",
    hint="Too many or too few by how much? 1000 of them are the bias of fc.",
    hint_zh="多了还是少了，差多少？其中 1000 个是 fc 的 bias。",
)
def test_networks_have_the_known_numbers_of_parameters(submission):
    """The four networks have 11689512, 21797672, 25557032 and 44549160 parameters."""
    assert_equal(submission.run(counts, list(COUNTS)), COUNTS)


@check(
    points=2,
    zh="resnet18 的 state_dict 与 torchvision 的名字相同，形状也相同。",
    hint="conv1, bn1, layer1 to layer4 and fc are attributes; a layer is an nn.Sequential.",
    hint_zh="conv1、bn1、layer1 到 layer4、fc 都是属性；每个 layer 是一个 nn.Sequential。",
)
def test_resnet18_has_torchvisions_names(submission):
    """The state of resnet18 has the names and shapes of torchvision's."""
    with torch.device("meta"):
        expected = true_shapes(resnet.resnet18())
    assert_equal(submission.run(shapes, "resnet18", [], {}), expected)


@check(
    points=2,
    zh="224 x 224 的图像经过开头的几层变成 112 和 56，四个 layer 之后是 56、28、14、7。",
    hint="Stem: 7 x 7 with stride 2 and padding 3, then pooling 3 with stride 2 and padding 1.",
    hint_zh="开头：7 x 7 卷积，步幅 2，填充 3；然后是 3 x 3 池化，步幅 2，填充 1。",
)
def test_picture_gets_smaller_five_times(submission):
    """A picture of 224 becomes 112 and 56 in the stem, and 56, 28, 14, 7 in the layers."""
    for maker, expansion in [("resnet18", 1), ("resnet50", 4)]:
        found = submission.run(sizes_on_the_way, maker, (2, 3, 224, 192))
        expected = {
            "before conv1": [2, 3, 224, 192],
            "conv1": [2, 64, 112, 96],
            "before layer1": [2, 64, 56, 48],
            "scores": [2, 1000],
        }
        for number, maps in enumerate((64, 128, 256, 512)):
            size = [2, maps * expansion, 56 >> number, 48 >> number]
            expected[f"layer{number + 1}"] = size
            if number < 3:
                expected[f"before layer{number + 2}"] = size
        assert_equal(found, expected)


@check(
    points=3,
    zh="_make_layer 只给第一个块步幅和（需要时的）downsample，之后更新 in_channel。",
    hint="After the first block all others get channel * block.expansion maps and stride 1.",
    hint_zh="第一个块之后，其余的块都接收 channel * block.expansion 张特征图，步幅为 1。",
)
def test_layer_gives_stride_and_downsample_to_its_first_block(submission):
    """_make_layer gives stride and downsample to the first block alone, and keeps in_channel."""
    for in_channel, channel, block_num, stride, expansion in [
        (64, 64, 3, 1, 1),
        (64, 128, 2, 2, 1),
        (64, 64, 3, 1, 4),
        (20, 10, 1, 2, 2),
        (18, 6, 2, 1, 3),
    ]:
        settings = (in_channel, channel, block_num, stride, expansion)
        wide = channel * expansion
        shortcut = None
        if stride > 1 or in_channel != wide:
            shortcut = [in_channel, wide, 1, 1, stride, stride, True, wide]
        blocks = [[in_channel, channel, stride, shortcut]]
        blocks += [[wide, channel, 1, None]] * (block_num - 1)
        assert_equal(submission.run(layer_told, *settings), ("Sequential", blocks, wide))


@check(
    points=1,
    zh="include_top=False 时没有 fc，得到最后的特征图：64 x 64 的图像给出 (N, 512, 2, 2)。",
    hint="Without the top neither the mean nor fc is applied, and fc is not even made.",
    hint_zh="不要顶部时，既不求平均也不经过 fc，连 fc 这一层都不建。",
)
def test_without_the_top_maps_come_out(submission):
    """With include_top=False there is no fc, and the maps of the last layer come out."""
    with torch.device("meta"):
        expected = true_shapes(resnet.resnet34())
    kept = {name: shape for name, shape in expected.items() if not name.startswith("fc.")}
    assert_equal(submission.run(shapes, "resnet34", [], {"include_top": False}), kept)
    assert_equal(submission.run(maps_without_top, (3, 3, 64, 64)), [3, 512, 2, 2])


@probe
def maps_without_top(student, size):
    """Return the shape of what comes out of a resnet34 without a top."""
    with torch.device("meta"):
        return list(student.resnet34(include_top=False).eval()(torch.empty(*size)).shape)


@check(
    points=2,
    zh="mini_resnet 的各层名字和形状都正确，给出 (N, num_classes) 的分数。",
    hint="conv1, bn1, layer1, layer2, layer3 and fc; a layer is an nn.Sequential of one block.",
    hint_zh="conv1、bn1、layer1、layer2、layer3 和 fc；每个 layer 是只含一个块的 nn.Sequential。",
)
def test_mini_resnet_has_its_layers(submission, rng):
    """mini_resnet has the layers of the task, and gives scores (N, num_classes)."""
    for num_classes, in_channels in [(10, 1), (4, 3)]:
        x = rng.rand(5, in_channels, 8, 9)
        state, shape = submission.run(mini_output, num_classes, in_channels, x)
        assert_equal(state, mini_shapes(num_classes, in_channels))
        assert_equal(shape, [5, num_classes])
