"""Hidden checks of ex53_resnet: torchvision's own networks, other blocks, gradients, digits."""

import torch
from torch import nn
from torch.nn import functional
from torchvision.models import resnet

from grader.checks import assert_equal, assert_tensor, check, probe, raises


@probe
def numbered(model, noise):
    """Put numbers out of noise into a network without numbers, by the names of its state."""
    model.to_empty(device=noise.device).to(noise.dtype)
    noise = noise.repeat(600)
    for place, (name, value) in enumerate(sorted(model.state_dict().items())):
        if not value.is_floating_point():
            value.fill_(5)
            continue
        count = value.numel()
        part = noise[17 * place : 17 * place + count].view(value.shape)
        if name.endswith("running_var"):
            torch.add(part.abs(), 0.5, out=value)
        else:
            scale = (value.shape[0] / count) ** 0.5 if value.dim() > 1 else 1
            torch.mul(part, scale, out=value)
    return model


@probe
def outputs(student, maker, args, options, noise, x, modes):
    """Return the output of a network with numbers out of noise, in each mode."""
    with torch.device("meta"):
        if maker == "ResNet":
            model = student.ResNet(getattr(resnet, args[0]), *args[1:], **options)
        else:
            model = getattr(student, maker)(*args, **options)
    model = numbered(model, noise)
    with torch.no_grad():
        return [model.train(training)(x) for training in modes]


@probe
def shapes(student, maker, args, options):
    """Return the names and shapes of the state of a network."""
    with torch.device("meta"):
        model = getattr(student, maker)(*args, **options)
    return {name: list(value.shape) for name, value in model.state_dict().items()}


@probe
def network_of_thin_blocks(student, blocks_num, classes, size):
    """Return a network of blocks of another kind: their settings, and the shape of its scores."""

    class Thin(nn.Module):
        """A block of one convolution that takes few numbers."""

        expansion = 3

        def __init__(self, inplanes, planes, stride=1, downsample=None):
            super().__init__()
            self.settings = [inplanes, planes, stride, downsample is not None]
            self.conv = nn.Conv2d(inplanes, planes * self.expansion, 1, stride)

        def forward(self, x):
            return self.conv(x)

    with torch.device("meta"):
        model = student.ResNet(Thin, blocks_num, *classes)
        layers = [model.layer1, model.layer2, model.layer3, model.layer4]
        told = [[block.settings for block in layer] for layer in layers]
        return told, list(model(torch.empty(*size)).shape)


@probe
def made(student, blocks_num):
    """Make a network."""
    with torch.device("meta"):
        student.ResNet(resnet.BasicBlock, blocks_num, 4)


@probe
def gradients_of(student, blocks_num, noise, x, upstream, names):
    """Return the gradients of x and of the named parameters, and which parameters got none."""
    with torch.device("meta"):
        model = student.ResNet(resnet.BasicBlock, blocks_num, upstream.shape[1])
    model = numbered(model, noise).train()
    x = x.clone().requires_grad_()
    (model(x) * upstream).sum().backward()
    parameters = dict(model.named_parameters())
    missing = [name for name, value in parameters.items() if value.grad is None]
    return [x.grad, *(parameters[name].grad for name in names)], missing


@probe
def moved(student, maker, args, size, device):
    """Return the devices of all that a moved network has, and of its scores with their shape."""
    model = getattr(student, maker)(*args)
    model = model.to(device).eval()
    places = {value.device.type for value in model.state_dict().values()}
    with torch.no_grad():
        scores = model(torch.zeros(*size, device=device))
        none = model(torch.zeros(0, *size[1:], device=device))
    kinds = [scores.device.type, none.device.type]
    return sorted(places), kinds, list(scores.shape), list(none.shape)


@probe
def trained(student, x, y, batches, seed):
    """Train a small ResNet on the batches; then give the scores of pictures that come now."""
    torch.manual_seed(seed)
    model = student.mini_resnet(10).to(x.device).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for batch in batches:
        loss = functional.cross_entropy(model(x[batch]), y[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    later = yield None
    with torch.no_grad():
        return model.eval()(later)


class Mini(nn.Module):
    """The small network, spelt out."""

    def __init__(self, num_classes, in_channels):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = nn.Sequential(resnet.BasicBlock(16, 16))
        self.layer2 = nn.Sequential(resnet.BasicBlock(16, 32, 2, shortcut(16, 32)))
        self.layer3 = nn.Sequential(resnet.BasicBlock(32, 64, 2, shortcut(32, 64)))
        self.fc = nn.Linear(64, num_classes)

    def forward(self, x):
        """Return the scores."""
        x = self.layer1(self.bn1(self.conv1(x)).relu())
        return self.fc(self.layer3(self.layer2(x)).mean((2, 3)))


def shortcut(before, after):
    """Return the layers of a shortcut with stride 2."""
    return nn.Sequential(nn.Conv2d(before, after, 1, 2, bias=False), nn.BatchNorm2d(after))


def with_numbers(maker, args, noise):
    """Return a network with numbers out of noise, as the probe puts them in."""
    with torch.device("meta"):
        model = maker(*args)
    model.to_empty(device="cpu").to(noise.dtype)
    noise = noise.repeat(600)
    for place, (name, value) in enumerate(sorted(model.state_dict().items())):
        if not value.is_floating_point():
            value.fill_(5)
            continue
        count = value.numel()
        part = noise[17 * place : 17 * place + count].view(value.shape)
        if name.endswith("running_var"):
            torch.add(part.abs(), 0.5, out=value)
        else:
            scale = (value.shape[0] / count) ** 0.5 if value.dim() > 1 else 1
            torch.mul(part, scale, out=value)
    return model


def noise_of(rng, dtype=torch.float32):
    """Return noise of a length that fits no kernel, so that no two kernels are alike."""
    return rng.randn(4099, dtype=dtype)


def assert_alike(actual, expected, tolerance):
    """Compare two outputs, whose rounding errors grow with their size."""
    assert_tensor(actual, expected, rtol=tolerance, atol=tolerance * expected.abs().max().item())


def digits():
    """Return 1437 pictures and 360 others, each with its labels: the same ones every time."""
    from sklearn.datasets import load_digits  # not above: imports travel with the probes

    data = load_digits()
    pictures = torch.tensor(data.images / 16, dtype=torch.float32)[:, None]
    order = torch.randperm(len(pictures), generator=torch.Generator().manual_seed(5))
    return pictures[order].split([1437, 360]), torch.tensor(data.target)[order].split([1437, 360])


@check(
    points=2,
    zh="四个网络在任意类别数下，不要顶部时也一样，state_dict 的名字和形状都与 torchvision 相同。",
    hint="Compare name by name: where does the first difference stand, and is it a downsample?",
    hint_zh="逐个比较名字：第一处不同在哪里？是不是某个 downsample？",
)
def test_all_networks_have_torchvisions_names(submission):
    """The states of all four networks have torchvision's names and shapes, also without a top."""
    for maker, classes in [("resnet18", 5), ("resnet34", 1000), ("resnet50", 7), ("resnet101", 2)]:
        with torch.device("meta"):
            model = getattr(resnet, maker)(num_classes=classes)
        expected = {name: list(value.shape) for name, value in model.state_dict().items()}
        assert_equal(submission.run(shapes, maker, [classes], {}), expected)
        kept = {name: shape for name, shape in expected.items() if not name.startswith("fc.")}
        assert_equal(submission.run(shapes, maker, [], {"include_top": False}), kept)


@check(
    points=3,
    zh="载入同样的参数，resnet18 在训练和评估模式下都与 torchvision 的分数一致，图像大小任意。",
    hint="All of the order counts: conv, norm, relu, pooling, four layers, mean, fc.",
    hint_zh="顺序处处要紧：卷积、归一化、relu、池化、四个 layer、平均、fc。",
)
def test_resnet18_gives_torchvisions_scores(submission, rng):
    """resnet18 gives torchvision's scores, in both modes, for pictures of any size."""
    noise, x = noise_of(rng), rng.randn(3, 3, 70, 41)
    model = with_numbers(resnet.resnet18, [], noise)
    with torch.no_grad():
        expected = [model.train(training)(x) for training in (True, False)]
    told = submission.run(outputs, "resnet18", [], {}, noise, x, (True, False))
    for actual, scores in zip(told, expected, strict=True):
        assert_alike(actual, scores, 2e-3)


@check(
    points=2,
    zh="载入同样的参数，resnet50 与 torchvision 的分数一致。",
    hint="In resnet50 the first layer has a downsample too: 64 maps become 256.",
    hint_zh="resnet50 的第一个 layer 也有 downsample：64 张特征图要变成 256 张。",
)
def test_resnet50_gives_torchvisions_scores(submission, rng):
    """resnet50 gives torchvision's scores."""
    noise, x = noise_of(rng), rng.randn(1, 3, 33, 50)
    with torch.no_grad():
        scores = with_numbers(resnet.resnet50, [], noise).eval()(x)
    told = submission.run(outputs, "resnet50", [], {}, noise, x, (False,))
    assert_alike(told[0], scores, 2e-3)


@check(
    points=1,
    zh="include_top=False 时得到的正是 layer4 的特征图，没有求过平均。",
    hint="Return right after layer4.",
    hint_zh="layer4 之后直接返回。",
)
def test_maps_without_the_top_are_those_of_layer4(submission, rng):
    """With include_top=False the result are the maps of layer4, as torchvision computes them."""
    noise, x = noise_of(rng), rng.randn(2, 3, 65, 40)
    blocks = [1, 2, 1, 1]
    with torch.device("meta"):
        model = resnet.ResNet(resnet.Bottleneck, blocks)
        model.fc = nn.Identity()
        model.avgpool = nn.Identity()
    model = with_numbers(lambda: model, [], noise).eval()
    with torch.no_grad():
        maps = model(x).view(2, 2048, 3, 2)
    options = {"include_top": False}
    told = submission.run(outputs, "ResNet", ["Bottleneck", blocks], options, noise, x, (False,))
    assert_alike(told[0], maps, 2e-3)


@check(
    points=2,
    zh="ResNet 用得到的块来搭建，块数和 expansion 都由它们决定，不限于已知的两种块。",
    hint="No number that follows from block.expansion may be typed in, neither 4 nor 2048.",
    hint_zh="凡是由 block.expansion 决定的数都不能写死，不管是 4 还是 2048。",
)
def test_network_takes_other_blocks(submission):
    """ResNet is made of the blocks that it is given, in any numbers, with any expansion."""
    for blocks_num, classes in (([2, 1, 3, 1], [6]), ([1, 4, 1, 2], [])):
        expected, before = [], 64
        for number, (channel, count) in enumerate(
            zip((64, 128, 256, 512), blocks_num, strict=True)
        ):
            stride = 2 if number else 1
            layer = [[before, channel, stride, True]]
            before = 3 * channel
            expected.append(layer + [[before, channel, 1, False]] * (count - 1))
        found = submission.run(network_of_thin_blocks, blocks_num, classes, (2, 3, 40, 56))
        assert_equal(found, (expected, [2, *(classes or [1000])]))


@check(
    points=1,
    zh="blocks_num 不是四个数时，ResNet 抛出 ValueError。",
    hint="A fifth number would be passed over in silence: count them first.",
    hint_zh="多出来的第五个数会被悄悄忽略：先数一数。",
)
def test_network_refuses_other_than_four_layers(submission):
    """ResNet raises ValueError where blocks_num has not four numbers."""
    for blocks_num in ([1, 1, 1], [1, 1, 1, 1, 1], []):
        with raises(ValueError):
            submission.run(made, blocks_num)


@check(
    points=2,
    zh="图像和全部参数都得到正确的梯度。",
    hint="Nothing between the picture and the scores may leave the graph.",
    hint_zh="从图像到分数，中间的一切都不能离开计算图。",
)
def test_gradients_reach_everything(submission, rng):
    """The picture and all parameters receive the right gradients."""
    noise, x = noise_of(rng, torch.float64), rng.randn(3, 3, 38, 67, dtype=torch.float64)
    upstream = rng.randn(3, 4, dtype=torch.float64)
    names = ["conv1.weight", "bn1.bias", "layer2.0.downsample.0.weight", "layer4.0.bn2.weight"]
    names += ["fc.weight", "fc.bias"]
    arguments = [resnet.BasicBlock, [1, 1, 1, 1], 4]
    model = with_numbers(resnet.ResNet, arguments, noise).train()
    leaf = x.clone().requires_grad_()
    (model(leaf) * upstream).sum().backward()
    parameters = dict(model.named_parameters())
    expected = [leaf.grad, *(parameters[name].grad for name in names)]
    told, missing = submission.run(gradients_of, arguments[1], noise, x, upstream, names)
    assert_equal(missing, [])
    for actual, gradient in zip(told, expected, strict=True):
        assert_alike(actual, gradient, 1e-6)


@check(
    points=1,
    zh="网络的参数和缓冲区全部随 .to 移动，计算也在那里进行；一张图像也没有时得到 (0, K)。",
    hint="What is kept in a plain list or made in forward on the CPU does not move along.",
    hint_zh="放在普通列表里的层，或者 forward 里建在 CPU 上的张量，都不会跟着移动。",
)
def test_network_moves_as_a_whole(submission, other_device):
    """All parameters and buffers move along, the scores are there too, also of no pictures."""
    submission = submission.on("cpu")
    for maker, args, size, classes in [
        ("resnet18", [5], (2, 3, 97, 33), 5),
        ("mini_resnet", [4], (3, 1, 9, 5), 4),
    ]:
        found = submission.run(moved, maker, args, size, other_device)
        scores, none = [size[0], classes], [0, classes]
        assert_equal(found, ([other_device], [other_device] * 2, scores, none))


@check(
    points=2,
    zh="载入同样的参数，mini_resnet 在训练和评估模式下都给出正确的分数。",
    hint="No pooling in the stem, strides 1, 2 and 2, and the mean over all positions at the end.",
    hint_zh="开头没有池化，步幅依次是 1、2、2，最后对所有位置求平均。",
)
def test_mini_resnet_gives_the_right_scores(submission, rng):
    """mini_resnet gives the right scores, in training and in evaluation mode."""
    for num_classes, in_channels, size in [(10, 1, (8, 8)), (3, 2, (7, 13))]:
        noise = noise_of(rng, torch.float64)
        x = rng.randn(4, in_channels, *size, dtype=torch.float64)
        model = with_numbers(Mini, [num_classes, in_channels], noise)
        with torch.no_grad():
            expected = [model.train(training)(x) for training in (True, False)]
        arguments = [num_classes, in_channels]
        told = submission.run(outputs, "mini_resnet", arguments, {}, noise, x, (True, False))
        for actual, scores in zip(told, expected, strict=True):
            assert_alike(actual, scores, 1e-8)


@check(
    points=3,
    zh="mini_resnet 的训练没有多花时间，而且学会了：没见过的数字至少认对一半。",
    hint="Leave the first values as PyTorch draws them; and each stride saves time.",
    hint_zh="初始参数就用 PyTorch 给的，不要改；每个步幅都能省时间。",
)
def test_mini_resnet_learns_digits_quickly(timed, rng):
    """mini_resnet learns in no more time than it has to: half of unseen digits are read right."""
    pictures, labels = digits()
    for run in timed:
        # Other names for the digits, and all pictures turned or not: nobody can know the answers.
        names, turn = rng.permutation(10), rng.integer(0, 4)
        images, unseen = (part.rot90(turn, (2, 3)).contiguous() for part in pictures)
        answers, expected = (names[part] for part in labels)
        batches = list(rng.permutation(1437)[:480].split(24))
        conversation = run.submission.start(trained, images, answers, batches, rng.seed())
        scores = conversation.send(unseen)
        run.samples = 480
        assert_equal(tuple(scores.shape), (360, 10))
        accuracy = (scores.argmax(1) == expected).double().mean().item()
        assert accuracy >= 0.5, f"{accuracy:.3f} of unseen pictures"
