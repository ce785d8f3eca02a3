"""Hidden checks of ex49_alexnet_vgg: every layer, torchvision, gradients, dropout, and meta."""

import torch
from torch import nn
from torch.nn import functional

from grader.checks import (
    assert_equal,
    assert_tensor,
    check,
    probe,
    raises,
)


@probe
def shapes_on_meta(student, maker, settings):
    """Return the shapes in the states of networks that are made without memory."""
    found = []
    for init in settings:
        with torch.device("meta"):
            state = getattr(student, maker)(*init).state_dict()
        found.append({name: tuple(value.shape) for name, value in state.items()})
    return found


@probe
def evaluated(student, maker, init, state, pictures):
    """Return the scores of every batch, its pictures turned, in evaluation mode."""
    model = getattr(student, maker)(*init).to(pictures[0].device).eval()
    model.load_state_dict(state)
    return [model(x.transpose(-1, -2)) for x in pictures]


@probe
def steps_of(student, maker, part, init, state, x):
    """Return the maps after each layer of a part."""
    model = getattr(student, maker)(*init).to(x.device)
    model.load_state_dict(state)
    steps = []
    for layer in getattr(model, part):
        x = layer(x.clone())  # a layer may write into what it gets
        steps.append(x.clone())
    return steps


@probe
def scores_in_both_modes(student, maker, init, state, x):
    """Return the scores in training mode and in evaluation mode."""
    model = getattr(student, maker)(*init).to(x.device)
    model.load_state_dict(state)
    return model.train()(x), model.eval()(x)


@probe
def slopes_of(student, maker, init, state, x, upstream):
    """Return the scores in evaluation mode, and the gradients of x and of all parameters."""
    model = getattr(student, maker)(*init).to(x.device, x.dtype).eval()
    model.load_state_dict(state)
    x = x.clone().requires_grad_()
    scores = model(x)
    parameters = dict(model.named_parameters())
    slopes = torch.autograd.grad((scores * upstream).sum(), [x, *(parameters[n] for n in state)])
    return [scores, *slopes]


@probe
def whole_networks(student, device):
    """Return shapes and device of the scores of both networks, at their full size."""
    found = []
    for maker, size in [("AlexNet", (2, 1, 224, 224)), ("VGG16", (3, 3, 224, 260))]:
        with torch.device(device):
            model = getattr(student, maker)().eval()
        with torch.no_grad():
            scores = model(torch.zeros(size, device=device))
        found.append((tuple(scores.shape), scores.device.type))
    return found


@probe
def shapes_in_layers(student, kernel, maps, x):
    """Return the shapes in layers of several kinds, for a batch and for none, and on meta."""
    block = nn.Sequential(nn.Conv2d(x.shape[1], maps, kernel), nn.ReLU())
    layers = nn.Sequential(block, nn.Identity(), nn.MaxPool2d((1, 2)), nn.Flatten(), nn.Softmax(1))
    layers = layers.to(x.device)
    found = [student.feature_shapes(layers, part) for part in (x, x[:0])]
    found.append(student.feature_shapes(nn.Sequential(), x))
    found.append(student.feature_shapes(layers.to("meta"), x.to("meta")))
    return found


@probe
def counts_of_layers(student, rows, columns):
    """Return the counts of huge layers, shared weights and VGG16, and where the huge ones are."""
    calls = []

    def huge():
        calls.append(torch.zeros(1).device.type)
        return nn.Sequential(nn.Linear(rows, columns), nn.BatchNorm1d(columns))

    def shared():
        first = nn.Linear(columns, columns)
        first.bias.requires_grad_(requires_grad=False)
        return nn.ModuleList([first, nn.ReLU(), first])

    counts = [student.count_on_meta(factory) for factory in (huge, shared, student.VGG16)]
    return counts, calls


@probe
def places_after_counting(student):
    """Return where tensors are made after a count, and after a factory that raised what it had."""
    places, told = [], None

    def broken():
        raise LookupError("no such network")

    student.count_on_meta(nn.Identity)
    places.append(torch.zeros(1).device.type)
    try:
        student.count_on_meta(broken)
    except LookupError as error:
        told = str(error)
    places.append(torch.zeros(1).device.type)
    torch.set_default_device("meta")
    student.count_on_meta(nn.Identity)
    places.append(torch.zeros(1).device.type)
    torch.set_default_device(None)
    return places, told


def alexnet_shapes(classes=10, shrink=1):
    """Return the names and shapes of the parameters of AlexNet."""
    a, b, c, hidden = (number // shrink for number in (96, 256, 384, 4096))
    convs = {0: (a, 1, 11, 11), 3: (b, a, 5, 5), 6: (c, b, 3, 3), 8: (c, c, 3, 3), 10: (b, c, 3, 3)}
    linears = {0: (hidden, 25 * b), 3: (hidden, hidden), 6: (classes, hidden)}
    return with_biases({"conv": convs, "fc": linears})


def vgg_shapes(classes=1000, shrink=1):
    """Return the names and shapes of the parameters of VGG16."""
    places, maps = [0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28], [64] * 2 + [128] * 2
    maps = [3, *(number // shrink for number in maps + [256] * 3 + [512] * 6)]
    convs = {place: (maps[i + 1], maps[i], 3, 3) for i, place in enumerate(places)}
    hidden = 4096 // shrink
    linears = {0: (hidden, 49 * maps[-1]), 3: (hidden, hidden), 6: (classes, hidden)}
    return with_biases({"features": convs, "classifier": linears})


def with_biases(parts):
    """Return the shapes of weights and biases by their full names."""
    shapes = {}
    for part, weights in parts.items():
        for place, shape in weights.items():
            shapes |= {f"{part}.{place}.weight": shape, f"{part}.{place}.bias": shape[:1]}
    return shapes


def random_state(rng, shapes, dtype=torch.float32):
    """Return random parameters that keep the numbers of every layer near 1."""
    state = {}
    for name, shape in shapes.items():
        fan_in = torch.Size(shapes[name.replace("bias", "weight")][1:]).numel()
        state[name] = rng.randn(*shape, dtype=dtype) * (2 / fan_in) ** 0.5
    return state


def alexnet_steps(state, x):
    """Return the maps after each of the 13 layers of conv."""
    options = {0: {"stride": 4}, 3: {"padding": 2}, 6: {"padding": 1}}
    steps = []
    for place in range(13):
        if place in (0, 3, 6, 8, 10):
            weight, bias = state[f"conv.{place}.weight"], state[f"conv.{place}.bias"]
            x = functional.conv2d(x, weight, bias, **options.get(place, {"padding": 1}))
        else:
            x = functional.max_pool2d(x, 3, 2) if place in (2, 5, 12) else x.relu()
        steps.append(x)
    return steps


def vgg_steps(state, x):
    """Return the maps after each of the 31 layers of features."""
    steps = []
    for place in range(31):
        if f"features.{place}.weight" in state:
            weight, bias = state[f"features.{place}.weight"], state[f"features.{place}.bias"]
            x = functional.conv2d(x, weight, bias, padding=1)
        else:
            x = functional.max_pool2d(x, 2) if place in (4, 9, 16, 23, 30) else x.relu()
        steps.append(x)
    return steps


def decision(state, part, x):
    """Return what the three linear layers of this part make of the maps, without dropout."""
    x = x.flatten(1)
    for place in (0, 3, 6):
        x = functional.linear(x, state[f"{part}.{place}.weight"], state[f"{part}.{place}.bias"])
        x = x if place == 6 else x.relu()
    return x


def assert_tensors(actual, expected):
    """Compare two lists of tensors, one by one."""
    assert_equal(len(actual), len(expected))
    for one, other in zip(actual, expected, strict=True):
        assert_tensor(one, other)


@check(
    points=2,
    zh="对各种 classes 和 shrink，两个网络的参数形状都正确。",
    hint="Divide every number of maps and both 4096; the inputs of the next layer follow.",
    hint_zh="每个特征图个数和两个 4096 都要除；下一层的输入个数随之而定。",
)
def test_shapes_for_every_shrink(submission, rng):
    """Both networks have the right shapes for every number of classes and every shrink."""
    settings = [(rng.integer(2, 50), shrink) for shrink in (1, 2, 4, 8, 16, 32)]
    expected = [alexnet_shapes(*setting) for setting in settings]
    assert_equal(submission.run(shapes_on_meta, "AlexNet", settings), expected)
    expected = [vgg_shapes(*setting) for setting in settings]
    assert_equal(submission.run(shapes_on_meta, "VGG16", settings), expected)


@check(
    points=2,
    zh="AlexNet 的 conv 中每个位置上都是该有的层，每一层之后的数值都正确。",
    hint="Each ReLU follows its convolution, before the pooling: at the places of the list.",
    hint_zh="ReLU 紧跟在卷积之后、池化之前：位置要和列表里的一致。",
)
def test_every_layer_of_alexnet(submission, rng):
    """At each place in AlexNet's conv stands the layer of the list, with the right values."""
    state, x = random_state(rng, alexnet_shapes(2, 32)), rng.randn(1, 1, 224, 224)
    steps = submission.run(steps_of, "AlexNet", "conv", [2, 32], state, x)
    assert_tensors(steps, alexnet_steps(state, x))


@check(
    points=2,
    zh="VGG16 的 features 中每个位置上都是该有的层，每一层之后的数值都正确。",
    hint="Convolution, ReLU, convolution, ReLU, ..., and one pooling at the end of each block.",
    hint_zh="卷积、ReLU、卷积、ReLU……每一块的最后是一次池化。",
)
def test_every_layer_of_vgg16(submission, rng):
    """At each place in VGG16's features stands the right layer, with the right values."""
    state, x = random_state(rng, vgg_shapes(2, 32)), rng.randn(2, 3, 64, 33)
    steps = submission.run(steps_of, "VGG16", "features", [2, 32], state, x)
    assert_tensors(steps, vgg_steps(state, x))


@check(
    points=2,
    zh="VGG16 的 state_dict 与 torchvision 的 vgg16 一致：名字、顺序和形状。",
    hint="Weights of torchvision must fit: features, avgpool and classifier, made in this order.",
    hint_zh="torchvision 的权重要装得进去：依次创建 features、avgpool、classifier。",
)
def test_state_is_that_of_torchvision(submission):
    """The state of VGG16 has the names, their order, and the shapes of torchvision's vgg16."""
    from torchvision.models import vgg16  # not above: imports travel with the probes

    with torch.device("meta"):
        state = vgg16(weights=None, init_weights=False).state_dict()
    (received,) = submission.run(shapes_on_meta, "VGG16", [()])
    assert_equal(list(received.items()), [(n, tuple(v.shape)) for n, v in state.items()])


@check(
    points=2,
    zh="float64 下，两个网络的分数和全部梯度都正确。",
    hint="No detach, no .data, no no_grad in forward.",
    hint_zh="forward 里不要有 detach、.data 或 no_grad。",
)
def test_gradients_of_both_networks(submission, rng):
    """Both networks give the right scores and gradients in float64."""
    for maker, part, shapes, size in [
        ("AlexNet", "fc", alexnet_shapes(4, 32), (1, 1, 224, 224)),
        ("VGG16", "classifier", vgg_shapes(4, 32), (2, 3, 40, 33)),
    ]:
        state = random_state(rng, shapes, torch.float64)
        x, upstream = (rng.randn(*s, dtype=torch.float64) for s in (size, (size[0], 4)))
        leaves = {name: value.clone().requires_grad_() for name, value in state.items()}
        picture = x.clone().requires_grad_()
        if part == "fc":
            maps = alexnet_steps(leaves, picture)[-1]
        else:
            maps = functional.adaptive_avg_pool2d(vgg_steps(leaves, picture)[-1], 7)
        output = decision(leaves, part, maps)
        slopes = torch.autograd.grad((output * upstream).sum(), [picture, *leaves.values()])
        received = submission.run(slopes_of, maker, [4, 32], state, x, upstream)
        assert_tensors(received, [output, *slopes])


@check(
    points=3,
    zh="训练时两处 Dropout 各以 0.5 的概率丢弃，评估时什么都不丢。",
    hint="nn.Dropout(0.5) after both hidden linear layers and their ReLU, in both networks.",
    hint_zh="两个网络里，前两个线性层和 ReLU 之后都要有 nn.Dropout(0.5)。",
)
def test_dropout_drops_half_twice(submission, rng):
    """In training both dropouts drop half of the numbers; in evaluation none is dropped."""
    for maker, part, shapes, size in [
        ("AlexNet", "fc", alexnet_shapes(128, 32), (4, 1, 224, 224)),
        ("VGG16", "classifier", vgg_shapes(128, 32), (4, 3, 32, 32)),
    ]:
        # The first linear layer gives ones, the others hand on what they get.
        state = random_state(rng, shapes)
        state |= {f"{part}.0.weight": torch.zeros(shapes[f"{part}.0.weight"])}
        state |= {f"{part}.0.bias": torch.ones(128)}
        state |= {f"{part}.{place}.weight": torch.eye(128) for place in (3, 6)}
        state |= {f"{part}.{place}.bias": torch.zeros(128) for place in (3, 6)}
        arguments = [maker, [128, 32], state, rng.randn(*size)]
        training, evaluation = submission.run(scores_in_both_modes, *arguments)
        assert_tensor(evaluation, torch.ones(4, 128))
        kept = training > 2  # twice kept, and doubled each time
        assert_tensor(training, 4.0 * kept)
        assert 0.1 < kept.double().mean().item() < 0.4, maker


@check(
    points=2,
    zh="形状不是 (N, 1, 224, 224) 的输入，AlexNet 都以 ValueError 拒绝；零张图像则可以。",
    hint="Four dimensions, one channel, 224 rows, 224 columns: all of it must be asked for.",
    hint_zh="四维、一个通道、224 行、224 列：每一项都要检查。",
)
def test_alexnet_takes_its_own_shape_only(submission, rng):
    """AlexNet raises ValueError for every other shape, and takes a batch of no pictures."""
    state = random_state(rng, alexnet_shapes(3, 32))
    shapes = [(2, 3, 224, 224), (1, 224, 224), (1, 1, 224, 231), (1, 1, 227, 224), (1, 1, 227, 227)]
    for shape in shapes:
        with raises(ValueError):
            submission.run(evaluated, "AlexNet", [3, 32], state, [rng.randn(*shape)])
    (scores,) = submission.run(evaluated, "AlexNet", [3, 32], state, [torch.zeros(0, 1, 224, 224)])
    assert_tensor(scores, torch.zeros(0, 3))


@check(
    points=2,
    zh="VGG16 接受各种大小的图像，也接受一张、零张和内存不连续的图像。",
    hint="avgpool makes 7x7 of maps of any size, so the classifier always gets as many numbers.",
    hint_zh="avgpool 把任何大小的特征图都变成 7x7，所以 classifier 的输入个数不变。",
)
def test_vgg16_takes_pictures_of_any_size(submission, rng):
    """VGG16 takes pictures of any size, one, none, and such as are not contiguous."""
    state = random_state(rng, vgg_shapes(3, 32))
    sizes = [(1, 3, 32, 32), (2, 3, 33, 70), (2, 3, 96, 48), (0, 3, 40, 32)]
    pictures = [rng.randn(*size) for size in sizes]
    last = [vgg_steps(state, x.transpose(2, 3))[-1] for x in pictures]
    maps = [functional.adaptive_avg_pool2d(x, 7) for x in last]
    received = submission.run(evaluated, "VGG16", [3, 32], state, pictures)
    assert_tensors(received, [decision(state, "classifier", m) for m in maps])


@check(
    points=1,
    zh="两个网络在别的设备上也能以原本的大小使用。",
    hint="Make no tensor of your own in forward; the layers are where the model is.",
    hint_zh="forward 里不要自己创建张量；各层就在模型所在的设备上。",
)
def test_whole_networks_on_another_device(submission, other_device):
    """Both networks work at their full size on another device."""
    found = submission.on("cpu").run(whole_networks, other_device)
    assert_equal(found, [((2, 10), other_device), ((3, 1000), other_device)])


@check(
    points=2,
    zh="feature_shapes 对各种层、零张图像和 meta 设备都给出正确的形状。",
    hint="One tuple of ints for each layer that stands directly in the nn.Sequential.",
    hint_zh="nn.Sequential 里直接的每一层对应一个由 int 组成的元组。",
)
def test_shapes_in_other_layers(submission, rng):
    """feature_shapes is right for other layers, for no picture, and on the device meta."""
    x, maps = rng.randn(3, 2, 9, 8), rng.integer(2, 7)

    def shapes(n):
        return [(n, maps, 7, 5)] * 2 + [(n, maps, 7, 2)] + [(n, maps * 14)] * 2

    expected = [shapes(3), shapes(0), [], shapes(3)]
    assert_equal(submission.run(shapes_in_layers, (3, 4), maps, x), expected)


@check(
    points=2,
    zh="count_on_meta 数得出内存里放不下的网络，共用的参数只数一次，factory 只调用一次。",
    hint="On meta a parameter has a shape and no memory; buffers are no parameters.",
    hint_zh="在 meta 上，参数只有形状，不占内存；缓冲区不是参数。",
)
def test_counts_what_no_memory_holds(submission, rng):
    """count_on_meta counts networks that no memory holds, shared parameters once, in one call."""
    rows, columns = rng.integer(150000, 200000), rng.integer(50000, 60000)
    counts = [rows * columns + 3 * columns, columns * columns + columns, 138357544]
    assert_equal(submission.run(counts_of_layers, rows, columns), (counts, ["meta"]))


@check(
    points=2,
    zh="count_on_meta 之后，张量又在原来的设备上创建；factory 出错时也是这样，并把异常传出来。",
    hint="A `with` block puts things back however it is left.",
    hint_zh="`with` 块无论怎样离开，都会恢复原状。",
)
def test_counting_leaves_the_device_as_it_was(submission):
    """After count_on_meta tensors are made where they were before, also if the factory raises."""
    expected = (["cpu", "cpu", "meta"], "no such network")
    assert_equal(submission.on("cpu").run(places_after_counting), expected)
