"""Hidden checks of ex04_tensor_math: other shapes, dtypes, devices, ties and gradients."""

import math
import warnings

import torch

from grader.checks import assert_equal, assert_tensor, check, gradients, probe, raises


@probe
def add_strictly(student, x, y):
    """Return the four sums; a warning is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return student.add_four_ways(x, y)


@probe
def change_the_sums(student, x, y, amounts):
    """Add another amount to each of the four sums, in place; return them, x and y."""
    sums = student.add_four_ways(x, y)
    for result, amount in zip(sums, amounts, strict=True):
        result.add_(amount)
    return sums, x, y


@probe
def shapes(student, pairs):
    """Return broadcast_shape of every pair."""
    return [tuple(student.broadcast_shape(a, b)) for a, b in pairs]


@probe
def outer_sum_of_views(student, a, b):
    """Return outer_sum of every second number of a and of a column of b."""
    return student.outer_sum(a[::2], b[:, 1])


@probe
def product_of_views(student, tall, wide):
    """Return matmul_loops of a transposed and a stepped matrix."""
    return student.matmul_loops(tall.t(), wide[:, ::2])


@probe
def best(student, logits):
    """Return the two results of top1."""
    values, index = student.top1(logits)
    return values, index


@probe
def best_gradient(student, logits, upstream):
    """Return the gradient of sum(values * upstream)."""
    logits.requires_grad_()
    values, _ = student.top1(logits)
    (values * upstream).sum().backward()
    return logits.grad


@probe
def join_gradients(student, feats, upstream):
    """Return the gradients of sum(joined * upstream) with respect to every map."""
    for feat in feats:
        feat.requires_grad_()
    (student.join_channels(feats) * upstream).sum().backward()
    return [feat.grad for feat in feats]


@probe
def norms(student, x, settings):
    """Return p_norm of x for every setting (p, dim, keepdim)."""
    return [student.p_norm(x, p, dim, keepdim=keepdim) for p, dim, keepdim in settings]


def true_norm(x, p, dim, keepdim):
    """Return the p-norm by its formula, in x's dtype."""
    dims = tuple(range(x.dim())) if dim is None else (dim,)
    if p == math.inf:
        return x.abs().amax(dims, keepdim=keepdim)
    return x.abs().pow(p).sum(dims, keepdim=keepdim).pow(1 / p)


def assert_norms(submission, x, settings, wanted):
    """Compare p_norm of x with that of `wanted`, the same numbers as floats, in every setting."""
    answers = submission.run(norms, x, settings)
    for answer, setting in zip(answers, settings, strict=True):
        assert_tensor(answer, true_norm(wanted, *setting))


def random_pair(rng):
    """Return two shapes that fit: sizes become 1 and leading ones disappear."""
    size = tuple(rng.integer(0, 6) for _ in range(rng.integer(1, 5)))
    pair = []
    for _ in range(2):
        shape = tuple(n if rng.integer(0, 3) else 1 for n in size)
        pair.append(shape[rng.integer(0, len(shape)) :])
    return tuple(pair)


@check(
    points=1,
    zh="对各种形状和 dtype，add_four_ways 都得到正确的和，且没有警告。",
    hint="The tensor for out= takes its size, its dtype and its device from x.",
    hint_zh="传给 out= 的张量，大小、dtype 和设备都要与 x 相同。",
)
def test_add_four_ways_without_a_warning(submission, rng):
    """add_four_ways is right for every shape and dtype and raises no warning."""
    cases = [rng.randn(4, 2, dtype=torch.float64), rng.randint(-9, 9, (2, 3, 5)), rng.randn(1, 7)]
    cases += [rng.randn(dtype=torch.float64), rng.randn(0, 3)]
    for x in cases:
        y = 3 * x.flip(0) - 1 if x.dim() else 3 * x - 1
        sums = submission.run(add_strictly, x, y)
        assert_equal(len(sums), 4)
        for result in sums:
            assert_tensor(result, x + y)


@check(
    points=2,
    zh="add_four_ways 的前三个结果各有自己的内存，第四个就是 y 本身。",
    hint="Three new tensors and y: none of the three may be y, x or one of the others.",
    hint_zh="三个新张量加上 y：前三个不能是 y，不能是 x，也不能彼此相同。",
)
def test_add_four_ways_makes_three_tensors(submission, rng):
    """The first three results of add_four_ways have memory of their own, the fourth is y."""
    x, y, amounts = rng.randn(3, 4), rng.randn(3, 4), (10 * rng.rand(4) + 1).tolist()
    sums, x_after, y_after = submission.run(change_the_sums, x, y, amounts)
    for result, amount in zip(sums, amounts, strict=True):
        assert_tensor(result, x + y + amount)
    assert_tensor(x_after, x)
    assert_tensor(y_after, x + y + amounts[3])


@check(
    points=1,
    zh="add_four_ways 的结果与 x 在同一设备上。",
    hint="empty_like and new_empty keep the device; torch.empty makes a tensor on the CPU.",
    hint_zh="empty_like 和 new_empty 会沿用设备；torch.empty 建在 CPU 上。",
)
def test_add_four_ways_stays_on_the_device(submission, rng):
    """The results of add_four_ways are on the device of x."""
    # "meta" is a device that every machine has; a result made elsewhere shows there as on a GPU.
    for result in submission.on("meta").add_four_ways(rng.randn(4, 3), rng.randn(4, 3)):
        assert_tensor(result, torch.empty(4, 3, device="meta"))


@check(
    points=2,
    zh="对任意多的维数、缺少的维以及大小为 0 和 1 的维，broadcast_shape 都正确。",
    hint="When one size is 1 the other one counts, and that is not always the larger.",
    hint_zh="有一个大小是 1 时，取另一个，而它不一定更大。",
)
def test_broadcast_shape_of_any_shapes(submission, rng):
    """broadcast_shape is right for any number of dimensions and for sizes of 0 and 1."""
    pairs = [((), (3, 2)), ((0,), (1,)), ((4, 1), (1, 0)), ((), ())]
    pairs += [random_pair(rng) for _ in range(60)]
    expected = [tuple((torch.empty(a) + torch.empty(b)).shape) for a, b in pairs]
    assert_equal(submission.run(shapes, pairs), expected)


@check(
    points=1,
    zh="只要有一维不符，broadcast_shape 就抛出 ValueError。",
    hint="Every pair of sizes counts, not only the last one; 0 fits 0 and 1 only.",
    hint_zh="每一对大小都要检查，不只是最后一对；0 只能与 0 或 1 相配。",
)
def test_broadcast_shape_refuses_any_pair_that_does_not_fit(submission):
    """broadcast_shape raises ValueError wherever two sizes do not fit."""
    for a, b in [
        ((5, 2, 3), (4, 1, 3)),
        ((0,), (2,)),
        ((3, 2), (3,)),
        ((2, 6), (4, 3, 6)),
        ((7, 1), (5, 4)),
    ]:
        with raises(ValueError):
            submission.broadcast_shape(a, b)


@check(
    points=1,
    zh="对整数、视图、单个数和空向量，outer_sum 都得到 (n, m) 的表，dtype 不变。",
    hint="Let broadcasting do it: tensors in, tensors out, nothing through Python's numbers.",
    hint_zh="交给广播机制：进出都是张量，不要经过 Python 的数。",
)
def test_outer_sum_of_any_vectors(submission, rng):
    """outer_sum is right for ints, views, single numbers and empty vectors."""
    for n, m in ((5, 3), (1, 4), (6, 1), (0, 2), (3, 0)):
        a, b = rng.randint(-50, 50, (n,)), rng.randint(-50, 50, (m,))
        assert_tensor(submission.outer_sum(a, b), a.reshape(n, 1) + b.reshape(1, m))
    a, b = rng.randn(7), rng.randn(5, 3)
    assert_tensor(submission.run(outer_sum_of_views, a, b), a[::2].reshape(4, 1) + b[:, 1])


@check(
    points=1,
    zh="join_channels 按顺序拼接一个、三个或多个特征图，通道数各不相同也可以。",
    hint="The channels of an (N, C, H, W) map are dimension 1, and the order is the list's.",
    hint_zh="(N, C, H, W) 的通道是第 1 维，先后顺序以列表为准。",
)
def test_join_channels_of_any_number_of_maps(submission, rng):
    """join_channels joins one, three or more maps with any numbers of channels in order."""
    for channels, dtype in (((2,), torch.float32), ((3, 3, 3), torch.float64)):
        feats = [rng.randn(3, c, 2, 5, dtype=dtype) for c in channels]
        assert_tensor(submission.join_channels(feats), torch.cat(feats, dim=1))
    feats = [rng.randint(0, 90, (2, c, 4, 3)) for c in (1, 0, 5, 2)]
    assert_tensor(submission.join_channels(feats), torch.cat(feats, dim=1))


@check(
    points=1,
    zh="列表为空，或者有一个不是四维、N、H、W 不同时，join_channels 抛出 ValueError。",
    hint="Torch refuses most of this with another error, but joins 3-d tensors: check first.",
    hint_zh="这些情况 PyTorch 大多抛出别的异常，三维张量却照样拼接：请先检查。",
)
def test_join_channels_refuses_what_does_not_fit(submission, rng):
    """join_channels raises ValueError for an empty list, other dimensions and other N, H or W."""
    with raises(ValueError):
        submission.join_channels([])
    for sizes in [
        [(2, 3, 4), (2, 5, 4)],
        [(2, 3, 4, 5), (2, 3, 4)],
        [(2, 3, 4, 5), (3, 3, 4, 5)],
        [(2, 3, 4, 5), (2, 1, 4, 5), (2, 3, 3, 5)],
        [(2, 3, 4, 5), (2, 3, 4, 6)],
    ]:
        with raises(ValueError):
            submission.join_channels([rng.randn(*size) for size in sizes])


@check(
    points=2,
    zh="对单行、单列、空的以及内存不连续的矩阵，matmul_loops 都正确。",
    hint="Three sizes take part: rows of A, columns of B, and the inner one that is summed over.",
    hint_zh="一共有三个大小：A 的行数、B 的列数，以及被求和的中间那个。",
)
def test_matmul_loops_of_any_matrices(submission, rng):
    """matmul_loops is right for single rows and columns, for empty matrices and for views."""
    for n, inner, m in ((1, 5, 1), (4, 1, 3), (3, 4, 2), (2, 0, 3), (0, 3, 2), (2, 3, 0)):
        A, B = rng.randn(n, inner), rng.randn(inner, m)
        assert_tensor(submission.matmul_loops(A, B), A @ B)
    tall, wide = rng.randn(3, 4), rng.randn(3, 6)
    assert_tensor(submission.run(product_of_views, tall, wide), tall.t() @ wide[:, ::2])


@check(
    points=1,
    zh="matmul_loops 保持 dtype：float64 保持全部精度，int64 分毫不差。",
    hint="torch.zeros makes float32; A.new_zeros and sums of products keep what A is.",
    hint_zh="torch.zeros 默认是 float32；A.new_zeros 和 A 的乘积之和都会沿用 A 的类型。",
)
def test_matmul_loops_keeps_the_dtype(submission, rng):
    """matmul_loops keeps the dtype: float64 with its full precision, int64 exactly."""
    A, B = rng.randn(2, 4, dtype=torch.float64), rng.randn(4, 3, dtype=torch.float64)
    assert_tensor(submission.matmul_loops(A, B), A @ B)
    A, B = rng.randint(-(2**29), 2**29, (3, 4)), rng.randint(-(2**29), 2**29, (4, 2))
    assert_tensor(submission.matmul_loops(A, B), (A[:, :, None] * B).sum(1))


@check(
    points=1,
    zh="梯度能通过 matmul_loops 传到 A 和 B，数值正确。",
    hint=".item(), float() and lists of numbers cut the graph; stay with tensors.",
    hint_zh=".item()、float() 和由数组成的列表都会切断计算图，请一直使用张量。",
)
def test_gradients_pass_through_matmul_loops(submission, rng):
    """A and B receive the right gradients through matmul_loops."""
    A, B = rng.randn(3, 4, dtype=torch.float64), rng.randn(4, 2, dtype=torch.float64)
    upstream = rng.randn(3, 2, dtype=torch.float64)
    received = submission.run(gradients, "matmul_loops", [A, B], wrt=[0, 1], upstream=upstream)
    assert_tensor(received[0], upstream @ B.t())
    assert_tensor(received[1], A.t() @ upstream)


@check(
    points=1,
    zh="matmul_loops 的结果与 A 在同一设备上。",
    hint="Make the result from A (A.new_zeros) or from sums of products, not on the CPU.",
    hint_zh="结果要由 A 得到（A.new_zeros），或由乘积之和得到，不要建在 CPU 上。",
)
def test_matmul_loops_stays_on_the_device(submission, rng):
    """The result of matmul_loops is on the device of A."""
    result = submission.on("meta").matmul_loops(rng.randn(2, 3), rng.randn(3, 4))
    assert_tensor(result, torch.empty(2, 4, device="meta"))


@check(
    points=1,
    zh="对全为负数的分数和每个像素的分数，top1 都沿第 1 维选出类别与分数。",
    hint="The classes are dimension 1, also in (N, K, H, W); no score needs to be above 0.",
    hint_zh="类别总在第 1 维，(N, K, H, W) 也一样；分数不一定大于 0。",
)
def test_top1_of_samples_and_pixels(submission, rng):
    """top1 chooses along dimension 1, for samples and for pixels, also among negative scores."""
    for size in ((6, 9), (1, 1), (8, 3), (2, 4, 3, 5)):
        for dtype in (torch.float32, torch.float64):
            logits = rng.rand(*size, dtype=dtype) - 3
            values, index = submission.run(best, logits)
            assert_tensor(index, logits.argmax(1))
            assert_tensor(values, logits.amax(1))


@check(
    points=1,
    zh="最高分不止一个时，top1 给出其中的第一个类别。",
    hint="max and argmax take the first one; topk and an unstable sort promise nothing.",
    hint_zh="max 和 argmax 取第一个；topk 和不稳定的排序不保证顺序。",
)
def test_top1_takes_the_first_of_equals(submission, rng):
    """top1 gives the first class of those that share the largest score."""
    logits = rng.randint(0, 3, (60, 20)).to(torch.float32)
    largest = logits.amax(1, keepdim=True)
    first = torch.where(logits == largest, torch.arange(20), 20).amin(1)
    _, index = submission.run(best, logits)
    assert_tensor(index, first)


@check(
    points=2,
    zh="对任意维数、任意 p 和任意 dim（包括负数），p_norm 都正确。",
    hint="Without dim all elements are one long vector, however many dimensions there are.",
    hint_zh="不给 dim 时，不管有几维，全部元素当作一个长向量。",
)
def test_p_norm_of_any_tensor(submission, rng):
    """p_norm is right for any dimensions, any p and any dim, negative ones included."""
    orders = (0.5, 1, 1.5, 2, 3, math.inf)
    for size, dims in (((7,), (None, 0)), ((4, 6), (None, 1, -2)), ((2, 3, 5), (None, 1, -1))):
        x = rng.randn(*size, dtype=torch.float64)
        assert_norms(submission, x, [(p, dim, False) for p in orders for dim in dims], x)


@check(
    points=1,
    zh="keepdim=True 时，p_norm 保留所有求和的维度；dim=None 时每一维的大小都是 1。",
    hint="keepdim belongs to every way out, also to the one without dim and the one for infinity.",
    hint_zh="每条分支都要用到 keepdim，包括没有 dim 的和 p 为无穷大的。",
)
def test_p_norm_keeps_all_dimensions(submission, rng):
    """With keepdim=True p_norm keeps every dimension that it sums over, also without dim."""
    x = rng.randn(3, 2, 4)
    settings = [(p, dim, True) for p in (1, 2, math.inf) for dim in (None, 0, -1)]
    assert_norms(submission, x, settings, x)


@check(
    points=1,
    zh="整数和布尔张量先转换，p_norm 的结果是 float32。",
    hint="Convert before anything else: |x| ** p of small ints may not fit into their dtype.",
    hint_zh="先转换再计算：小整数类型可能装不下 |x| ** p。",
)
def test_p_norm_converts_whole_numbers(submission, rng):
    """p_norm converts ints and bools first and gives float32."""
    for dtype in (torch.int64, torch.uint8, torch.bool):
        x = rng.randint(1, 90, (4, 5)).to(dtype)
        settings = [(2, None, False), (2, 1, False), (1, 0, False), (math.inf, 1, False)]
        assert_norms(submission, x, settings, x.to(torch.float32))


@check(
    points=1,
    zh="梯度能通过 outer_sum、join_channels、top1 和 p_norm 传到输入，数值正确。",
    hint="Stay with torch from the input to the result: no .data, no numpy, no lists.",
    hint_zh="从输入到结果一直使用 torch 的运算：不用 .data，不用 numpy，不用列表。",
)
def test_gradients_pass_through_the_rest(submission, rng):
    """The gradients pass through outer_sum, join_channels, top1 and p_norm."""
    a, b, upstream = (rng.randn(*size, dtype=torch.float64) for size in ((4,), (3,), (4, 3)))
    received = submission.run(gradients, "outer_sum", [a, b], wrt=[0, 1], upstream=upstream)
    assert_tensor(received[0], upstream.sum(1))
    assert_tensor(received[1], upstream.sum(0))

    feats, upstream = [rng.randn(2, c, 3, 4) for c in (3, 1, 2)], rng.randn(2, 6, 3, 4)
    received = submission.run(join_gradients, feats, upstream)
    for gradient, expected in zip(received, upstream.split([3, 1, 2], dim=1), strict=True):
        assert_tensor(gradient, expected)

    logits, upstream = rng.randn(5, 7), rng.randn(5)
    expected = torch.zeros(5, 7).scatter(1, logits.argmax(1, keepdim=True), upstream[:, None])
    assert_tensor(submission.run(best_gradient, logits, upstream), expected)

    x, upstream = rng.randn(4, 6, dtype=torch.float64), rng.randn(4, dtype=torch.float64)
    leaf = x.clone().requires_grad_()
    (expected,) = torch.autograd.grad((true_norm(leaf, 3, 1, keepdim=False) * upstream).sum(), leaf)
    received = submission.run(gradients, "p_norm", [x, 3, 1], wrt=[0], upstream=upstream)
    assert_tensor(received[0], expected)


@check(
    points=1,
    zh="outer_sum、join_channels、top1 和 p_norm 的结果与输入在同一设备上。",
    hint="Numbers that went through Python or numpy come back on the CPU.",
    hint_zh="经过 Python 的数或 numpy 之后，结果就回到 CPU 上了。",
)
def test_the_rest_stays_on_the_device(submission, rng):
    """The results of outer_sum, join_channels, top1 and p_norm are on the device of the input."""
    meta = submission.on("meta")
    assert_tensor(meta.outer_sum(rng.randn(4), rng.randn(3)), torch.empty(4, 3, device="meta"))
    joined = meta.join_channels([rng.randn(2, 3, 4, 5), rng.randn(2, 1, 4, 5)])
    assert_tensor(joined, torch.empty(2, 4, 4, 5, device="meta"))
    values, index = meta.run(best, rng.randn(6, 3))
    assert_tensor(values, torch.empty(6, device="meta"))
    assert_tensor(index, torch.empty(6, dtype=torch.int64, device="meta"))
    assert_tensor(meta.p_norm(rng.randn(4, 6), 3, 1), torch.empty(4, device="meta"))
