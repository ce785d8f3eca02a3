"""Hidden checks of ex03_tensor_memory: views of every kind, and who sees what is written where."""

import numpy as np
import torch

from grader.checks import assert_equal, assert_tensor, check, gradients, probe, raises

DTYPES = (torch.float32, torch.float64, torch.int64, torch.int32, torch.uint8)

SHARING = [
    "two parts",
    "row and column",
    "bits",
    "detached",
    "part of the transpose",
    "already contiguous",
    "one row repeated",
    "same dtype",
]
COPYING = [
    "contiguous transpose",
    "reshaped transpose",
    "rows by number",
    "other dtype",
    "joined",
    "copied part",
]


@probe
def storage_answers(student, x, kinds):
    """Return same_storage of pairs of tensors made of x (4, 6), one answer for each kind."""
    pairs = {
        "two parts": (x[:2], x[2:]),
        "row and column": (x[3], x[:, 5]),
        "bits": (x.view(torch.int32), x),
        "detached": (x, x.detach()),
        "part of the transpose": (x.t()[2:, 1:], x),
        "already contiguous": (x, x.contiguous()),
        "one row repeated": (x[1:2].expand(3, 6), x),
        "same dtype": (x.to(x.dtype), x),
        "contiguous transpose": (x, x.t().contiguous()),
        "reshaped transpose": (x.t().reshape(4, 6), x),
        "rows by number": (x, x[[0, 1, 2, 3]]),
        "other dtype": (x.to(torch.float64), x),
        "joined": (torch.cat([x]), x),
        "copied part": (x[1:], x[1:].clone()),
    }
    return [student.same_storage(*pairs[kind]) for kind in kinds]


@probe
def places(student, storage, views):
    """Return the place of x[index] for every view x = (size, stride, offset) and index."""
    return [
        student.storage_position(storage.as_strided(size, stride, offset), index)
        for size, stride, offset, index in views
    ]


@probe
def write_to_columns(student, x, j, amount):
    """Add to column j of the transpose and of every second row of x; return both and x."""
    chosen = [student.column(x.t(), j), student.column(x[::2], j)]
    before = [values.clone() for values in chosen]
    for values in chosen:
        values.add_(amount)
    return before, x


@probe
def add_to_view(student, x, mask, amount):
    """Call add_where on a view of x, then add 1 to all that it returns; return x."""
    result = student.add_where(x.transpose(0, 2)[:, 1:], mask, amount)
    result += 1
    return x


@probe
def add_to_all(student, x, mask, amount):
    """Call add_where on x itself, then add 1 to all that it returns; return x."""
    result = student.add_where(x, mask, amount)
    result += 1
    return x


@probe
def reshape_views(student, x):
    """Return reshaped copies of views of x (4, 6)."""
    return [
        student.safe_reshape_copy(x.t(), (3, 8)),
        student.safe_reshape_copy(x.t()[1:], (2, -1, 5)),
        student.safe_reshape_copy(x[:, ::2], (-1,)),
        student.safe_reshape_copy(x[2].expand(3, 6), (9, 2)),
        student.safe_reshape_copy(x[:0], (3, 0)),
        student.safe_reshape_copy(x[3, 1], (1, 1)),
    ]


@probe
def write_to_both(student, x, turned, shape, amount):
    """Add to a copy and, afterwards, to what it was made of; return the copy and x."""
    source = x.t() if turned else x
    copy = student.safe_reshape_copy(source, shape)
    copy += amount
    source += 3 * amount
    return copy, x


@probe
def write_to_result(student, name, x, amounts):
    """Add amounts to what name(x) returns; return what becomes of x."""
    result = getattr(student, name)(x)
    result += amounts
    return x


@probe
def layout_of_a_view(student, name, x):
    """Return name of a picture that is not contiguous."""
    return getattr(student, name)(x.transpose(0, 2)[:, ::2])


@probe
def share_a_part(student, array, amount):
    """Put a tensor on a part of the array and write to both; return both."""
    tensor = student.from_numpy_shared(array.T[1:, ::2])
    tensor += amount
    array += 3 * amount
    return tensor, array


@probe
def copy_parts(student, array, amount):
    """Copy parts of the array, each before the array changes; return what the tensors hold."""
    tensors = []
    for part in (array, array.T, array[1:, ::2], array[::-1], array[:, ::-1]):
        tensor = student.from_numpy_copy(part)
        tensor += amount
        array += 3 * amount
        tensors.append(tensor)
    return tensors


@probe
def counts(student, batches):
    """Return num_flat_features of every batch."""
    return [student.num_flat_features(batch) for batch in batches]


def numbers(rng, *shape, dtype=torch.float64):
    """Return small whole numbers, exact in every dtype."""
    return rng.randint(0, 30, shape).to(dtype)


@check(
    points=2,
    zh="对互不重叠的部分、不同的 dtype 以及各种副本，same_storage 都判断正确。",
    hint="Neither the first element nor the numbers decide, only the storage behind the tensor.",
    hint_zh="起决定作用的不是第一个元素，也不是数值是否相等，而是背后的存储区。",
)
def test_same_storage_of_parts_and_copies(submission, rng):
    """same_storage is right for parts without overlap, other dtypes and copies of every kind."""
    kinds = SHARING + COPYING
    kinds = [kinds[i] for i in rng.permutation(len(kinds)).tolist()]
    answers = submission.run(storage_answers, rng.randn(4, 6), kinds)
    assert_equal(answers, [kind in SHARING for kind in kinds])


@check(
    points=2,
    zh="对任意维数、步长和起点的张量，storage_position 都给出正确的位置。",
    hint="Offset plus index times stride, over all dimensions; a stride may also be 0.",
    hint_zh="偏移量加上每一维的“下标 × 步长”；步长也可能是 0。",
)
def test_storage_position_of_any_view(submission, rng):
    """storage_position is right for views with any dimensions, strides and beginning."""
    for dtype in (torch.float64, torch.int16):
        views, expected = [], []
        for dims in (0, 1, 2, 2, 3, 3, 4):
            size = tuple(rng.integer(2, 5) for _ in range(dims))
            stride = tuple(rng.integer(0, 8) for _ in range(dims))
            offset = rng.integer(1, 9)
            index = tuple(rng.integer(0, n) for n in size)
            views.append((size, stride, offset, index))
            expected.append(offset + sum(i * s for i, s in zip(index, stride, strict=True)))
        storage = numbers(rng, 150, dtype=dtype)
        assert_equal(submission.run(places, storage, views), expected)


@check(
    points=1,
    zh="矩阵在内存中不连续时，column 仍取到正确的列，写入结果也能改变它。",
    hint="Leave the memory to the index: what it selects is a view of a view.",
    hint_zh="内存的事交给下标去处理：视图的视图仍然是视图。",
)
def test_column_of_matrices_that_are_not_contiguous(submission, rng):
    """column selects and shares columns of matrices that are not contiguous, in every dtype."""
    for dtype in (torch.float64, torch.int32):
        x, j, amount = numbers(rng, 6, 5, dtype=dtype), rng.integer(0, 5), rng.integer(1, 9)
        chosen, changed = submission.run(write_to_columns, x, j, amount)
        assert_tensor(chosen[0], x[j])
        assert_tensor(chosen[1], x[::2, j])
        x[j] += amount
        x[::2, j] += amount
        assert_tensor(changed, x)


@check(
    points=1,
    zh="对视图、整数张量以及全选或全不选的 mask，add_where 都写入原来的内存，并返回 x 本身。",
    hint="Write into x, whatever x is a view of, and return that same tensor, not a new one.",
    hint_zh="不管 x 是谁的视图，都要写进 x 本身，并返回这个张量，而不是新的张量。",
)
def test_add_where_writes_through_views(submission, rng):
    """add_where writes through a view, in every dtype, and returns the tensor itself."""
    for dtype, amount in ((torch.float64, 0.75), (torch.int64, 7), (torch.uint8, 5)):
        x = numbers(rng, 4, 3, 5, dtype=dtype)
        mask = rng.rand(5, 2, 4) < 0.5
        changed = submission.run(add_to_view, x, mask, amount)
        x.transpose(0, 2)[:, 1:].add_(torch.where(mask, amount, 0).to(dtype)).add_(1)
        assert_tensor(changed, x)
    for mask in (torch.zeros(2, 7, dtype=torch.bool), torch.ones(2, 7, dtype=torch.bool)):
        x = rng.randn(2, 7)
        assert_tensor(submission.run(add_to_all, x, mask, 2.5), x + mask * 2.5 + 1)


@check(
    points=2,
    zh="对各种视图（空的也不例外），safe_reshape_copy 都保持元素顺序与 dtype。",
    hint="The order is that of x's rows, however x lies in memory; leave -1 to torch.",
    hint_zh="顺序以 x 逐行读出为准，与 x 在内存里怎样排列无关；-1 交给 torch 去算。",
)
def test_safe_reshape_copy_of_any_tensor(submission, rng):
    """safe_reshape_copy keeps the order and the dtype of every view, empty ones included."""
    for dtype in (torch.float64, torch.uint8):
        x = numbers(rng, 4, 6, dtype=dtype)
        expected = [
            x.t().reshape(3, 8),
            x.t()[1:].reshape(2, -1, 5),
            x[:, ::2].reshape(-1),
            x[2].repeat(3).reshape(9, 2),
            torch.zeros(3, 0, dtype=dtype),
            x[3:4, 1:2],
        ]
        for copy, wanted in zip(submission.run(reshape_views, x), expected, strict=True):
            assert_tensor(copy, wanted)


@check(
    points=1,
    zh="无论 x 是否连续、形状是否改变，safe_reshape_copy 的结果与 x 都互不影响。",
    hint="Copy in every case, also where reshape or contiguous() would have nothing to do.",
    hint_zh="任何情况下都要复制，包括 reshape 或 contiguous() 本来什么都不用做的时候。",
)
def test_copy_and_source_never_share_memory(submission, rng):
    """Neither the copy of safe_reshape_copy nor its source sees what is written to the other."""
    for turned, shape in ((False, (4, 6)), (True, (6, 4)), (False, (3, 8)), (True, (24,))):
        x, amount = numbers(rng, 4, 6), rng.integer(1, 9)
        source = x.t() if turned else x
        expected = source.reshape(shape) + amount
        copy, changed = submission.run(write_to_both, x, turned, shape, amount)
        assert_tensor(copy, expected)
        assert_tensor(changed, x + 3 * amount)


@check(
    points=1,
    zh="梯度能通过 safe_reshape_copy 传回 x。",
    hint="A copy may stay in the graph: clone does, detach, .data and torch.tensor do not.",
    hint_zh="副本也可以留在计算图里：clone 会留下，detach、.data 和 torch.tensor 则不会。",
)
def test_gradient_passes_through_the_copy(submission, rng):
    """The gradient reaches the source through safe_reshape_copy."""
    x, upstream = rng.randn(3, 4, dtype=torch.float64), rng.randn(2, 6, dtype=torch.float64)
    arguments = ["safe_reshape_copy", [x, (2, 6)]]
    (received,) = submission.run(gradients, *arguments, wrt=[0], upstream=upstream)
    assert_tensor(received, upstream.reshape(3, 4))


@check(
    points=1,
    zh="元素个数相符时 safe_reshape_copy 得到正确的结果，不符时抛出 RuntimeError。",
    hint="reshape refuses a wrong number of elements by itself; resize_ does not.",
    hint_zh="元素个数不符时 reshape 会自己报错，resize_ 却不会。",
)
def test_safe_reshape_copy_refuses_a_wrong_count(submission, rng):
    """safe_reshape_copy is right for a shape that fits, and raises RuntimeError otherwise."""
    x = rng.randn(4, 6)
    assert_tensor(submission.safe_reshape_copy(x, (3, 8)), x.reshape(3, 8))
    for shape in ((5, 5), (2, 11), (-1, 7)):
        with raises(RuntimeError):
            submission.safe_reshape_copy(x, shape)


@check(
    points=1,
    zh="chw_to_hwc、hwc_to_chw 和 ensure_batch 的结果与 x 共享内存：写入结果就是写入 x。",
    hint="Only the header changes; a copy is not needed, and contiguous() makes one.",
    hint_zh="改变的只是头信息，不需要复制；而 contiguous() 会复制。",
)
def test_layouts_share_the_memory_of_the_picture(submission, rng):
    """What is written to the results of chw_to_hwc, hwc_to_chw and ensure_batch reaches x."""
    x, amounts = rng.randn(3, 5, 4), rng.randn(3, 5, 4)
    turned = amounts.permute(1, 2, 0)
    assert_tensor(submission.run(write_to_result, "chw_to_hwc", x, turned), x + amounts)
    turned = amounts.permute(2, 0, 1)
    assert_tensor(submission.run(write_to_result, "hwc_to_chw", x, turned), x + amounts)
    assert_tensor(submission.run(write_to_result, "ensure_batch", x, amounts[None]), x + amounts)
    x, amounts = rng.randn(2, 3, 5, 4), rng.randn(2, 3, 5, 4)
    assert_tensor(submission.run(write_to_result, "ensure_batch", x, amounts), x + amounts)


@check(
    points=1,
    zh="对各种大小、各种 dtype 和内存不连续的图像，三个布局函数都正确。",
    hint="One channel, one row and one column are pictures too; give each axis by its number.",
    hint_zh="只有一个通道、一行或一列的也是图像；每一维都要按编号指明。",
)
def test_layouts_of_any_picture(submission, rng):
    """chw_to_hwc, hwc_to_chw and ensure_batch are right for all sizes, dtypes and views."""
    for size in ((1, 6, 4), (5, 1, 3), (2, 7, 1)):
        x = numbers(rng, *size, dtype=torch.uint8)
        assert_tensor(submission.chw_to_hwc(x), x.permute(1, 2, 0))
        assert_tensor(submission.hwc_to_chw(x), x.permute(2, 0, 1))
    x = numbers(rng, 6, 5, 3)
    view = x.transpose(0, 2)[:, ::2]
    for name, expected in (
        ("chw_to_hwc", view.permute(1, 2, 0)),
        ("hwc_to_chw", view.permute(2, 0, 1)),
        ("ensure_batch", view[None]),
    ):
        assert_tensor(submission.run(layout_of_a_view, name, x), expected)


@check(
    points=1,
    zh="梯度能通过 chw_to_hwc、hwc_to_chw、ensure_batch 和 column 传回 x。",
    hint="A view by torch stays in the graph; one that goes through numpy or .data does not.",
    hint_zh="用 torch 得到的视图留在计算图里；经过 numpy 或 .data 的就不在了。",
)
def test_gradients_pass_through_the_views(submission, rng):
    """The gradient reaches x through chw_to_hwc, hwc_to_chw, ensure_batch and column."""
    x, upstream = rng.randn(3, 5, 4), rng.randn(3, 5, 4)
    for name, towards in (
        ("chw_to_hwc", upstream.permute(1, 2, 0)),
        ("hwc_to_chw", upstream.permute(2, 0, 1)),
        ("ensure_batch", upstream[None]),
    ):
        (received,) = submission.run(gradients, name, [x], wrt=[0], upstream=towards)
        assert_tensor(received, upstream)
    matrix, towards, expected = rng.randn(4, 3), rng.randn(4), torch.zeros(4, 3)
    expected[:, 1] = towards
    (received,) = submission.run(gradients, "column", [matrix, 1], wrt=[0], upstream=towards)
    assert_tensor(received, expected)


@check(
    points=1,
    zh="维数不符时，三个布局函数都抛出 ValueError。",
    hint="Torch refuses some of these with another error and accepts others: check x.dim() first.",
    hint_zh="这些情况有的 PyTorch 会抛出别的异常，有的会照单全收：请自己检查 x.dim()。",
)
def test_layouts_refuse_other_dimensions(submission, rng):
    """chw_to_hwc, hwc_to_chw and ensure_batch raise ValueError for other numbers of dimensions."""
    for size in ((6, 5), (2, 3, 6, 5)):
        for name in ("chw_to_hwc", "hwc_to_chw"):
            with raises(ValueError):
                getattr(submission, name)(rng.randn(*size))
    for size in ((6, 5), (1, 2, 3, 6, 5)):
        with raises(ValueError):
            submission.ensure_batch(rng.randn(*size))


@check(
    points=1,
    zh="结果与 x 在同一设备上。",
    hint="Stay with torch: numpy knows the CPU only, and torch.empty needs to be told the device.",
    hint_zh="一直使用 torch：numpy 只认识 CPU，而 torch.empty 需要指明设备。",
)
def test_views_and_copies_stay_on_the_device(submission, rng):
    """column, safe_reshape_copy and the three layouts stay on the device of x."""
    # "meta" is a device that every machine has; a result made elsewhere shows there as on a GPU.
    meta = submission.on("meta")
    assert_tensor(meta.column(rng.randn(4, 7), 2), torch.empty(4, device="meta"))
    assert_tensor(meta.safe_reshape_copy(rng.randn(4, 6), (3, 8)), torch.empty(3, 8, device="meta"))
    picture = rng.randn(3, 6, 4)
    assert_tensor(meta.chw_to_hwc(picture), torch.empty(6, 4, 3, device="meta"))
    assert_tensor(meta.hwc_to_chw(picture), torch.empty(4, 3, 6, device="meta"))
    assert_tensor(meta.ensure_batch(picture), torch.empty(1, 3, 6, 4, device="meta"))


@check(
    points=1,
    zh="数组不连续时，from_numpy_shared 也保持 dtype，写入任何一方，另一方都看得到。",
    hint="Any conversion, also one to a contiguous array, may copy in silence.",
    hint_zh="任何转换都可能悄悄复制，转成连续数组也不例外。",
)
def test_from_numpy_shared_on_parts_of_arrays(submission, rng):
    """from_numpy_shared keeps the dtype and shares both ways, also with a part of an array."""
    for dtype in DTYPES:
        array, amount = numbers(rng, 5, 4, dtype=dtype), rng.integer(1, 9)
        tensor, changed = submission.run(share_a_part, array.numpy(), amount)
        part = array.t()[1:, ::2]
        part += amount
        array += 3 * amount
        assert_tensor(tensor, part)
        assert_equal(changed, array.numpy())


@check(
    points=1,
    zh="对各种 dtype，以及转置、隔行、翻转的数组，from_numpy_copy 都得到独立的副本。",
    hint="torch reads no array with negative steps; a copy that numpy makes has none.",
    hint_zh="torch 读不了步长为负的数组；让 numpy 先复制一份，步长就都是正的了。",
)
def test_from_numpy_copy_of_parts_of_arrays(submission, rng):
    """from_numpy_copy copies transposed, stepped and turned arrays of every dtype."""
    for dtype in DTYPES:
        array, amount = numbers(rng, 5, 4, dtype=dtype).numpy(), rng.integer(1, 5)
        copies = submission.run(copy_parts, array, amount)
        for part, copy in zip(
            (array, array.T, array[1:, ::2], array[::-1], array[:, ::-1]), copies, strict=True
        ):
            assert_tensor(copy, torch.tensor(np.ascontiguousarray(part + amount)))
            array += 3 * amount


@check(
    points=1,
    zh="对任意维数的批、只有一个样本的批和空批，num_flat_features 都返回正确的 int。",
    hint="Multiply the sizes after the first; do not divide by N, which may be 0.",
    hint_zh="把第一维之后的大小相乘；不要除以 N，它可能是 0。",
)
def test_num_flat_features_of_any_batch(submission, rng):
    """num_flat_features is right for batches of every number of dimensions, empty ones included."""
    a, b, c = (rng.integer(2, 7) for _ in range(3))
    batches = {(3, a): a, (1, a, b): a * b, (2, a, b, c): a * b * c, (0, a, c): a * c, (4,): 1}
    answers = submission.run(counts, [torch.zeros(size) for size in batches])
    assert_equal(answers, list(batches.values()))
