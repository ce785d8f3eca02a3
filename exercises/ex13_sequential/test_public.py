"""Public checks of ex13_sequential: names, sizes and values of small chains and of CifarNet."""

import torch
from torch import nn

from grader.checks import assert_equal, assert_tensor, check, module_output, probe, state_dict

SHAPES = [[32, 32, 32], [32, 16, 16], [32, 16, 16], [32, 8, 8], [64, 8, 8], [64, 4, 4]]
SHAPES = [[1, *shape] for shape in SHAPES] + [[1, 1024], [1, 64], [1, 10]]


@probe
def linear(weight, bias):
    """Return a linear layer with these parameters."""
    layer = nn.Linear(weight.shape[1], weight.shape[0])
    layer.load_state_dict({"weight": weight, "bias": bias})
    return layer


@probe
def chained(student, first, second, names, x):
    """Return the names of a chain of three layers, and what it and its places 0 and 2 give."""
    layers = [linear(*first), nn.ReLU(), linear(*second)]
    if names is None:
        model = student.build_seq(layers)
    else:
        model = student.build_named(list(zip(names, layers, strict=True)))
    return [list(model.state_dict()), model(x), model[2](model[0](x))]


@probe
def shapes_of_cifar_net(student, x):
    """Return layer_shapes of the model of CifarNet."""
    return [list(shape) for shape in student.layer_shapes(student.CifarNet().model, x)]


@probe
def shapes_of_two_activations(student, x):
    """Return layer_shapes of a chain in which one and the same ReLU stands twice."""
    relu = nn.ReLU()
    model = nn.Sequential(nn.Linear(4, 6), relu, nn.Linear(6, 3), relu)
    return [list(shape) for shape in student.layer_shapes(model, x)]


@probe
def beginning(student, x):
    """Return the names in the first two of three named layers, and the outputs of both."""
    layers = {"inner": nn.Linear(3, 4), "act": nn.Tanh(), "outer": nn.Linear(4, 2)}
    model = nn.Sequential()
    for name, layer in layers.items():
        model.add_module(name, layer)
    part = student.first_layers(model, 2)
    layers["inner"].weight.data.fill_(0.5)  # the layers are shared, so both change
    layers["inner"].bias.data.fill_(-1.0)
    return [list(part.state_dict()), part(x)]


@probe
def merged(student, first, second, x):
    """Return the parameters of two linear layers merged into one, and what it makes of x."""
    layer = student.merge_linear(linear(*first), linear(*second))
    return [layer.weight, layer.bias, layer(x)]


@probe
def first_values(student, mean, std, a, b):
    """Return the parameters of CifarNet after init_all."""
    model = student.CifarNet()
    student.init_all(model, mean, std, a, b)
    return dict(model.state_dict())


def two_layers(rng):
    """Return random parameters of two linear layers, 3 -> 4 and 4 -> 2."""
    return (rng.randn(4, 3), rng.randn(4)), (rng.randn(2, 4), rng.randn(2))


@check(
    points=1,
    zh="build_seq 把各层依次串起来，名字是 0、1、2，第 0 层的权重叫 0.weight。",
    hint="nn.Sequential takes layers one by one, nn.Sequential(a, b, c): a star unpacks a list.",
    hint_zh="nn.Sequential 要一个一个地接收各层：nn.Sequential(a, b, c)；列表前加星号就能展开。",
)
def test_build_seq_numbers_the_layers(submission, rng):
    """build_seq makes a chain whose layers are called 0, 1, 2: "0.weight", "0.bias" and so on."""
    (first, second), x = two_layers(rng), rng.randn(5, 3)
    names, output, skipping = submission.run(chained, first, second, None, x)
    assert_equal(names, ["0.weight", "0.bias", "2.weight", "2.bias"])
    middle = nn.functional.linear(x, *first)
    assert_tensor(output, nn.functional.linear(middle.relu(), *second))
    assert_tensor(skipping, nn.functional.linear(middle, *second))


@check(
    points=1,
    zh="build_named 按给定的名字和次序串起各层，例如 squeeze.weight。",
    hint="Names come from an OrderedDict; the order is the one given, not the alphabet's.",
    hint_zh="名字来自 OrderedDict；次序就是给定的次序，不按字母排列。",
)
def test_build_named_keeps_names_and_order(submission, rng):
    """build_named makes a chain with the given names, in the given order."""
    (first, second), x = two_layers(rng), rng.randn(5, 3)
    names, output, skipping = submission.run(chained, first, second, ["zoom", "act", "fc"], x)
    assert_equal(names, ["zoom.weight", "zoom.bias", "fc.weight", "fc.bias"])
    middle = nn.functional.linear(x, *first)
    assert_tensor(output, nn.functional.linear(middle.relu(), *second))
    assert_tensor(skipping, nn.functional.linear(middle, *second))


@check(
    points=2,
    zh="CifarNet 有 145578 个参数，名字从 model.0.weight 到 model.8.bias，每张图像得到十个得分。",
    hint="A kernel of 5 keeps the size with padding 2; three poolings take 32 to 4, so 64 maps "
    "make 1024 numbers.",
    hint_zh="卷积核为 5 时，填充 2 才能保持尺寸；三次池化把 32 变成 4，64 张特征图就是 1024 个数。",
)
def test_cifar_net_has_nine_layers(submission, rng):
    """CifarNet has 145578 parameters, model.0.weight to model.8.bias, and gives ten scores."""
    state = submission.run(state_dict, "CifarNet", [])
    expected = [f"model.{i}.{name}" for i in (0, 2, 4, 7, 8) for name in ("weight", "bias")]
    assert_equal(list(state), expected)
    assert_equal(sum(value.numel() for value in state.values()), 145578)
    scores = submission.run(module_output, "CifarNet", [], [rng.rand(4, 3, 32, 32)])
    assert_equal(tuple(scores.shape), (4, 10))


@check(
    points=1,
    zh="layer_shapes 列出 CIFAR 模型的九个形状；同一层用在两处时，算两层。",
    hint="Go through the model itself; children() names a layer once, however often it is used.",
    hint_zh="直接遍历模型本身；children() 对同一层只列一次，不管它用在几处。",
)
def test_layer_shapes_of_the_cifar_model(submission, rng):
    """layer_shapes gives the nine shapes of the CIFAR model, and counts a repeated layer twice."""
    shapes = submission.run(shapes_of_cifar_net, rng.rand(1, 3, 32, 32))
    assert_equal(shapes, SHAPES)
    shapes = submission.run(shapes_of_two_activations, rng.randn(5, 4))
    assert_equal(shapes, [[5, 6], [5, 6], [5, 3], [5, 3]])


@check(
    points=1,
    zh="first_layers(model, 2) 给出前两层，它们仍是原来的层，名字也不变。",
    hint="Slicing a Sequential gives a Sequential that shares the layers and keeps their names.",
    hint_zh="对 Sequential 切片，得到的仍是 Sequential，各层是共享的，名字也保留。",
)
def test_first_layers_shares_what_it_takes(submission, rng):
    """first_layers(model, 2) has the first two layers of model, with their names, no copies."""
    x = rng.randn(6, 3)
    names, output = submission.run(beginning, x)
    assert_equal(names, ["inner.weight", "inner.bias"])
    assert_tensor(output, torch.tanh(x.sum(1, keepdim=True) / 2 - 1).expand(6, 4))


@check(
    points=1,
    zh="merge_linear 对说明里的例子得到 [[1, 1], [-1, 3]] 和偏置 [2, -1]。",
    hint="Write W2 (W1 x + b1) + b2 without brackets. What stands before x, and what is left?",
    hint_zh="把 W2 (W1 x + b1) + b2 的括号打开：x 前面是什么？剩下的又是什么？",
)
def test_merge_linear_on_the_worked_example(submission, rng):
    """merge_linear gives [[1, 1], [-1, 3]] and the bias [2, -1] for the worked example."""
    first = torch.tensor([[1.0, 2], [0, -1], [3, 1]]), torch.tensor([1.0, 0, 2])
    second = torch.tensor([[1.0, 1, 0], [2, 0, -1]]), torch.tensor([1.0, -1])
    x = rng.randn(4, 2)
    weight, bias, output = submission.run(merged, first, second, x)
    assert_tensor(weight, torch.tensor([[1.0, 1], [-1, 3]]))
    assert_tensor(bias, torch.tensor([2.0, -1]))
    assert_tensor(output, nn.functional.linear(nn.functional.linear(x, *first), *second))


@check(
    points=1,
    zh="init_all(model, mean=7, std=0, a=5, b=6) 使 CifarNet 的权重都是 7，偏置在 5 与 6 之间。",
    hint="The layers of CifarNet stand one level down, in model.model; modules() reaches them.",
    hint_zh="CifarNet 的各层在下一级的 model.model 里；modules() 能到达它们。",
)
def test_init_all_sets_every_weight_of_cifar_net(submission):
    """init_all(model, mean=7, std=0, a=5, b=6) makes weights of 7 and biases between 5 and 6."""
    values = submission.run(first_values, 7.0, 0.0, 5.0, 6.0)
    assert_equal(len(values), 10)
    for name, value in values.items():
        if name.endswith("weight"):
            assert_tensor(value, torch.full_like(value, 7.0))
        else:
            assert_tensor(value, value.clamp(5, 6))
            assert_equal(len(value.unique()) > 1, expected=True)  # not all alike
