"""Public checks of ex12_linear_flatten: small numbers, and the sizes of the notes."""

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

WEIGHT = torch.tensor([[1.0, -2, 0, 3], [2, 1, 1, -1], [0, 1, -1, 2]])
BIAS = torch.tensor([1.0, -4, 5])
PICTURES = torch.tensor([[2.0, 1], [1, 0], [3, 2], [1, 2]])  # two of them, in the columns


@probe
def flat_features(student, x):
    """Return num_flat_features and flatten_features of x."""
    return [student.num_flat_features(x), student.flatten_features(x)]


@probe
def converted(student, weight, bias, sizes, maps):
    """Return the weight of the convolution made of a linear layer, and what it makes of maps."""
    fc = nn.Linear(weight.shape[1], weight.shape[0])
    fc.load_state_dict({"weight": weight, "bias": bias})
    conv = student.linear_to_conv(fc, *sizes)
    return [conv.weight, conv(maps)]


@check(
    points=1,
    zh="MyLinear(5, 10) 恰有两个参数：形状为 (10, 5) 的 weight 和形状为 (10,) 的 bias。",
    hint="One row of the weight for each output: (out_features, in_features), both on self.",
    hint_zh="weight 的每一行对应一个输出：(out_features, in_features)；两个参数都要赋给 self。",
)
def test_my_linear_has_a_weight_and_a_bias(submission):
    """MyLinear(5, 10) has exactly two parameters, weight (10, 5) and bias (10,)."""
    parameters = submission.run(state_dict, "MyLinear", [5, 10])
    shapes = {name: tuple(value.shape) for name, value in parameters.items()}
    assert_equal(shapes, {"weight": (10, 5), "bias": (10,)})


@check(
    points=1,
    zh="MyLinear 把 (3, 5) 变成 (3, 10)，数值等于 x @ weight.T + bias。",
    hint="The weight is (10, 5) and a row of x has 5 numbers: it takes a transpose to multiply.",
    hint_zh="weight 是 (10, 5)，x 的一行有 5 个数：要转置之后才能相乘。",
)
def test_my_linear_turns_five_numbers_into_ten(submission, rng):
    """MyLinear turns (3, 5) into (3, 10): x @ weight.T + bias."""
    x, state = rng.randn(3, 5), {"weight": rng.randn(10, 5), "bias": rng.randn(10)}
    output = submission.run(module_output, "MyLinear", [5, 10], [x], state=state)
    plain = x @ state["weight"].T
    forgotten = Mistake(
        plain,
        en="This is the product without the bias.",
        zh="这是没有加偏置的乘积。",
    )
    assert_tensor(output, plain + state["bias"], mistakes=[forgotten])


@check(
    points=1,
    zh="scores 得到说明里的得分 4、3、5；10x3072 乘 3072x1 得到 10x1。",
    hint="b is (K,) and the product (K, N). Which way does b lie when the two are added?",
    hint_zh="b 是 (K,)，乘积是 (K, N)。两者相加时，b 是横着摆的还是竖着摆的？",
)
def test_scores_of_the_worked_example(submission, rng):
    """scores gives the worked example (4, 3, 5), and 10x3072 times 3072x1 gives 10x1."""
    expected = torch.tensor([[4.0, 8], [3, -2], [5, 7]])
    assert_tensor(submission.scores(WEIGHT, PICTURES[:, :1], BIAS), expected[:, :1])
    assert_tensor(submission.scores(WEIGHT, PICTURES, BIAS), expected)
    weight, picture, bias = rng.randn(10, 3072) / 55, rng.randn(3072, 1), rng.randn(10)
    expected = weight @ picture + bias[:, None]
    assert_tensor(submission.scores(weight, picture, bias), expected, rtol=1e-4, atol=1e-4)


@check(
    points=1,
    zh="predict_class 对每一列给出得分最大的类别，偏置也算在内。",
    hint="The classes stand in dimension 0 of the scores, the pictures in dimension 1.",
    hint_zh="得分的第 0 维是类别，第 1 维是图像。",
)
def test_predict_class_takes_the_largest_score(submission):
    """predict_class gives, for each column, the class with the largest score, bias included."""
    assert_tensor(submission.predict_class(WEIGHT, PICTURES, BIAS), torch.tensor([2, 0]))
    assert_tensor(submission.predict_class(WEIGHT, PICTURES, BIAS * 0), torch.tensor([1, 0]))


@check(
    points=1,
    zh="flatten_features 把 (64, 64, 4, 4) 变成 (64, 1024)，只有一张图像时得到 (1, 1024)。",
    hint="Dimension 0 stays as it is, whatever its size; only what comes after it is joined.",
    hint_zh="第 0 维不管多大都保持不动，只合并它后面的各维。",
)
def test_flatten_keeps_the_batch(submission, rng):
    """flatten_features turns (64, 64, 4, 4) into (64, 1024), and one picture into (1, 1024)."""
    for count in (64, 1):
        maps = rng.randn(count, 64, 4, 4)
        features, rows = submission.run(flat_features, maps)
        assert_equal(features, 1024)
        assert_tensor(rows, maps.reshape(count, 1024))


@check(
    points=2,
    zh="20 张 12x12 的特征图全连接到 100 个输出，等于 100 个 20x12x12 的卷积核。",
    hint="Row k of fc.weight was made for a flattened (c, h, w): give it that shape back.",
    hint_zh="fc.weight 的第 k 行对应展平的 (c, h, w)：把这个形状还给它。",
)
def test_linear_to_conv_on_the_layer_of_the_notes(submission, rng):
    """20 maps of 12x12 to 100 outputs become 100 kernels of 20x12x12 that give the same."""
    weight, bias, maps = rng.randn(100, 2880) / 54, rng.randn(100), rng.randn(2, 20, 12, 12)
    kernels, output = submission.run(converted, weight, bias, (20, 12, 12), maps)
    assert_equal(tuple(kernels.shape), (100, 20, 12, 12))
    expected = nn.functional.linear(maps.flatten(1), weight, bias)[:, :, None, None]
    mixed = weight.reshape(100, 12, 12, 20).permute(0, 3, 1, 2)
    last = Mistake(
        nn.functional.conv2d(maps, mixed, bias),
        en="The kernels have the right shape, but the numbers of each row were laid out with the "
        "maps last. A flattened picture counts map by map.",
        zh="卷积核的形状对了，但每一行的数是按通道在最后的次序摆放的。展平图像时是一个通道接一个通道数的。",
    )
    assert_tensor(output, expected, rtol=1e-4, atol=1e-4, mistakes=[last])
