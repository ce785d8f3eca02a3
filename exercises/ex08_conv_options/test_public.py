"""Public checks of ex08_conv_options: numbers to follow with a pencil, and random ones beside."""

import torch
from torch import nn

from grader.checks import Mistake, assert_equal, assert_tensor, check, raises

PICTURE = torch.arange(1.0, 13.0).reshape(1, 1, 3, 4)
MODES = ("zeros", "reflect", "replicate", "circular")


def conv_layer(x, w, p, mode):
    """Return what nn.Conv2d makes of x with weight w, padding p and this padding mode."""
    size = tuple(w.shape[2:])
    layer = nn.Conv2d(w.shape[1], w.shape[0], size, padding=p, padding_mode=mode, bias=False)
    layer.weight = nn.Parameter(w)
    return layer(x).detach()


def padded_otherwise(x, w, p, mode):
    """Return the mistakes of padding with zeros whatever the mode, and of a pair turned round."""
    zeros = Mistake(
        conv_layer(x, w, p, "zeros"),
        en="Zeros stand around the picture. What stands there depends on the mode.",
        zh="图像四周补的是 0。补什么要看 mode。",
    )
    turned = Mistake(
        conv_layer(x, w, p[::-1], mode),
        en="Rows and columns of the padding are the wrong way round.",
        zh="填充的行数和列数弄反了。",
    )
    return [turned] if mode == "zeros" else [zeros, turned]


@check(
    points=1,
    zh="same_padding：k = 3、5、7 时填充 1、2、3，k = 3、d = 2 时填充 2，k = 4 时抛出 ValueError。",
    hint="A kernel takes d * (k - 1) places away altogether; give both sides half of them.",
    hint_zh="卷积核一共少掉 d * (k - 1) 个位置，两侧各补回一半。",
)
def test_same_padding_of_small_kernels(submission):
    """same_padding gives 1, 2, 3 for k = 3, 5, 7, 2 for k = 3 with d = 2, and refuses k = 4."""
    for k, expected in [(3, 1), (5, 2), (7, 3), (1, 0)]:
        assert_equal(submission.same_padding(k), expected)
    assert_equal(submission.same_padding(3, 2), 2)
    with raises(ValueError):
        submission.same_padding(4)


@check(
    points=2,
    zh="四种模式下 pad_then_conv 都给图像补上正确的边；5x3 的卷积核配填充 (2, 1)，8x8 保持不变。",
    hint="F.pad begins with the last dimension: (left, right, top, bottom); zeros are its "
    '"constant".',
    hint_zh='F.pad 从最后一维写起：（左, 右, 上, 下）；补零在那里叫 "constant"。',
)
def test_pad_then_conv_in_four_modes(submission, rng):
    """pad_then_conv frames a picture rightly in four modes, and 5x3 with (2, 1) keeps 8x8."""
    one = torch.ones(1, 1, 1, 1)  # a kernel that shows the padded picture as it is
    pictures, kernels = rng.randn(2, 3, 8, 8), rng.randn(4, 3, 5, 3)
    for mode in MODES:
        for x, w, p in [(PICTURE, one, (1, 2)), (pictures, kernels, (2, 1))]:
            mistakes = padded_otherwise(x, w, p, mode)
            result = submission.pad_then_conv(x, w, p, mode)
            assert_tensor(result, conv_layer(x, w, p, mode), mistakes=mistakes)


@check(
    points=1,
    zh="mode 不认识时，pad_then_conv 抛出 ValueError。",
    hint="Four names are allowed. Look whether mode is one of them before you pad.",
    hint_zh="只有四个名字可用。填充之前先看 mode 是不是其中之一。",
)
def test_pad_then_conv_refuses_an_unknown_mode(submission):
    """pad_then_conv raises ValueError for a mode that it does not know."""
    with raises(ValueError):
        submission.pad_then_conv(PICTURE, torch.ones(1, 1, 1, 1), 1, "mirror")


@check(
    points=1,
    zh="对笔记中的 8x8 图像（步幅 (3, 4)），strided_from_dense 从密集的结果里挑出 2x2。",
    hint="The kernel stands at 0, s, 2s, ...: a slice with a step, for rows and columns.",
    hint_zh="卷积核停在 0、s、2s……：对行和列各用一个带步长的切片。",
)
def test_strided_from_dense_on_the_picture_of_the_notes(submission, rng):
    """strided_from_dense picks 2x2 out of the dense result for the notes' 8x8 and (3, 4)."""
    x, w = rng.randn(1, 1, 8, 8), rng.randn(1, 1, 3, 5)
    dense = nn.functional.conv2d(x, w, padding=(0, 1))
    expected = nn.functional.conv2d(x, w, padding=(0, 1), stride=(3, 4))
    turned = Mistake(
        dense[:, :, ::4, ::3],
        en="Rows and columns of the stride are the wrong way round.",
        zh="步幅的行和列弄反了。",
    )
    assert_tensor(submission.strided_from_dense(dense, (3, 4)), expected, mistakes=[turned])


@check(
    points=1,
    zh="d = 2 时，dilate_kernel 把 2x2 写成 3x3；用它对 7x7 做普通卷积得到 3x3，与空洞卷积一致。",
    hint="d - 1 zeros between two neighbours, none around the kernel: d * (k - 1) + 1 numbers.",
    hint_zh="相邻两数之间放 d - 1 个 0，四周不放：共 d * (k - 1) + 1 个数。",
)
def test_dilate_kernel_makes_three_of_two(submission, rng):
    """dilate_kernel makes 3x3 of 2x2 with d = 2; 3x3 then makes 3x3 of 7x7, as dilation does."""
    w = torch.tensor([[[[1.0, 2], [3, 4]]]])
    expected = torch.tensor([[[[1.0, 0, 2], [0, 0, 0], [3, 0, 4]]]])
    around = Mistake(
        torch.tensor([[[[1.0, 0, 2, 0], [0, 0, 0, 0], [3, 0, 4, 0], [0, 0, 0, 0]]]]),
        en="There are zeros after the last row and column; they belong between numbers only.",
        zh="最后一行、最后一列之后也有 0；0 只放在数与数之间。",
    )
    assert_tensor(submission.dilate_kernel(w, 2), expected, mistakes=[around])
    x, w = rng.randn(1, 1, 7, 7), rng.randn(1, 1, 3, 3)
    spread = submission.dilate_kernel(w, 2)
    expected = nn.functional.conv2d(x, w, dilation=2)
    assert_tensor(nn.functional.conv2d(x, spread), expected)


@check(
    points=2,
    zh="Conv2d(4, 8, 3, groups=2) 的权重 (8, 2, 3, 3)：grouped_conv 等于两个独立的卷积拼在一起。",
    hint="Cut x along dimension 1 and w along dimension 0; join the results along dimension 1.",
    hint_zh="x 沿第 1 维切开，w 沿第 0 维切开，结果沿第 1 维拼接。",
)
def test_grouped_conv_is_two_convolutions_side_by_side(submission, rng):
    """grouped_conv with the weight (8, 2, 3, 3) of two groups is two convolutions joined."""
    x, w = rng.randn(1, 4, 5, 6), rng.randn(8, 2, 3, 3)
    halves = [nn.functional.conv2d(x[:, :2], w[:4]), nn.functional.conv2d(x[:, 2:], w[4:])]
    everywhere = Mistake(
        nn.functional.conv2d(x, w.repeat(1, 2, 1, 1)),
        en="Every kernel sees all maps. It may see those of its own group only.",
        zh="每个卷积核都看到了所有通道。它只能看到自己那一组。",
    )
    alternating = Mistake(
        nn.functional.conv2d(x[:, [0, 2, 1, 3]], w, groups=2),
        en="The groups take turns with the input maps. A group's maps stand one after the other.",
        zh="各组交替取输入通道了。同一组的通道是连续排列的。",
    )
    result = submission.grouped_conv(x, w, 2)
    assert_tensor(result, torch.cat(halves, 1), mistakes=[everywhere, alternating])


@check(
    points=1,
    zh="转置卷积的尺寸：2 变 4；步幅 2、填充 1 时 3 变 5，再加 op = 1 得 6。",
    hint="n copies of the kernel, s apart, plus op, minus p on both sides.",
    hint_zh="n 份卷积核，彼此相隔 s，加上 op，再从两侧各减 p。",
)
def test_transposed_out_size_of_small_pictures(submission):
    """transposed_out_size makes 4 of 2, and with s = 2, p = 1 makes 5 of 3, and 6 with op = 1."""
    assert_equal(submission.transposed_out_size(2, 3), 4)
    assert_equal(submission.transposed_out_size(3, 3, s=2, p=1), 5)
    assert_equal(submission.transposed_out_size(3, 3, s=2, p=1, op=1), 6)


@check(
    points=2,
    zh="conv_transpose 对 2x2 图像给出 README 中的 3x3；三个通道变成两个、步幅为 2 时也正确。",
    hint="Each number of x puts down a scaled copy of the kernel; where copies overlap, add.",
    hint_zh="x 的每个数放下一份按它缩放的卷积核；重叠之处相加。",
)
def test_conv_transpose_adds_up_copies_of_the_kernel(submission, rng):
    """conv_transpose gives the README's 3x3 for its 2x2 picture, and two maps of three."""
    x = torch.tensor([[[[1.0, 2], [3, 4]]]])
    w = torch.tensor([[[[1.0, 2], [0, 1]]]])
    expected = torch.tensor([[[[1.0, 4, 4], [3, 11, 10], [0, 3, 4]]]])
    turned = Mistake(
        nn.functional.conv2d(x, w, padding=1),
        en="This is an ordinary convolution of the padded picture. Copies of the kernel as it "
        "stands, added up, are one with the kernel turned by 180 degrees.",
        zh="这是对填充后的图像做的普通卷积。把原样的卷积核一份份叠加起来，"
        "相当于用旋转 180 度的卷积核做普通卷积。",
    )
    assert_tensor(submission.conv_transpose(x, w), expected, mistakes=[turned])
    x, w = rng.randn(2, 3, 4, 2), rng.randn(3, 2, 3, 2)
    expected = nn.functional.conv_transpose2d(x, w, stride=2)
    assert_tensor(submission.conv_transpose(x, w, stride=2), expected)
