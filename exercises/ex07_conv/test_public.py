"""Public checks of ex07_conv: the numbers of the notes, and random pictures beside them."""

import torch
from torch import nn

from grader.checks import (
    Mistake,
    assert_equal,
    assert_tensor,
    check,
    module_output,
    raises,
    state_dict,
)

PICTURE = torch.tensor(
    [[1, 2, 0, 3, 1], [0, 1, 2, 3, 1], [1, 2, 1, 0, 0], [5, 2, 3, 1, 1], [2, 1, 0, 1, 1]],
    dtype=torch.float32,
)
KERNEL = torch.tensor([[1, 2, 1], [0, 1, 0], [2, 1, 0]], dtype=torch.float32)


def correlate(picture, kernel):
    """Return the cross-correlation of a picture (H, W) with a kernel (h, w)."""
    return nn.functional.conv2d(picture[None, None], kernel[None, None])[0, 0]


def turned(picture, kernel):
    """Return the mistake of turning the kernel around, as a convolution in mathematics does."""
    return Mistake(
        correlate(picture, kernel.flip(0, 1)),
        en="This is the result with the kernel turned around. PyTorch does not turn it: "
        "each window is multiplied by the kernel as it stands.",
        zh="这是把卷积核旋转 180 度之后的结果。PyTorch 并不翻转卷积核："
        "每个窗口直接与卷积核逐项相乘。",
    )


@check(
    points=1,
    zh="corr2d 对笔记中的 5x5 图像和 3x3 卷积核算出正确的结果。",
    hint="The first number is 10: multiply the upper left 3x3 window by the kernel as it stands.",
    hint_zh="第一个数是 10：取左上角的 3x3 窗口，与卷积核逐项相乘再求和，卷积核不翻转。",
)
def test_corr2d_on_the_picture_of_the_notes(submission):
    """corr2d gives the 3x3 result of the notes for their 5x5 picture."""
    expected = torch.tensor([[10.0, 12, 12], [18, 16, 16], [13, 9, 3]])
    mistakes = [turned(PICTURE, KERNEL)]
    assert_tensor(submission.corr2d(PICTURE, KERNEL), expected, mistakes=mistakes)


@check(
    points=1,
    zh="图像和卷积核不是正方形时，corr2d 的每个位置也都正确。",
    hint="Rows come from H and h, columns from W and w. Write both sizes down before the loops.",
    hint_zh="行数由 H 和 h 决定，列数由 W 和 w 决定。先写清两个尺寸，再写循环。",
)
def test_corr2d_on_pictures_that_are_not_square(submission, rng):
    """corr2d is right at every position when neither picture nor kernel is square."""
    for size, kernel_size in [((9, 6), (2, 3)), ((5, 11), (4, 2))]:
        picture, kernel = rng.randn(*size), rng.randn(*kernel_size)
        expected, mistakes = correlate(picture, kernel), [turned(picture, kernel)]
        assert_tensor(submission.corr2d(picture, kernel), expected, mistakes=mistakes)


@check(
    points=1,
    zh="卷积核比图像高，或输入不是二维时，corr2d 抛出 ValueError。",
    hint="Compare the sizes first and write `raise ValueError(...)` yourself.",
    hint_zh="开头先比较尺寸，不合适就自己 `raise ValueError(...)`。",
)
def test_corr2d_refuses_a_kernel_that_is_too_high(submission, rng):
    """corr2d raises ValueError when the kernel is higher than the picture or X is not 2-d."""
    with raises(ValueError):
        submission.corr2d(rng.randn(3, 8), rng.randn(4, 2))
    with raises(ValueError):
        submission.corr2d(rng.randn(1, 6, 5), rng.randn(2, 3))


@check(
    points=1,
    zh="Conv2D 恰有两个参数：形状为 kernel_size 的 weight 和形状为 (1,) 的 bias。",
    hint="Only an nn.Parameter that is set on self becomes a parameter; a plain tensor does not.",
    hint_zh="只有赋给 self 的 nn.Parameter 才会登记为参数，普通张量不会。",
)
def test_conv2d_has_a_weight_and_a_bias(submission):
    """Conv2D has exactly two parameters, weight of shape kernel_size and bias of shape (1,)."""
    parameters = submission.run(state_dict, "Conv2D", [(2, 3)])
    shapes = {name: tuple(value.shape) for name, value in parameters.items()}
    assert_equal(shapes, {"weight": (2, 3), "bias": (1,)})


@check(
    points=1,
    zh="Conv2D 的输出等于 corr2d(x, weight) + bias。",
    hint="forward uses self.weight and adds self.bias to every position.",
    hint_zh="forward 里用 self.weight 做 corr2d，再给每个位置加上 self.bias。",
)
def test_conv2d_adds_the_bias(submission, rng):
    """Conv2D returns the cross-correlation with its weight plus its bias."""
    picture, weight, bias = rng.randn(6, 9), rng.randn(3, 2), rng.randn(1)
    state = {"weight": weight, "bias": bias}
    output = submission.run(module_output, "Conv2D", [(3, 2)], [picture], state=state)
    assert_tensor(output, correlate(picture, weight) + bias)


@check(
    points=1,
    zh="conv_functional 得到笔记中的三个结果：默认参数、stride=2、padding=1。",
    hint="Hand stride and padding on to torch.nn.functional.conv2d.",
    hint_zh="把 stride 和 padding 原样传给 torch.nn.functional.conv2d。",
)
def test_conv_functional_on_the_picture_of_the_notes(submission):
    """conv_functional gives the three results of the notes: plain, stride 2 and padding 1."""
    x, k = PICTURE.reshape(1, 1, 5, 5), KERNEL.reshape(1, 1, 3, 3)
    plain = torch.tensor([[[[10.0, 12, 12], [18, 16, 16], [13, 9, 3]]]])
    assert_tensor(submission.conv_functional(x, k), plain)
    strided = torch.tensor([[[[10.0, 12], [13, 3]]]])
    assert_tensor(submission.conv_functional(x, k, stride=2), strided)
    padded = nn.functional.conv2d(x, k, padding=1)  # its first row is 1, 3, 4, 10, 8
    assert_tensor(submission.conv_functional(x, k, padding=1), padded)


@check(
    points=1,
    zh="二维图像没有先变成四维时，conv_functional 抛出 ValueError。",
    hint="Torch raises RuntimeError here, and only sometimes. Look at x.dim() first.",
    hint_zh="PyTorch 在这里抛出的是 RuntimeError，而且并非总会报错。请先检查 x.dim()。",
)
def test_conv_functional_refuses_a_plain_picture(submission):
    """conv_functional raises ValueError for a 2-d picture."""
    with raises(ValueError):
        submission.conv_functional(PICTURE, KERNEL)


@check(
    points=1,
    zh="make_conv(3, 6, 3) 把 (64, 3, 32, 32) 变成 (64, 6, 30, 30)。",
    hint="Without padding a kernel of 3 takes one row and one column from each side.",
    hint_zh="不填充时，大小为 3 的卷积核会让每条边各少一行或一列。",
)
def test_make_conv_turns_three_maps_into_six(submission, rng):
    """make_conv(3, 6, 3) turns a batch (64, 3, 32, 32) into (64, 6, 30, 30)."""
    maps = submission.run(module_output, "make_conv", [3, 6, 3], [rng.rand(64, 3, 32, 32)])
    assert_equal(tuple(maps.shape), (64, 6, 30, 30))


@check(
    points=1,
    zh="conv_out_size 得到笔记中的尺寸，除不尽时向下取整。",
    hint="floor((n + 2p - d(k - 1) - 1) / s) + 1; the operator // rounds down and stays an int.",
    hint_zh="floor((n + 2p - d(k - 1) - 1) / s) + 1；运算符 // 向下取整，结果仍是 int。",
)
def test_conv_out_size_on_the_layers_of_the_notes(submission):
    """conv_out_size gives the sizes of the notes, rounded down where a division leaves a rest."""
    assert_equal(submission.conv_out_size(32, 3), 30)
    assert_equal(submission.conv_out_size(8, 3, p=1), 8)
    assert_equal(submission.conv_out_size(8, 5, p=2), 8)
    assert_equal(submission.conv_out_size(8, 3, s=3), 2)
    assert_equal(submission.conv_out_size(8, 5, s=4, p=1), 2)
    assert_equal(submission.conv_out_size(7, 3, d=2), 3)


@check(
    points=1,
    zh="solve_padding 保持图像大小：卷积核为 3 时填充 1，为 5 时填充 2；无解时抛出 ValueError。",
    hint="Put the size formula equal to n_out and solve for p, or try p = 0, 1, 2, ... and stop.",
    hint_zh="令尺寸公式等于 n_out，解出 p；也可以依次尝试 p = 0、1、2……，但要知道何时停下。",
)
def test_solve_padding_keeps_the_size(submission):
    """solve_padding keeps the size with 1 for kernel 3 and 2 for kernel 5, never for kernel 4."""
    assert_equal(submission.solve_padding(28, 28, 3), 1)
    assert_equal(submission.solve_padding(32, 32, 5), 2)
    with raises(ValueError):
        submission.solve_padding(8, 8, 4)


@check(
    points=1,
    zh="learn_kernel 用 50 步从 6x8 的边缘图像学到卷积核 [1, -1]，误差不超过 0.05。",
    hint="Sum the squares (no mean), and clear the gradient after every step.",
    hint_zh="损失是平方之和（不是平均）；每走一步都要把梯度清零。",
)
def test_learn_kernel_finds_the_edge_kernel(submission):
    """learn_kernel finds the kernel [1, -1] within 0.05 from the 6x8 edge picture in 50 steps."""
    picture = torch.ones(6, 8)
    picture[:, 2:6] = 0
    kernel = torch.tensor([[1.0, -1.0]])
    learned = submission.learn_kernel(picture, correlate(picture, kernel), steps=50, lr=0.03)
    assert_tensor(learned, kernel, rtol=0, atol=0.05)
