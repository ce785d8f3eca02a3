"""Public checks of ex06_module: the modules of the notes, with names, shapes and numbers."""

import torch
from torch import nn

from grader.checks import (
    Mistake,
    assert_equal,
    assert_tensor,
    check,
    module_output,
    probe,
    state_dict,
)


@probe
def count_in_mlp(student):
    """Return counts for an MLP with a BatchNorm: all, and with the first layer frozen."""
    net = nn.Sequential(nn.Linear(784, 256), nn.BatchNorm1d(256), nn.ReLU(), nn.Linear(256, 10))
    counts = [student.count_parameters(net), student.count_parameters(net, trainable_only=False)]
    net[0].requires_grad_(requires_grad=False)
    return [*counts, student.count_parameters(net)]


@probe
def describe_small_network(student):
    """Return the names and shapes for a convolution, a BatchNorm and a linear layer."""
    net = nn.Sequential(nn.Conv2d(3, 6, 5), nn.BatchNorm2d(6), nn.Flatten(), nn.Linear(24, 7))
    return [[name, list(shape)] for name, shape in student.describe_parameters(net)]


def shapes(state):
    """Return the shape of every tensor in a state_dict."""
    return {name: tuple(value.shape) for name, value in state.items()}


@check(
    points=1,
    zh="ConvNet 把 (2, 3, 32, 32) 变成 (2, 10)。",
    hint="forward must return what the last layer gave, and the pictures stay the first dimension.",
    hint_zh="forward 要返回最后一层的结果；第一维始终是图像的张数。",
)
def test_conv_net_gives_ten_scores_for_each_picture(submission, rng):
    """ConvNet turns a batch (2, 3, 32, 32) into (2, 10)."""
    scores = submission.run(module_output, "ConvNet", [], [rng.rand(2, 3, 32, 32)])
    assert_equal(tuple(scores.shape), (2, 10))


@check(
    points=1,
    zh="ConvNet 恰有四个参数：conv.weight、conv.bias、fc.weight 和 fc.bias。",
    hint="Both layers are made once, in __init__, and set on self under these names.",
    hint_zh="两个层都在 __init__ 里创建一次，并用这两个名字赋给 self。",
)
def test_conv_net_registers_two_layers(submission):
    """ConvNet has exactly conv.weight, conv.bias, fc.weight and fc.bias."""
    expected = {"conv.weight": (64, 3, 3, 3), "conv.bias": (64,)}
    expected |= {"fc.weight": (10, 64 * 32 * 32), "fc.bias": (10,)}
    assert_equal(shapes(submission.run(state_dict, "ConvNet", [])), expected)


@check(
    points=1,
    zh="Center 减去所有数共同的平均值：[1, 2, 3, 4, 5] 变成 [-2, -1, 0, 1, 2]；它没有参数。",
    hint="x.mean() without dim is the mean of all numbers; with dim there is one for each row.",
    hint_zh="x.mean() 不写 dim 就是所有数的平均值；写了 dim，则每一行各有一个平均值。",
)
def test_center_takes_away_the_mean(submission):
    """Center takes away the mean of all numbers, [1, 2, 3, 4, 5] to [-2, ..., 2], without state."""
    line = torch.tensor([1.0, 2, 3, 4, 5])
    centred = submission.run(module_output, "Center", [], [line])
    assert_tensor(centred, torch.tensor([-2.0, -1, 0, 1, 2]))
    matrix = torch.tensor([[1.0, 2, 6], [4, 8, 9]])
    mistakes = [
        Mistake(
            matrix - matrix.mean(dim=dim, keepdim=True),
            en="Each row or column has lost a mean of its own; there is one mean for all numbers.",
            zh="每行或每列各减了自己的平均值；其实所有的数只有一个平均值。",
        )
        for dim in (0, 1)
    ]
    centred = submission.run(module_output, "Center", [], [matrix])
    assert_tensor(centred, torch.tensor([[-4.0, -3, 1], [-1, 3, 4]]), mistakes=mistakes)
    assert_equal(submission.run(state_dict, "Center", []), {})


@check(
    points=1,
    zh="ListDense 登记了四个参数：params.0 到 params.2 为 4x4，params.3 为 4x1。",
    hint="A plain Python list hides its parameters from the module; nn.ParameterList does not.",
    hint_zh="普通 Python 列表里的参数，模块是看不见的；nn.ParameterList 才会登记。",
)
def test_list_dense_registers_four_matrices(submission):
    """ListDense registers params.0 to params.2 of 4x4 and params.3 of 4x1."""
    expected = {"params.0": (4, 4), "params.1": (4, 4), "params.2": (4, 4), "params.3": (4, 1)}
    assert_equal(shapes(submission.run(state_dict, "ListDense", [])), expected)


@check(
    points=1,
    zh="ListDense 依次与四个矩阵相乘，把 (N, 4) 变成 (N, 1)。",
    hint="x = x @ p for each matrix in turn; the order matters, and nothing is transposed.",
    hint_zh="依次对每个矩阵做 x = x @ p；次序不能乱，也不要转置。",
)
def test_list_dense_multiplies_in_turn(submission, rng):
    """ListDense multiplies by its four matrices in turn."""
    x, *matrices = (
        rng.randn(rows, columns, dtype=torch.float64)
        for rows, columns in [(2, 4), (4, 4), (4, 4), (4, 4), (4, 1)]
    )
    state = {f"params.{index}": matrix for index, matrix in enumerate(matrices)}
    output = submission.run(module_output, "ListDense", [], [x], state=state)
    assert_tensor(output, x @ matrices[0] @ matrices[1] @ matrices[2] @ matrices[3])


@check(
    points=1,
    zh="DictDense 登记了 params.linear1（4x4）、params.linear2（4x1）和 params.linear3（4x2）。",
    hint="Give nn.ParameterDict the three names; super().__init__() comes before anything else.",
    hint_zh="把三个名字交给 nn.ParameterDict；super().__init__() 要写在最前面。",
)
def test_dict_dense_registers_three_matrices(submission):
    """DictDense registers params.linear1, params.linear2 and params.linear3."""
    expected = {"params.linear1": (4, 4), "params.linear2": (4, 1), "params.linear3": (4, 2)}
    assert_equal(shapes(submission.run(state_dict, "DictDense", [])), expected)


@check(
    points=1,
    zh="DictDense 与选中的矩阵相乘；不指定时用 linear1。",
    hint="choice is a key of self.params; its default stands in the signature of forward.",
    hint_zh="choice 是 self.params 的键；默认值写在 forward 的签名里。",
)
def test_dict_dense_multiplies_by_the_chosen_matrix(submission, rng):
    """DictDense multiplies by the chosen matrix, and by linear1 when none is chosen."""
    x = rng.randn(2, 4)
    matrices = {"linear1": rng.randn(4, 4), "linear2": rng.randn(4, 1), "linear3": rng.randn(4, 2)}
    state = {f"params.{name}": matrix for name, matrix in matrices.items()}
    output = submission.run(module_output, "DictDense", [], [x], state=state)
    assert_tensor(output, x @ matrices["linear1"])
    for name, matrix in matrices.items():
        output = submission.run(module_output, "DictDense", [], [x, name], state=state)
        assert_tensor(output, x @ matrix)


@check(
    points=1,
    zh="Linear(784, 256)、BatchNorm1d(256)、ReLU、Linear(256, 10) 共有 204042 个参数；"
    "冻结第一层之后剩 3082 个可训练。",
    hint="784·256 + 256, twice 256 for the BatchNorm, 256·10 + 10. Its running statistics are "
    "buffers, no parameters.",
    hint_zh="784·256 + 256，BatchNorm 两组 256，再加 256·10 + 10。滑动统计量是缓冲区，不是参数。",
)
def test_count_parameters_of_the_mlp(submission):
    """count_parameters finds 204042 in a small MLP, and 3082 with its first layer frozen.

    It has Linear(784, 256), BatchNorm1d(256), ReLU, Linear(256, 10).
    """
    assert_equal(submission.run(count_in_mlp), [204042, 204042, 3082])


@check(
    points=1,
    zh="describe_parameters 按登记的次序列出名字和形状，不含 BatchNorm 的缓冲区。",
    hint="named_parameters() gives names and parameters; state_dict() holds buffers as well.",
    hint_zh="named_parameters() 给出名字和参数；state_dict() 里还有缓冲区。",
)
def test_describe_parameters_of_a_small_network(submission):
    """describe_parameters lists names and shapes in order, without the buffers of a BatchNorm."""
    expected = [["0.weight", [6, 3, 5, 5]], ["0.bias", [6]], ["1.weight", [6]], ["1.bias", [6]]]
    expected += [["3.weight", [7, 24]], ["3.bias", [7]]]
    assert_equal(submission.run(describe_small_network), expected)


@check(
    points=1,
    zh="functional_forward 用给定的张量算出与模块相同的结果，尺寸由张量决定。",
    hint="F.conv2d with padding=1, F.relu, flatten from dimension 1 on, F.linear.",
    hint_zh="依次是 padding=1 的 F.conv2d、F.relu、从第 1 维起展平、F.linear。",
)
def test_functional_forward_equals_the_modules(submission, rng):
    """functional_forward computes with the given tensors what modules with them compute."""
    net = nn.Sequential()
    net.add_module("conv", nn.Conv2d(2, 3, 3, padding=1))
    net.add_module("relu", nn.ReLU())
    net.add_module("flatten", nn.Flatten())
    net.add_module("fc", nn.Linear(3 * 4 * 5, 6))
    net.double()
    shapes_by_name = shapes(net.state_dict())
    state = {name: rng.randn(*shape, dtype=torch.float64) for name, shape in shapes_by_name.items()}
    net.load_state_dict(state)
    x = rng.randn(2, 2, 4, 5, dtype=torch.float64)
    mistakes = [
        Mistake(
            net.fc(net.conv(x).flatten(1)),
            en="This is the result without the ReLU between the two layers.",
            zh="这是两层之间没有 ReLU 的结果。",
        ),
        Mistake(
            net(x).relu(),
            en="A ReLU stands behind the last layer as well, so that no score is below zero.",
            zh="最后一层之后也加了 ReLU，于是没有负的分数。",
        ),
    ]
    assert_tensor(submission.functional_forward(x, state), net(x), mistakes=mistakes)
