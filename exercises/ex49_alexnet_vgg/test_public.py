"""Public checks of ex49_alexnet_vgg: names, scores of small versions, shapes, and numbers."""

import torch
from torch import nn
from torch.nn import functional

from grader.checks import Mistake, assert_equal, assert_tensor, check, probe, raises


@probe
def shapes_on_meta(student, maker, *init):
    """Return the shapes in the state of a network that is made without memory."""
    with torch.device("meta"):
        model = getattr(student, maker)(*init)
    return {name: tuple(value.shape) for name, value in model.state_dict().items()}


@probe
def scores_of(student, maker, init, state, x):
    """Return the scores of a network with these parameters, in evaluation mode."""
    model = getattr(student, maker)(*init).to(x.device, x.dtype).eval()
    model.load_state_dict(state)
    return model(x)


@probe
def shapes_in_alexnet(student, size):
    """Return the shapes in the conv part of the full AlexNet, on the device meta."""
    with torch.device("meta"):
        return student.feature_shapes(student.AlexNet().conv, torch.zeros(*size))


@probe
def some_counts(student):
    """Return the number of parameters of a layer and of AlexNet."""
    factories = [lambda: nn.Linear(1000, 100), student.AlexNet]
    return [student.count_on_meta(factory) for factory in factories]


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


def decision(state, part, x, act=torch.relu):
    """Return what the three linear layers of this part make of the maps, without dropout."""
    x = x.flatten(1)
    for place in (0, 3, 6):
        x = functional.linear(x, state[f"{part}.{place}.weight"], state[f"{part}.{place}.bias"])
        x = x if place == 6 else act(x)
    return x


@check(
    points=1,
    zh="AlexNet 的参数名字和形状都正确，与笔记中的网络一样。",
    hint="The places in conv and fc make the names; the first linear layer takes 256 * 5 * 5.",
    hint_zh="层在 conv 和 fc 里的位置决定参数的名字；第一个线性层的输入是 256 * 5 * 5。",
)
def test_names_and_shapes_of_alexnet(submission):
    """AlexNet has the names and shapes of parameters that its layers in the notes have."""
    assert_equal(submission.run(shapes_on_meta, "AlexNet"), alexnet_shapes())


@check(
    points=2,
    zh="缩小 32 倍的 AlexNet 对图像给出正确的分数。",
    hint="conv, then flatten(1), then fc. Are kernels, strides and paddings those of the list?",
    hint_zh="先 conv，再 flatten(1)，再 fc。卷积核、步幅和填充都和列表里的一致吗？",
)
def test_scores_of_alexnet(submission, rng):
    """A 32 times smaller AlexNet gives the right scores for its pictures."""
    state, x = random_state(rng, alexnet_shapes(3, 32)), rng.randn(2, 1, 224, 224)
    maps = alexnet_steps(state, x)[-1]
    expected = decision(state, "fc", maps)
    mistakes = [
        Mistake(
            decision(state, "fc", maps, act=lambda x: x),
            en="This is the result without ReLU between the linear layers.",
            zh="这是线性层之间没有 ReLU 的结果。",
        ),
        Mistake(
            expected.softmax(1),
            en="These are probabilities. The cross entropy contains the softmax: return scores.",
            zh="这是概率。交叉熵里已经包含 softmax，请直接返回分数。",
        ),
    ]
    received = submission.run(scores_of, "AlexNet", [3, 32], state, x)
    assert_tensor(received, expected, mistakes=mistakes)


@check(
    points=1,
    zh="图像是 28x28 时，AlexNet 抛出 ValueError。",
    hint="Compare x.shape with (N, 1, 224, 224) at the beginning of forward.",
    hint_zh="在 forward 的开头，把 x.shape 与 (N, 1, 224, 224) 比较。",
)
def test_alexnet_refuses_small_pictures(submission, rng):
    """AlexNet raises ValueError for pictures of 28x28."""
    state = random_state(rng, alexnet_shapes(3, 32))
    with raises(ValueError):
        submission.run(scores_of, "AlexNet", [3, 32], state, rng.randn(2, 1, 28, 28))


@check(
    points=1,
    zh="VGG16 的参数名字和形状都正确：13 个卷积层，3 个线性层。",
    hint="Five blocks; ReLU and pooling take places in features too, so the names leave gaps.",
    hint_zh="一共五块；ReLU 和池化在 features 里也占位置，所以名字里的编号不连续。",
)
def test_names_and_shapes_of_vgg16(submission):
    """VGG16 has the names and shapes of its 13 convolutions and 3 linear layers."""
    assert_equal(submission.run(shapes_on_meta, "VGG16"), vgg_shapes())


@check(
    points=2,
    zh="缩小 16 倍的 VGG16 对图像给出正确的分数。",
    hint="features, avgpool, flatten(1), classifier, and nothing after it.",
    hint_zh="依次是 features、avgpool、flatten(1)、classifier，之后什么都没有。",
)
def test_scores_of_vgg16(submission, rng):
    """A 16 times smaller VGG16 gives the right scores for its pictures."""
    state, x = random_state(rng, vgg_shapes(5, 16)), rng.randn(2, 3, 64, 96)
    maps = functional.adaptive_avg_pool2d(vgg_steps(state, x)[-1], 7)
    expected = decision(state, "classifier", maps)
    mistakes = [
        Mistake(
            expected.softmax(1),
            en="These are probabilities. The cross entropy contains the softmax: return scores.",
            zh="这是概率。交叉熵里已经包含 softmax，请直接返回分数。",
        )
    ]
    received = submission.run(scores_of, "VGG16", [5, 16], state, x)
    assert_tensor(received, expected, mistakes=mistakes)


@check(
    points=2,
    zh="feature_shapes 给出 AlexNet 的 conv 中每一层之后的形状，一直到 256 张 5x5 的特征图。",
    hint="The result of each layer is the input of the next; one shape after each of the 13.",
    hint_zh="每一层的结果是下一层的输入；13 层各记一个形状。",
)
def test_shapes_in_alexnet(submission):
    """feature_shapes gives the shape after each layer of AlexNet's conv, down to 256 of 5x5."""
    sizes = [(96, 54)] * 2 + [(96, 26)] + [(256, 26)] * 2 + [(256, 12)] + [(384, 12)] * 4
    sizes += [(256, 12)] * 2 + [(256, 5)]
    expected = [(7, maps, side, side) for maps, side in sizes]
    assert_equal(submission.run(shapes_in_alexnet, (7, 1, 224, 224)), expected)


@check(
    points=2,
    zh="count_on_meta 数出一个层的 100100 个参数和 AlexNet 的 46764746 个参数。",
    hint="Call the factory inside `with torch.device(...)`, then add up numel() of the parameters.",
    hint_zh="在 `with torch.device(...)` 里调用 factory，再把各参数的 numel() 加起来。",
)
def test_numbers_of_parameters(submission):
    """count_on_meta finds 100100 parameters in a layer and 46764746 in AlexNet."""
    assert_equal(submission.run(some_counts), [100100, 46764746])
