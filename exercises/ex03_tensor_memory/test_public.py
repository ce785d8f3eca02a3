"""Public checks of ex03_tensor_memory: the tables of the notes, and random ones beside them."""

import torch

from grader.checks import Mistake, assert_equal, assert_tensor, check, probe


@probe
def answers_by_kind(student, x, equal):
    """Return same_storage of x and, in turn, of tensors made from it."""
    others = {
        "x": x,
        "x.view(-1)": x.view(-1),
        "x.t()": x.t(),
        "x[1:]": x[1:],
        "x.clone()": x.clone(),
        "x[x.isfinite()]": x[x.isfinite()],
        "a tensor with equal numbers": equal,
    }
    return {kind: student.same_storage(x, other) for kind, other in others.items()}


@probe
def places_in_a_part(student, x, indices):
    """Return the places of elements of the transpose of x without its first row."""
    part = x.t()[1:]
    return [student.storage_position(part, index) for index in indices]


@probe
def write_to_column(student, x, j, amount):
    """Return column j, and what becomes of x when amount is added to the column."""
    chosen = student.column(x, j)
    before = chosen.clone()
    chosen += amount
    return before, x


@probe
def change_where(student, x, mask, amount):
    """Return what becomes of x."""
    student.add_where(x, mask, amount)
    return x


@probe
def write_to_copy(student, x, shape):
    """Return what becomes of x when 1 is added to its copy."""
    copy = student.safe_reshape_copy(x, shape)
    copy += 1
    return x


@probe
def reshape_the_transpose(student, x, shape):
    """Return a reshaped copy of the transpose of x."""
    return student.safe_reshape_copy(x.t(), shape)


@probe
def change_the_array(student, name, array, amounts):
    """Return what becomes of the tensor when the array changes after the conversion."""
    tensor = getattr(student, name)(array)
    array += amounts
    return tensor


def scrambled(picture, shape):
    """Return the mistake of moving channels by reshape."""
    return Mistake(
        picture.reshape(shape),
        en="The shape is right, but the pixels are scrambled: reshape keeps the order of the "
        "numbers and only sets new line breaks. To move an axis, use permute.",
        zh="形状对了，但像素全乱了：reshape 不改变数的先后顺序，只是重新分行。"
        "要移动维度，请用 permute。",
    )


@check(
    points=1,
    zh="same_storage 能区分视图（True）与副本（False）。",
    hint="Each tensor has an untyped_storage(), and each storage a data_ptr(), its address.",
    hint_zh="每个张量都有 untyped_storage()，每块存储区都有自己的地址 data_ptr()。",
)
def test_same_storage_tells_views_from_copies(submission, rng):
    """same_storage says True for views and False for copies."""
    x = rng.randn(4, 3)
    expected = {
        "x": True,
        "x.view(-1)": True,
        "x.t()": True,
        "x[1:]": True,
        "x.clone()": False,
        "x[x.isfinite()]": False,
        "a tensor with equal numbers": False,
    }
    assert_equal(submission.run(answers_by_kind, x, x.clone()), expected)


@check(
    points=1,
    zh="storage_position 在 README 的例子里得到 1、4、2、5。",
    hint="Ask the tensor itself for stride() and storage_offset(); both belong to the view.",
    hint_zh="向张量本身询问 stride() 和 storage_offset()，这两项都是视图自己的。",
)
def test_storage_position_in_the_table_of_the_readme(submission):
    """storage_position finds the places 1, 4, 2 and 5 of the README's example."""
    x = torch.arange(10, 16).reshape(2, 3)
    indices = [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert_equal(submission.run(places_in_a_part, x, indices), [1, 4, 2, 5])


@check(
    points=1,
    zh="column 取出第 j 列，写入结果时 x 也随之改变。",
    hint="An int and a slice give a view; a list or a tensor of indices gives a copy.",
    hint_zh="用整数和切片取到的是视图；用列表或张量作下标，取到的是副本。",
)
def test_writing_to_a_column_changes_the_matrix(submission, rng):
    """The result of column is column j of x, and what is written to it changes x."""
    x, j, amount = rng.randn(4, 6), rng.integer(1, 6), rng.randn(4)
    chosen, changed = submission.run(write_to_column, x, j, amount)
    assert_tensor(chosen, x[:, j])
    expected = x.clone()
    expected[:, j] += amount
    copied = Mistake(
        x,
        en="x did not change: what you returned is a copy, not a view.",
        zh="x 没有改变：你返回的是副本，不是视图。",
    )
    assert_tensor(changed, expected, mistakes=[copied])


@check(
    points=1,
    zh="add_where 直接改变 x 本身：mask 为 True 的元素加上 amount，其余不变。",
    hint="x[mask] alone makes a copy; on the left of = or += it writes into x.",
    hint_zh="单独的 x[mask] 得到副本；放在 = 或 += 的左边时才会写入 x。",
)
def test_add_where_changes_the_tensor_itself(submission, rng):
    """add_where adds to the elements of x that mask selects, in x itself."""
    x = rng.randn(5, 3)
    mask = rng.permutation(15).reshape(5, 3) < 6
    unchanged = Mistake(
        x,
        en="x did not change. x[mask] is a copy: what is added to it does not reach x.",
        zh="x 没有改变。x[mask] 是副本：加在副本上的数到不了 x。",
    )
    changed = submission.run(change_where, x, mask, 2.5)
    assert_tensor(changed, torch.where(mask, x + 2.5, x), mistakes=[unchanged])


@check(
    points=1,
    zh="safe_reshape_copy 保持元素的顺序：(2, 2, 3) 变成 (4, 3, 1)，转置过的张量也可以。",
    hint="view needs memory in row order, which a transposed tensor does not have.",
    hint_zh="view 要求元素在内存里按行排列，转置之后就不满足了。",
)
def test_safe_reshape_copy_keeps_the_order(submission, rng):
    """safe_reshape_copy keeps the order of the elements, also of a transposed tensor."""
    x = torch.arange(12).reshape(2, 2, 3)
    assert_tensor(submission.safe_reshape_copy(x, (4, 3, 1)), x.reshape(4, 3, 1))
    x = rng.randn(4, 6)
    copy = submission.run(reshape_the_transpose, x, (3, 8))
    as_it_lies = Mistake(
        x.reshape(3, 8),
        en="The numbers came in the order in which they lie in memory, not in the rows of x.",
        zh="得到的是元素在内存里的顺序，不是 x 逐行读出的顺序。",
    )
    assert_tensor(copy, x.t().reshape(3, 8), mistakes=[as_it_lies])


@check(
    points=1,
    zh="写入 safe_reshape_copy 的结果时，x 不变。",
    hint="reshape gives a view whenever it can. Only clone is always a copy.",
    hint_zh="reshape 能返回视图时就返回视图；只有 clone 一定是副本。",
)
def test_writing_to_the_copy_leaves_the_source_alone(submission, rng):
    """What is written to the result of safe_reshape_copy does not reach x."""
    x = rng.randn(3, 4)
    shared = Mistake(
        x + 1,
        en="x changed too: your result shares its memory.",
        zh="x 也跟着变了：你的结果与它共享内存。",
    )
    assert_tensor(submission.run(write_to_copy, x, (2, 6)), x, mistakes=[shared])


@check(
    points=1,
    zh="chw_to_hwc 把 (3, 4, 5) 变成 (4, 5, 3)，像素 [c, h, w] 移到 [h, w, c]。",
    hint="Read the result's axes from the left: which axis of x is its first, which its second?",
    hint_zh="从左到右看结果的各维：第一维原来是 x 的第几维，第二维呢？",
)
def test_chw_to_hwc_moves_the_channels_to_the_end(submission, rng):
    """chw_to_hwc turns (3, 4, 5) into (4, 5, 3); pixel [c, h, w] moves to [h, w, c]."""
    picture = rng.rand(3, 4, 5)
    mistakes = [scrambled(picture, (4, 5, 3))]
    assert_tensor(submission.chw_to_hwc(picture), picture.permute(1, 2, 0), mistakes=mistakes)


@check(
    points=1,
    zh="hwc_to_chw 把 (4, 5, 3) 变成 (3, 4, 5)，像素 [h, w, c] 移到 [c, h, w]。",
    hint="The channels are axis 2 of x and become axis 0; height and width keep their order.",
    hint_zh="通道是 x 的第 2 维，要变成第 0 维；高和宽的先后不变。",
)
def test_hwc_to_chw_moves_the_channels_to_the_front(submission, rng):
    """hwc_to_chw turns (4, 5, 3) into (3, 4, 5); pixel [h, w, c] moves to [c, h, w]."""
    picture = rng.rand(4, 5, 3)
    mistakes = [scrambled(picture, (3, 4, 5))]
    assert_tensor(submission.hwc_to_chw(picture), picture.permute(2, 0, 1), mistakes=mistakes)


@check(
    points=1,
    zh="ensure_batch 把单张图像 (3, 8, 6) 变成 (1, 3, 8, 6)，已经成批的 (2, 3, 8, 6) 保持不变。",
    hint="Look at x.dim() first: only a single picture lacks the batch dimension.",
    hint_zh="先看 x.dim()：只有单张图像才缺少批维度。",
)
def test_ensure_batch_adds_a_batch_of_one(submission, rng):
    """ensure_batch turns (3, 8, 6) into (1, 3, 8, 6) and leaves a batch (2, 3, 8, 6) alone."""
    picture, batch = rng.rand(3, 8, 6), rng.rand(2, 3, 8, 6)
    assert_tensor(submission.ensure_batch(picture), picture[None])
    assert_tensor(submission.ensure_batch(batch), batch)


@check(
    points=1,
    zh="数组之后的变化，from_numpy_shared 得到的张量也看得到。",
    hint="torch.tensor always copies. One function of torch is made for sharing.",
    hint_zh="torch.tensor 总是复制。torch 里有一个专门用来共享内存的函数。",
)
def test_from_numpy_shared_follows_the_array(submission, rng):
    """The tensor of from_numpy_shared sees what is written to the array afterwards."""
    numbers, amounts = rng.randn(3, 5, dtype=torch.float64), rng.randn(3, 5, dtype=torch.float64)
    arguments = ["from_numpy_shared", numbers.numpy(), amounts.numpy()]
    kept = Mistake(
        numbers,
        en="The tensor kept the old numbers: it is a copy of the array.",
        zh="张量里还是旧的数：它是数组的副本。",
    )
    assert_tensor(submission.run(change_the_array, *arguments), numbers + amounts, mistakes=[kept])


@check(
    points=1,
    zh="数组之后的变化，不影响 from_numpy_copy 得到的张量。",
    hint="Copy once, on either side: the array before the conversion or the tensor after it.",
    hint_zh="复制一次即可：转换之前复制数组，或者转换之后复制张量。",
)
def test_from_numpy_copy_keeps_its_own_numbers(submission, rng):
    """The tensor of from_numpy_copy keeps its numbers when the array changes afterwards."""
    numbers, amounts = rng.randn(3, 5, dtype=torch.float64), rng.randn(3, 5, dtype=torch.float64)
    arguments = ["from_numpy_copy", numbers.numpy(), amounts.numpy()]
    shared = Mistake(
        numbers + amounts,
        en="The tensor changed with the array: both use the same memory.",
        zh="张量随数组一起变了：两者用的是同一块内存。",
    )
    assert_tensor(submission.run(change_the_array, *arguments), numbers, mistakes=[shared])


@check(
    points=1,
    zh="num_flat_features 对形状为 (2, 16, 5, 5) 的批得到 400。",
    hint="16 * 5 * 5: the batch dimension does not count.",
    hint_zh="16 * 5 * 5：批维度不算在内。",
)
def test_num_flat_features_leaves_the_batch_out(submission, rng):
    """num_flat_features is 400 for a batch of shape (2, 16, 5, 5)."""
    assert_equal(submission.num_flat_features(rng.rand(2, 16, 5, 5)), 400)
