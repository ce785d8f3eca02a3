"""Hidden checks of ex09_pool: what a lucky or a typed-in answer does not pass."""

import torch
from torch import nn

from grader.checks import (
    Mistake,
    assert_tensor,
    check,
    gradients,
    module_output,
    probe,
    raises,
)


def pooled(pictures, size, mode, stride=1):
    """Return what PyTorch's own pooling makes of pictures (..., H, W)."""
    pool = nn.functional.max_pool2d if mode == "max" else nn.functional.avg_pool2d
    result = pool(pictures.reshape(-1, 1, *pictures.shape[-2:]), size, stride)
    return result.reshape(*pictures.shape[:-2], *result.shape[-2:])


def filled(x, k, stride, padding, expected):
    """Return the mistake of pooling with zeros around the picture, as far as windows reach."""
    below, right = (
        (places - 1) * stride + k - n - padding
        for n, places in zip(x.shape[2:], expected.shape[2:], strict=True)
    )
    zeros = nn.functional.pad(x, (padding, right, padding, below))
    return Mistake(
        nn.functional.max_pool2d(zeros, k, stride),
        en="Zeros beyond the edge took part. Nothing out there may ever be the largest number.",
        zh="边缘之外的 0 参与了比较。边缘之外的东西绝不能成为最大值。",
    )


@probe
def pool_views(student, pictures, size, mode):
    """Return pool2d of pictures whose channels come last in memory, every second column."""
    return student.pool2d(pictures.permute(0, 3, 1, 2)[..., ::2], size, mode)


@probe
def pool_both(student, pictures, size):
    """Return pool2d in both modes."""
    return [student.pool2d(pictures, size, mode) for mode in ("max", "avg")]


@check(
    points=1,
    zh="从只有一个数的窗口到整张图像大小的窗口，各种步幅下 pool2d 都正确。",
    hint="Take the room that is left, divide it by the stride, round down, and only then add 1.",
    hint_zh="先求剩余的空间，除以步幅并向下取整，最后才加 1。",
)
def test_pool2d_on_windows_of_every_size(submission, rng):
    """pool2d is right for every stride and window, from one number to the whole picture."""
    cases = [((7, 5), (7, 5), 1), ((6, 9), (1, 1), 2), ((1, 8), (1, 3), 3)]
    cases += [((8, 11), (3, 2), 2), ((10, 9), (2, 3), 4)]
    for shape, size, stride in cases:
        picture = rng.randn(*shape)
        for mode in ("max", "avg"):
            result = submission.pool2d(picture, size, mode, stride)
            assert_tensor(result, pooled(picture, size, mode, stride))


@check(
    points=1,
    zh="图像在内存中不连续时，pool2d 也正确。",
    hint="`view` and strides worked out from the shape assume a layout; X.stride() does not.",
    hint_zh="`view` 和由形状推算的步长都假定了内存排列；X.stride() 则不会出错。",
)
def test_pool2d_on_views(submission, rng):
    """pool2d is right for pictures that are not contiguous in memory."""
    pictures = rng.randn(2, 7, 12, 3)
    seen = pictures.permute(0, 3, 1, 2)[..., ::2]
    for mode in ("max", "avg"):
        result = submission.run(pool_views, pictures, (3, 2), mode)
        assert_tensor(result, pooled(seen, (3, 2), mode))


@check(
    points=1,
    zh="pool2d 的结果与 X 的 dtype 相同。",
    hint="torch.zeros makes float32; X.new_zeros and operations on X keep what X is.",
    hint_zh="torch.zeros 默认是 float32；X.new_zeros 和对 X 的运算会沿用 X 的类型。",
)
def test_pool2d_keeps_the_dtype(submission, rng):
    """The result of pool2d has the dtype of X and its full precision."""
    picture = rng.randn(6, 8, dtype=torch.float64)
    for mode in ("max", "avg"):
        result = submission.pool2d(picture, (2, 3), mode)
        assert_tensor(result, pooled(picture, (2, 3), mode))


@check(
    points=1,
    zh="pool2d 的结果与 X 在同一设备上。",
    hint="Make the result from X (X.new_zeros, torch.stack), not on the CPU, and not by .item().",
    hint_zh="结果要由 X 得到（X.new_zeros、torch.stack），不要建在 CPU 上，也不要用 .item()。",
)
def test_pool2d_stays_on_the_device(submission, rng):
    """The result of pool2d is on the device of X."""
    # "meta" is a device that every machine has; a result made elsewhere shows there as on a GPU.
    for mode in ("max", "avg"):
        result = submission.on("meta").pool2d(rng.randn(2, 5, 7), (3, 2), mode)
        assert_tensor(result, torch.empty(2, 3, 6, device="meta"))


@check(
    points=1,
    zh="任何一个方向放不下窗口，或者 X 不足二维时，pool2d 都抛出 ValueError。",
    hint="Compare height and width each on their own, and look at X.dim() before both.",
    hint_zh="高和宽要分别比较，在此之前还要看 X.dim()。",
)
def test_pool2d_refuses_all_that_does_not_fit(submission, rng):
    """pool2d raises ValueError if a direction does not fit or X has fewer than two dimensions."""
    for shape, size in [((9, 3), (2, 4)), ((4, 2, 6), (3, 2)), ((2, 6, 3), (1, 5)), ((7,), (1, 2))]:
        with raises(ValueError):
            submission.pool2d(rng.randn(*shape), size)


@check(
    points=2,
    zh="最大池化的梯度只到达各窗口的最大值，平均池化的梯度均分给窗口里的每个数。",
    hint=".item(), .detach(), .data and numpy cut the graph; stay with tensor operations.",
    hint_zh=".item()、.detach()、.data 和 numpy 都会切断计算图，请一直使用张量运算。",
)
def test_gradients_reach_what_was_pooled(submission, rng):
    """Gradients of max pooling reach the maxima only; those of an average are shared equally."""
    picture = rng.randn(2, 1, 6, 7, dtype=torch.float64)
    for name, more, size, mode, stride in [
        ("pool2d", ["max"], (3, 2), "max", 1),
        ("pool2d", ["avg"], (3, 2), "avg", 1),
        ("max_pool", [2], 3, "max", 2),
    ]:
        watched = picture.clone().requires_grad_()
        output = pooled(watched, size, mode, stride)
        upstream = rng.randn(*output.shape, dtype=torch.float64)
        (expected,) = torch.autograd.grad((output * upstream).sum(), watched)
        inputs = [picture, size, *more]
        (received,) = submission.run(gradients, name, inputs, wrt=[0], upstream=upstream)
        assert_tensor(received, expected)


@check(
    points=1,
    zh="各种步幅与填充下，max_pool 都与 nn.MaxPool2d 一致。",
    hint="A stride that is given counts, also one larger than k; None means k.",
    hint_zh="给了步幅就按给定的走，大于 k 也一样；None 表示等于 k。",
)
def test_max_pool_with_every_stride(submission, rng):
    """max_pool equals nn.MaxPool2d with every stride and padding."""
    cases = [((2, 3, 9, 7), 3, 1, 1), ((1, 2, 8, 11), 2, 3, 0), ((3, 1, 7, 10), 2, 2, 1)]
    cases += [((2, 2, 6, 9), 4, None, 2), ((1, 3, 7, 5), 3, None, 0)]
    for shape, k, stride, padding in cases:
        x = rng.rand(*shape, dtype=torch.float64)  # no negative number: zeros around it lose
        expected = nn.functional.max_pool2d(x, k, stride, padding)
        assert_tensor(submission.max_pool(x, k, stride, padding), expected)


@check(
    points=1,
    zh="max_pool 的填充绝不会成为窗口的最大值，图像全为负数时也不会。",
    hint="The padding behaves like minus infinity.",
    hint_zh="填充的作用相当于负无穷。",
)
def test_max_pool_never_takes_the_padding(submission, rng):
    """The padding of max_pool is never the largest number, not even among negative ones."""
    pictures = [torch.full((1, 1, 4, 6), -1.0), -1 - rng.rand(2, 3, 5, 8)]
    for x, k, stride in zip(pictures, (3, 4), (1, 2), strict=True):
        expected = nn.functional.max_pool2d(x, k, stride, k // 2)
        mistakes = [filled(x, k, stride, k // 2, expected)]
        result = submission.max_pool(x, k, stride, padding=k // 2)
        assert_tensor(result, expected, mistakes=mistakes)


@check(
    points=1,
    zh="ceil_mode 下伸出边缘的窗口只看图像里的数，起点在图像之外的窗口不算。",
    hint="Fill up with minus infinity; no window starts below or to the right of the picture.",
    hint_zh="边缘外用负无穷补齐；起点已在图像下方或右侧之外的窗口不计。",
)
def test_max_pool_hangs_over_the_edge(submission, rng):
    """With ceil_mode a window over the edge sees the picture alone, and none starts outside."""
    cases = [((1, 2, 7, 8), 3, None, 0), ((2, 1, 5, 8), 2, 2, 1), ((1, 1, 7, 10), 2, 4, 0)]
    for shape, k, stride, padding in cases:
        x = -1 - rng.rand(*shape)
        expected = nn.functional.max_pool2d(x, k, stride, padding, ceil_mode=True)
        mistakes = [filled(x, k, stride or k, padding, expected)]
        result = submission.max_pool(x, k, stride, padding, ceil_mode=True)
        assert_tensor(result, expected, mistakes=mistakes)


@check(
    points=1,
    zh="填充超过 k 的一半时，max_pool 抛出 ValueError。",
    hint="Torch refuses it too, but with a RuntimeError. Compare 2 * padding with k first.",
    hint_zh="PyTorch 也会拒绝，但抛出的是 RuntimeError。请先比较 2 * padding 与 k。",
)
def test_max_pool_refuses_too_much_padding(submission, rng):
    """max_pool raises ValueError when the padding is more than half of the window."""
    for k, padding in [(2, 2), (3, 2), (1, 1)]:
        with raises(ValueError):
            submission.max_pool(rng.randn(1, 2, 6, 5), k, padding=padding)


@check(
    points=1,
    zh="各种步幅与填充下，无论填充的 0 算不算个数，avg_pool 都与 nn.AvgPool2d 一致。",
    hint="Hand on all four: stride, padding and count_include_pad matter as much as k.",
    hint_zh="四个参数都要传下去：stride、padding 和 count_include_pad 与 k 同样重要。",
)
def test_avg_pool_with_every_stride(submission, rng):
    """avg_pool equals nn.AvgPool2d with every stride and padding, zeros counted or not."""
    x = rng.randn(2, 1, 9, 7)
    assert_tensor(submission.avg_pool(x, 3), nn.functional.avg_pool2d(x, 3))
    for shape, k, stride, padding in [
        ((2, 3, 9, 7), 3, 1, 1),
        ((1, 2, 8, 11), 4, 3, 2),
        ((3, 1, 7, 10), 2, None, 1),
    ]:
        x = rng.randn(*shape)
        for counts in (True, False):
            result = submission.avg_pool(x, k, stride, padding, count_include_pad=counts)
            expected = nn.functional.avg_pool2d(x, k, stride, padding, count_include_pad=counts)
            assert_tensor(result, expected)


@check(
    points=1,
    zh="不管图像多大、有几个通道，global_avg 都给出每张图的平均值。",
    hint="The average goes over the whole map, so no window size is typed in.",
    hint_zh="要对整张图求平均，不能写死窗口的大小。",
)
def test_global_avg_on_maps_of_any_size(submission, rng):
    """global_avg is right for maps of any size, any number of them and any batch."""
    for shape in [(2, 3, 9, 15), (1, 4, 8, 5), (3, 1, 1, 6)]:
        maps = rng.randn(*shape)
        assert_tensor(submission.global_avg(maps), maps.mean((2, 3)))


@check(
    points=2,
    zh="对一批多通道的图像，pool_with_indices 的最大值和索引都正确。",
    hint="Each map counts from 0, with its own width W, also where a rest of it is left out.",
    hint_zh="每张图都从 0 数起，按它自己的宽度 W 数，边上有剩余没被用到时也一样。",
)
def test_pool_with_indices_on_batches(submission, rng):
    """pool_with_indices gives maxima and indices for batches of several maps."""
    for shape, k in [((2, 3, 6, 8), 2), ((1, 2, 7, 11), 3), ((3, 1, 5, 8), 2)]:
        x = rng.randn(*shape)
        values, indices = submission.pool_with_indices(x, k)
        expected = nn.functional.max_pool2d(x, k, return_indices=True)
        assert_tensor(values, expected[0])
        assert_tensor(indices, expected[1])


def pooled_places(rng, shape, k):
    """Return random numbers and, for each, the place of a maximum in a random picture."""
    _, indices = nn.functional.max_pool2d(rng.randn(*shape), k, return_indices=True)
    return rng.randn(*indices.shape, dtype=torch.float64), indices


def put_back(y, indices, shape):
    """Return zeros of this shape, but the numbers of y at their places."""
    places = torch.zeros(shape, dtype=y.dtype).flatten(2)
    return places.scatter(2, indices.flatten(2), y.flatten(2)).reshape(shape)


@check(
    points=2,
    zh="对一批多通道的图像，unpool 恢复 shape 指定的形状，除不尽的边缘也在内。",
    hint="The size comes from shape alone: what pooling left out cannot be read from y.",
    hint_zh="尺寸只能由 shape 决定：池化时舍去的行和列，从 y 是看不出来的。",
)
def test_unpool_on_batches(submission, rng):
    """unpool gives batches back the shape they had, with the edges that pooling left out."""
    for shape, k in [((2, 3, 5, 8), 2), ((1, 2, 6, 12), 3), ((3, 1, 7, 11), 3)]:
        y, indices = pooled_places(rng, shape, k)
        y = y.float()
        assert_tensor(submission.unpool(y, indices, shape), put_back(y, indices, shape))


@check(
    points=1,
    zh="unpool 的结果与 y 的 dtype 和设备都相同。",
    hint="Make the zeros from y: y.new_zeros(shape) keeps dtype and device.",
    hint_zh="全零张量要由 y 得到：y.new_zeros(shape) 会沿用 dtype 和设备。",
)
def test_unpool_keeps_dtype_and_device(submission, rng):
    """The result of unpool has the dtype of y and is on its device."""
    shape = (2, 3, 4, 6)
    y, indices = pooled_places(rng, shape, 2)
    assert_tensor(submission.unpool(y, indices, shape), put_back(y, indices, shape))
    result = submission.on("meta").unpool(y, indices, shape)
    assert_tensor(result, torch.empty(shape, dtype=y.dtype, device="meta"))


@check(
    points=1,
    zh="梯度能通过 unpool 传回 y 的每个数。",
    hint="Put the numbers in with scatter or by index from y itself, not from y.data or .item().",
    hint_zh="用 scatter 或下标直接放入 y 本身，不要用 y.data 或 .item()。",
)
def test_gradients_pass_through_unpool(submission, rng):
    """Gradients pass through unpool back to every number of y."""
    shape = (2, 3, 4, 6)
    y, indices = pooled_places(rng, shape, 2)
    upstream = rng.randn(*shape, dtype=torch.float64)
    expected = upstream.flatten(2).gather(2, indices.flatten(2)).reshape(y.shape)
    inputs = [y, indices, shape]
    (received,) = submission.run(gradients, "unpool", inputs, wrt=[0], upstream=upstream)
    assert_tensor(received, expected)


@check(
    points=1,
    zh="窗口和图像的大小变化时，PoolNet 也正确。",
    hint="Pool with ceil_mode and stride k, then average whatever size has come out.",
    hint_zh="先按 ceil_mode、步幅 k 做最大池化，再对得到的整张图求平均，不论它多大。",
)
def test_pool_net_on_pictures_of_any_size(submission, rng):
    """PoolNet is right for windows and pictures of any size."""
    for k, shape in [(2, (2, 3, 7, 5)), (4, (3, 2, 9, 6))]:
        x = rng.randn(*shape)
        output = submission.run(module_output, "PoolNet", [k], [x])
        assert_tensor(output, nn.functional.max_pool2d(x, k, ceil_mode=True).mean((2, 3)))


@check(
    points=4,
    zh="pool2d 对一批图像的池化足够快，结果也正确。",
    hint="Loop over the places inside one window, or over nothing; not over windows or pictures.",
    hint_zh="只对一个窗口内部的位置循环，或者完全不用循环；不要对窗口或图像循环。",
)
def test_pool2d_is_fast_on_a_batch(timed, rng):
    """pool2d pools a batch of pictures quickly, and rightly."""
    size = (6, 4)
    for run in timed:
        pictures = rng.randn(2, 2, 200, 170)
        results = run.submission.run(pool_both, pictures, size)
        run.samples = len(pictures)
        for result, mode in zip(results, ("max", "avg"), strict=True):
            # The tolerance leaves room for averages by differences of running sums.
            assert_tensor(result, pooled(pictures, size, mode), rtol=1e-4, atol=1e-4)
