"""Public checks of ex10_conv_features: an X that can be counted out, and small networks."""

import torch
from torch import nn

from grader.checks import (
    Mistake,
    assert_close,
    assert_equal,
    assert_tensor,
    check,
    module_output,
    probe,
    state_dict,
)

CROSS = torch.tensor(
    [
        [1.0, -1, -1, -1, 1],
        [-1, 1, -1, 1, -1],
        [-1, -1, 1, -1, -1],
        [-1, 1, -1, 1, -1],
        [1, -1, -1, -1, 1],
    ]
)
DIAGONAL = torch.tensor([[1.0, -1, -1], [-1, 1, -1], [-1, -1, 1]])


def scored(img, feature):
    """Return the mean of the products at every place of a picture (H, W)."""
    return nn.functional.conv2d(img[None, None], feature[None, None])[0, 0] / feature.numel()


@probe
def measure_three_convolutions(student, size):
    """Return measured_rf of three convolutions of 3x3."""
    layers = [nn.Conv2d(1, 2, 3), nn.Conv2d(2, 3, 3), nn.Conv2d(3, 1, 3)]
    return student.measured_rf(nn.Sequential(*layers), size)


@check(
    points=1,
    zh="to_signs 把 0 变成 -1、1 变成 1：bool、uint8 和浮点的图像都可以。",
    hint="A byte has no -1, 0 - 1 is 255 there: make floats first, then compute.",
    hint_zh="字节里没有 -1，0 - 1 会变成 255：先转成浮点数再计算。",
)
def test_to_signs_of_zeros_and_ones(submission):
    """to_signs makes -1 of 0 and 1 of 1, for pictures of bool, uint8 and floats."""
    expected = torch.tensor([[1.0, -1, -1], [-1, -1, 1]])
    for dtype in (torch.bool, torch.uint8, torch.float32):
        picture = torch.tensor([[1, 0, 0], [0, 0, 1]]).to(dtype)
        assert_tensor(submission.to_signs(picture), expected)


@check(
    points=2,
    zh="match_feature 在 README 的 X 上给斜线打分：吻合的两处正好是 1.0。",
    hint="Multiply each window by the feature, number by number, and take the mean of the nine.",
    hint_zh="每个窗口与特征逐项相乘，再对这九个数求平均。",
)
def test_match_feature_finds_the_diagonal_of_an_x(submission):
    """match_feature scores the diagonal on the README's X: 1.0 at the two places where it is."""
    products = nn.functional.conv2d(CROSS[None, None], DIAGONAL[None, None])[0, 0]
    summed = Mistake(
        products,
        en="These are the sums of the products. A perfect match scores 1: take their mean.",
        zh="这是乘积之和。完全吻合应得 1 分：请取平均。",
    )
    expected = torch.tensor([[9.0, -3, 1], [-3, 5, -3], [1, -3, 9]]) / 9
    assert_tensor(submission.match_feature(CROSS, DIAGONAL), expected, mistakes=[summed])


@check(
    points=1,
    zh="图像和特征不是正方形时，match_feature 也正确；一批图像逐张打分。",
    hint="Use the last two dimensions, -2 for the rows and -1 for the columns.",
    hint_zh="只用最后两个维度：-2 是行，-1 是列。",
)
def test_match_feature_on_pictures_side_by_side(submission, rng):
    """match_feature is right for pictures that are not square, one or several at a time."""
    pictures, feature = rng.randn(3, 6, 9), rng.randn(2, 4)
    expected = torch.stack([scored(picture, feature) for picture in pictures])
    assert_tensor(submission.match_feature(pictures[0], feature), expected[0])
    assert_tensor(submission.match_feature(pictures, feature), expected)


@check(
    points=2,
    zh="把 X 移动两个像素，best_match 的得分不变，位置跟着移动。",
    hint="argmax counts through all scores, row after row; the rows are as long as the scores'.",
    hint_zh="argmax 在所有得分里逐行往下数；每行的长度是得分图的宽，不是图像的宽。",
)
def test_best_match_follows_the_feature(submission):
    """When the X moves by two pixels, best_match keeps the score and moves the place."""
    crossing = CROSS[1:4, 1:4].contiguous()
    for row, column in [(1, 2), (3, 2), (1, 4)]:
        picture = -torch.ones(9, 11)
        picture[row : row + 5, column : column + 5] = CROSS
        score, place = submission.best_match(picture, crossing)
        assert_close(score, 1.0)
        assert_equal(place, (row + 1, column + 1))


@check(
    points=1,
    zh="receptive_field：两个 3x3 得 5，三个得 7；卷积、步幅 2 的池化、再卷积得 8。",
    hint="A step behind a layer with stride s is s steps in front of it.",
    hint_zh="在步幅为 s 的层之后走一步，等于在它之前走 s 步。",
)
def test_receptive_field_of_a_few_layers(submission):
    """receptive_field gives 5 and 7 for two and three 3x3, and 8 for conv, pool, conv."""
    assert_equal(submission.receptive_field([(3, 1)] * 2), 5)
    assert_equal(submission.receptive_field([(3, 1)] * 3), 7)
    assert_equal(submission.receptive_field([(3, 1), (2, 2), (3, 1)]), 8)
    assert_equal(submission.receptive_field([]), 1)


@check(
    points=2,
    zh="measured_rf 从梯度量出三个 3x3 卷积的感受野是 7。",
    hint="Differentiate one number of the result, not all of them, with respect to the picture.",
    hint_zh="只对结果里的一个数求关于图像的梯度，不要对整个结果求。",
)
def test_measured_rf_of_three_convolutions(submission):
    """measured_rf finds 7 in the gradients of three 3x3 convolutions."""
    for size in (15, 12):
        assert_equal(submission.run(measure_three_convolutions, size), 7)


@check(
    points=1,
    zh="两种下采样都把 32x32 变成 16x16；33x33 用池化得 16，用卷积得 17。",
    hint="The convolution needs its padding; the pooling has none, and leaves the last row out.",
    hint_zh="卷积需要填充；池化没有填充，最后一行就舍去了。",
)
def test_downsamplers_halve_pictures(submission, rng):
    """Both down-samplers make 16x16 of 32x32; of 33x33 pooling makes 16x16, the other 17x17."""
    for kind, n, expected in [
        ("pool", 32, 16),
        ("conv", 32, 16),
        ("pool", 33, 16),
        ("conv", 33, 17),
    ]:
        pictures = rng.randn(2, 3, n, n)
        output = submission.run(module_output, "make_downsampler", [kind, 3], [pictures])
        assert_equal(tuple(output.shape), (2, 3, expected, expected))


@check(
    points=1,
    zh="池化没有任何要学的东西；卷积恰有 weight (c, c, 3, 3) 和 bias (c,)。",
    hint="A layer inside another gets a longer name, such as 0.weight. Return the layer itself.",
    hint_zh="套在别的模块里的层，名字会变长，比如 0.weight。请直接返回这个层。",
)
def test_downsamplers_have_the_right_parameters(submission):
    """Pooling has nothing to learn; the convolution has a weight (c, c, 3, 3) and a bias (c,)."""
    assert_equal(submission.run(state_dict, "make_downsampler", ["pool", 4]), {})
    parameters = submission.run(state_dict, "make_downsampler", ["conv", 4])
    shapes = {name: tuple(value.shape) for name, value in parameters.items()}
    assert_equal(shapes, {"weight": (4, 4, 3, 3), "bias": (4,)})
