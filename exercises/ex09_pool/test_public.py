"""Public checks of ex09_pool: the numbers of the notes, and random pictures beside them."""

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

NINE = torch.arange(9.0).reshape(3, 3)
SIXTEEN = torch.arange(1.0, 17.0).reshape(1, 1, 4, 4)
PICTURE = torch.tensor(
    [[1, 2, 0, 3, 1], [0, 1, 2, 3, 1], [1, 2, 1, 0, 0], [5, 2, 3, 1, 1], [2, 1, 0, 1, 1]],
    dtype=torch.float32,
).reshape(1, 1, 5, 5)


def pooled(pictures, size, mode, stride=1):
    """Return what PyTorch's own pooling makes of pictures (..., H, W)."""
    pool = nn.functional.max_pool2d if mode == "max" else nn.functional.avg_pool2d
    result = pool(pictures.reshape(-1, 1, *pictures.shape[-2:]), size, stride)
    return result.reshape(*pictures.shape[:-2], *result.shape[-2:])


def swapped(pictures, size, mode):
    """Return the mistake of taking the other mode."""
    return Mistake(
        pooled(pictures, size, "avg" if mode == "max" else "max"),
        en='"max" and "avg" are the wrong way round here.',
        zh="“max”和“avg”弄反了。",
    )


def turned(pictures, size, mode):
    """Return the mistake of laying the window on its side."""
    return Mistake(
        pooled(pictures, size[::-1], mode),
        en="This is the result for a window on its side: size is (rows, columns).",
        zh="这是把窗口横竖颠倒之后的结果：size 是（行数, 列数）。",
    )


def side_by_side(pictures, size, mode):
    """Return the mistake of moving the window by its own size, as PyTorch's layers do."""
    return Mistake(
        pooled(pictures, size, mode, stride=size),
        en="The window moved by its own size; without a stride, pool2d moves it by 1.",
        zh="窗口按自身大小移动了；pool2d 不给 stride 时，窗口每次移动 1 格。",
    )


@check(
    points=1,
    zh="pool2d 对 0 到 8 的 3x3 图像给出笔记中的最大值和平均值。",
    hint="The first window holds 0, 1, 3 and 4: the largest is 4, the average is 2.",
    hint_zh="第一个窗口里是 0、1、3、4：最大值是 4，平均值是 2。",
)
def test_pool2d_on_the_picture_of_the_notes(submission):
    """pool2d gives the maxima and the averages of the notes for the 3x3 picture of 0 to 8."""
    for mode, expected in [("max", [[4.0, 5], [7, 8]]), ("avg", [[2.0, 3], [5, 6]])]:
        mistakes = [swapped(NINE, (2, 2), mode)]
        result = submission.pool2d(NINE, (2, 2), mode)
        assert_tensor(result, torch.tensor(expected), mistakes=mistakes)


@check(
    points=1,
    zh="图像和窗口不是正方形时，pool2d 的每个位置也都正确；不给 mode 就取最大值。",
    hint="Rows come from H and h, columns from W and w; an average divides by h * w.",
    hint_zh="行数由 H 和 h 决定，列数由 W 和 w 决定；求平均要除以 h * w。",
)
def test_pool2d_on_pictures_that_are_not_square(submission, rng):
    """pool2d is right when picture and window are not square, and takes maxima if not told."""
    for shape, size in [((5, 8), (2, 3)), ((9, 6), (4, 1))]:
        picture = rng.randn(*shape)
        for mode, more in [("max", ()), ("avg", ("avg",))]:
            result = submission.pool2d(picture, size, *more)
            mistakes = [known(picture, size, mode) for known in (swapped, turned, side_by_side)]
            assert_tensor(result, pooled(picture, size, mode), mistakes=mistakes)


@check(
    points=1,
    zh="pool2d 对一批图像逐张、逐通道地池化，步幅为 2 时也正确。",
    hint="Use the last two dimensions, X.shape[-2] and X.shape[-1]; `...` stands for all others.",
    hint_zh="只用最后两个维度 X.shape[-2] 和 X.shape[-1]，其余维度用 `...` 代替。",
)
def test_pool2d_on_a_batch(submission, rng):
    """pool2d pools every map of every picture of a batch on its own, also with stride 2."""
    pictures = rng.randn(2, 3, 6, 9)
    for mode, stride in [("max", 1), ("avg", 2)]:
        result = submission.pool2d(pictures, (3, 2), mode, stride=stride)
        assert_tensor(result, pooled(pictures, (3, 2), mode, stride))


@check(
    points=1,
    zh="mode 既不是 max 也不是 avg，或者窗口比图像高时，pool2d 抛出 ValueError。",
    hint="Look at mode and at the sizes first, and write `raise ValueError(...)` yourself.",
    hint_zh="开头先检查 mode 和尺寸，不合适就自己 `raise ValueError(...)`。",
)
def test_pool2d_refuses_an_unknown_mode(submission, rng):
    """pool2d raises ValueError for an unknown mode and for a window higher than the picture."""
    with raises(ValueError):
        submission.pool2d(rng.randn(5, 4), (2, 2), "min")
    with raises(ValueError):
        submission.pool2d(rng.randn(5, 4), (6, 2))


@check(
    points=1,
    zh="不给步幅时 max_pool 的窗口并排放置：4x4 变成 2x2，(1, 3, 32, 32) 变成 (1, 3, 16, 16)。",
    hint="Unlike the stride of a convolution, the stride of a pooling is k unless it is given.",
    hint_zh="与卷积不同，池化的步幅不另外指定时等于 k。",
)
def test_max_pool_lays_windows_side_by_side(submission, rng):
    """Without a stride max_pool halves 4x4 to 2x2, and (1, 3, 32, 32) to (1, 3, 16, 16)."""
    overlapping = Mistake(
        nn.functional.max_pool2d(SIXTEEN, 2, 1),
        en="The window moved by 1. A stride of None means k.",
        zh="窗口每次只移动了 1 格。stride 为 None 表示步幅等于 k。",
    )
    expected = torch.tensor([[[[6.0, 8], [14, 16]]]])
    assert_tensor(submission.max_pool(SIXTEEN, 2), expected, mistakes=[overlapping])
    pictures = rng.randn(1, 3, 32, 32)
    assert_tensor(submission.max_pool(pictures, 2), nn.functional.max_pool2d(pictures, 2))


@check(
    points=1,
    zh="max_pool 对笔记中的 5x5 图像（k = 3）正确：有 ceil_mode 得 2x2，没有则得 1x1。",
    hint="With ceil_mode the last window may hang over the edge; it keeps what it still covers.",
    hint_zh="ceil_mode 允许最后的窗口伸出边缘，只取它还盖住的那些数。",
)
def test_max_pool_on_the_picture_of_the_notes(submission):
    """max_pool with k = 3 makes 2x2 of the notes' 5x5 picture with ceil_mode, 1x1 without."""
    assert_tensor(submission.max_pool(PICTURE, 3), torch.tensor([[[[2.0]]]]))
    with_edges = torch.tensor([[[[2.0, 3], [5, 1]]]])
    assert_tensor(submission.max_pool(PICTURE, 3, ceil_mode=True), with_edges)


@check(
    points=1,
    zh="全 1 图像填充后，avg_pool 的角上是 4/9；count_include_pad=False 时处处是 1。",
    hint="Four ones and five padded zeros: 4 / 9 if the zeros count, 4 / 4 if they do not.",
    hint_zh="四个 1 和五个填充的 0：0 也算个数就是 4 / 9，不算就是 4 / 4。",
)
def test_avg_pool_at_the_corner_of_ones(submission):
    """avg_pool makes 4/9 of a padded corner of ones, and 1 with count_include_pad=False."""
    ones = torch.ones(1, 1, 6, 6)
    expected = torch.tensor([[[[4 / 9, 6 / 9], [6 / 9, 1]]]])
    assert_tensor(submission.avg_pool(ones, 3, padding=1), expected)
    result = submission.avg_pool(ones, 3, padding=1, count_include_pad=False)
    assert_tensor(result, torch.ones(1, 1, 2, 2))


@check(
    points=1,
    zh="global_avg 把 (2, 512, 7, 7) 变成 (2, 512)，批量为 1 时同样保留批量这一维。",
    hint="Average over the last two dimensions, and over nothing else; squeeze removes too much.",
    hint_zh="只对最后两个维度求平均；squeeze 会把不该去掉的维度也去掉。",
)
def test_global_avg_gives_one_number_for_each_map(submission, rng):
    """global_avg makes (2, 512) of (2, 512, 7, 7), and keeps the batch when it is of one."""
    for shape in [(2, 512, 7, 7), (1, 64, 7, 7)]:
        maps = rng.randn(*shape)
        assert_tensor(submission.global_avg(maps), maps.mean((2, 3)))


@check(
    points=1,
    zh="pool_with_indices 对 1 到 16 的 4x4 图像给出最大值和索引 5、7、13、15。",
    hint="Count through the whole map, row after row: row i and column j is number i * W + j.",
    hint_zh="在整张图上逐行数：第 i 行第 j 列是第 i * W + j 个。",
)
def test_pool_with_indices_on_sixteen_numbers(submission):
    """pool_with_indices finds the maxima of 1 to 16 at the indices 5, 7, 13 and 15."""
    values, indices = submission.pool_with_indices(SIXTEEN, 2)
    assert_tensor(values, torch.tensor([[[[6.0, 8], [14, 16]]]]))
    assert_tensor(indices, torch.tensor([[[[5, 7], [13, 15]]]]))


@check(
    points=1,
    zh="unpool 把 6、8、14、16 放回 4x4 图像中原来的位置，其余都是 0。",
    hint="Start from zeros of the wanted shape, flatten each map, and let the indices say where.",
    hint_zh="先建一个所需形状的全零张量，把每张图展平，再按索引放数。",
)
def test_unpool_on_sixteen_numbers(submission):
    """unpool puts 6, 8, 14 and 16 back into the 4x4 picture, among zeros."""
    values = torch.tensor([[[[6.0, 8], [14, 16]]]])
    indices = torch.tensor([[[[5, 7], [13, 15]]]])
    rows = [[0.0, 0, 0, 0], [0, 6, 0, 8], [0, 0, 0, 0], [0, 14, 0, 16]]
    expected = torch.tensor([[rows]])
    repeated = Mistake(
        values.repeat_interleave(2, 2).repeat_interleave(2, 3),
        en="Every number fills its whole window. It belongs to one place, the others are 0.",
        zh="每个数填满了整个窗口。它只属于一个位置，其余位置是 0。",
    )
    result = submission.unpool(values, indices, (1, 1, 4, 4))
    assert_tensor(result, expected, mistakes=[repeated])


@check(
    points=1,
    zh="PoolNet 没有参数，state_dict 为空，对笔记中的图像给出 2.75。",
    hint="The four maxima are 2, 3, 5 and 1. A window's size is a plain int, no parameter.",
    hint_zh="四个最大值是 2、3、5、1。窗口大小就是普通的 int，不是参数。",
)
def test_pool_net_has_nothing_to_learn(submission):
    """PoolNet has an empty state_dict, and makes 2.75 of the picture of the notes."""
    assert_equal(submission.run(state_dict, "PoolNet", []), {})
    output = submission.run(module_output, "PoolNet", [], [PICTURE])
    assert_tensor(output, torch.tensor([[2.75]]))
