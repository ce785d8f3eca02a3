"""Public checks of ex04_tensor_math: the numbers of the notes, and random ones beside them."""

import math

import torch

from grader.checks import Mistake, assert_equal, assert_tensor, check, probe, raises

TABLE = torch.tensor([[1.0, 2, 3, 4], [2, 4, 6, 8], [3, 6, 9, 12]])


@probe
def sources_after_adding(student, x, y):
    """Return what becomes of x and y."""
    student.add_four_ways(x, y)
    return x, y


@probe
def best(student, logits):
    """Return the two results of top1."""
    values, index = student.top1(logits)
    return values, index


def without_root(total):
    """Return the mistake of leaving out the square root."""
    return Mistake(
        total,
        en="This is the sum of the squares. The norm is its square root.",
        zh="这是平方和。范数还要再开平方根。",
    )


@check(
    points=1,
    zh="add_four_ways 返回四个结果，全都等于 x + y。",
    hint="Once y has changed, x + y is another sum: the addition in place comes last.",
    hint_zh="y 一旦改变，x + y 就是另一个和了：就地相加要放在最后。",
)
def test_add_four_ways_agree(submission, rng):
    """add_four_ways returns four results, and all of them are x + y."""
    x, y = rng.rand(5, 3), rng.rand(5, 3)
    twice = Mistake(
        x + y + x,
        en="x was added twice: y had changed before this sum was taken.",
        zh="x 被加了两次：求这个和之前，y 已经变了。",
    )
    results = submission.add_four_ways(x, y)
    assert_equal(len(results), 4)
    for result in results:
        assert_tensor(result, x + y, mistakes=[twice])


@check(
    points=1,
    zh="add_four_ways 之后 x 不变，y 变成了和。",
    hint="A method with _ at its end changes the tensor before the dot, here y.",
    hint_zh="名字以 _ 结尾的方法会改变点号前面的张量，这里是 y。",
)
def test_add_four_ways_changes_only_y(submission, rng):
    """After add_four_ways x is as it was, and y holds the sum."""
    x, y = rng.rand(5, 3), rng.rand(5, 3)
    x_after, y_after = submission.run(sources_after_adding, x, y)
    assert_tensor(x_after, x)
    never = Mistake(
        y,
        en="y did not change: the fourth sum was not taken in place.",
        zh="y 没有改变：第四种加法没有就地进行。",
    )
    assert_tensor(y_after, x + y, mistakes=[never])


@check(
    points=1,
    zh="broadcast_shape 从右边对齐：(1, 2) 与 (3, 1) 得到 (3, 2)，(4, 3) 与 (3,) 得到 (4, 3)。",
    hint="Compare the last sizes first, then the ones before them; a missing size counts as 1.",
    hint_zh="先比较最后一维，再逐维往前；缺少的维当作 1。",
)
def test_broadcast_shape_aligns_on_the_right(submission):
    """broadcast_shape aligns on the right: (1, 2), (3, 1) give (3, 2); (4, 3), (3,) give (4, 3)."""
    assert_equal(tuple(submission.broadcast_shape((1, 2), (3, 1))), (3, 2))
    assert_equal(tuple(submission.broadcast_shape((4, 3), (3,))), (4, 3))
    assert_equal(tuple(submission.broadcast_shape((7, 1), (2, 1, 5))), (2, 7, 5))


@check(
    points=1,
    zh="(2, 3) 与 (2, 4) 不能广播，broadcast_shape 抛出 ValueError。",
    hint="Neither equal nor one of them 1: then raise ValueError(...).",
    hint_zh="两个大小既不相等，又没有一个是 1，就要 raise ValueError(...)。",
)
def test_broadcast_shape_refuses_what_does_not_fit(submission):
    """broadcast_shape raises ValueError for (2, 3) and (2, 4)."""
    with raises(ValueError):
        submission.broadcast_shape((2, 3), (2, 4))


@check(
    points=1,
    zh="outer_sum 由 [1, 2, 3] 和 [1, 2] 得到 [[2, 3], [3, 4], [4, 5]]，随机数也正确。",
    hint="a needs a second dimension of size 1 to stand upright: (n, 1) and (m,) give (n, m).",
    hint_zh="给 a 添上大小为 1 的第二维，让它竖起来：(n, 1) 与 (m,) 得到 (n, m)。",
)
def test_outer_sum_of_the_notes(submission, rng):
    """outer_sum makes [[2, 3], [3, 4], [4, 5]] of [1, 2, 3] and [1, 2], and is right elsewhere."""
    result = submission.outer_sum(torch.tensor([1, 2, 3]), torch.tensor([1, 2]))
    assert_tensor(result, torch.tensor([[2, 3], [3, 4], [4, 5]]))
    a, b = rng.randn(4, dtype=torch.float64), rng.randn(6, dtype=torch.float64)
    assert_tensor(submission.outer_sum(a, b), a.reshape(4, 1) + b)


@check(
    points=1,
    zh="join_channels 把 (2, 3, 8, 8) 和 (2, 5, 8, 8) 拼成 (2, 8, 8, 8)。",
    hint="torch.cat joins along a dimension that is there already; torch.stack makes a new one.",
    hint_zh="torch.cat 沿已有的维度拼接，torch.stack 会新建一维。",
)
def test_join_channels_of_two_branches(submission, rng):
    """join_channels makes (2, 8, 8, 8) of (2, 3, 8, 8) and (2, 5, 8, 8)."""
    first, second = rng.randn(2, 3, 8, 8), rng.randn(2, 5, 8, 8)
    result = submission.join_channels([first, second])
    assert_tensor(result, torch.cat([first, second], dim=1))


@check(
    points=1,
    zh="matmul_loops 在例子和随机矩阵上都得到矩阵乘积。",
    hint="58 = 1 * 7 + 2 * 9 + 3 * 11: row 0 of A times column 0 of B, all products added up.",
    hint_zh="58 = 1 * 7 + 2 * 9 + 3 * 11：A 的第 0 行乘 B 的第 0 列，所有乘积加起来。",
)
def test_matmul_loops_multiplies_rows_by_columns(submission, rng):
    """matmul_loops gives the matrix product, for the example and for random matrices."""
    A = torch.tensor([[1.0, 2, 3], [4, 5, 6]])
    B = torch.tensor([[7.0, 8], [9, 10], [11, 12]])
    assert_tensor(submission.matmul_loops(A, B), torch.tensor([[58.0, 64], [139, 154]]))
    A, B = rng.randn(4, 3), rng.randn(3, 5)
    assert_tensor(submission.matmul_loops(A, B), A @ B)


@check(
    points=1,
    zh="大小不符或不是矩阵时，matmul_loops 抛出 ValueError。",
    hint="Check before the loops: they may run through although the sizes do not fit.",
    hint_zh="循环之前先检查：大小不符时，循环也可能照样跑完。",
)
def test_matmul_loops_refuses_what_does_not_fit(submission, rng):
    """matmul_loops raises ValueError when the inner sizes differ or one tensor is not 2-d."""
    for left, right in [((2, 3), (4, 5)), ((4, 3), (2, 5)), ((3,), (3, 2)), ((2, 3), (3, 2, 1))]:
        with raises(ValueError):
            submission.matmul_loops(rng.randn(*left), rng.randn(*right))


@check(
    points=1,
    zh="top1 对 [[0.1, 0.2], [0.3, 0.4]] 得到类别 [1, 1]，在宽表上也正确。",
    hint="max and argmax with dim=1 look along each row, with dim=0 down each column.",
    hint_zh="max 和 argmax 取 dim=1 时沿每一行找，取 dim=0 时沿每一列找。",
)
def test_top1_chooses_a_class_for_each_row(submission):
    """top1 gives classes [1, 1] for [[0.1, 0.2], [0.3, 0.4]] and is right for a wide table."""
    for rows, expected in [
        ([[0.1, 0.2], [0.3, 0.4]], [1, 1]),
        ([[3.0, 9.0, 1.0, -2.0], [8.0, 2.0, 5.0, 7.0]], [1, 0]),
    ]:
        logits = torch.tensor(rows)
        down = Mistake(
            logits.argmax(0),
            en="These are the best rows of each column: argmax ran over dimension 0.",
            zh="这是每一列里最大的那一行：argmax 沿第 0 维取了。",
        )
        values, index = submission.run(best, logits)
        assert_tensor(index, torch.tensor(expected), mistakes=[down])
        assert_tensor(values, logits.amax(1))


@check(
    points=1,
    zh="p_norm 得到笔记中的范数：沿 dim 1、沿 dim 0 以及对全部元素。",
    hint="sqrt(1 + 4 + 9 + 16) = 5.4772 for the first row; dim=1 leaves one number for each row.",
    hint_zh="第一行是 sqrt(1 + 4 + 9 + 16) = 5.4772；dim=1 给每一行留下一个数。",
)
def test_p_norm_on_the_table_of_the_notes(submission):
    """p_norm gives the norms of the notes: along dim 1, along dim 0 and of all elements."""
    squares = TABLE.square()
    rows = torch.tensor([5.477226, 10.954452, 16.431677])
    columns = torch.tensor([3.741657, 7.483315, 11.224972, 14.966630])
    mistakes = [without_root(squares.sum(1)), without_root(squares.sum(0))]
    assert_tensor(submission.p_norm(TABLE, dim=1), rows, mistakes=mistakes)
    assert_tensor(submission.p_norm(TABLE, dim=0), columns, mistakes=mistakes)
    every = torch.tensor(20.493902)
    assert_tensor(submission.p_norm(TABLE), every, mistakes=[without_root(squares.sum())])


@check(
    points=1,
    zh="keepdim=True 时 p_norm 保留求和的那一维：形状为 (3, 1) 和 (1, 4)。",
    hint="The dimension stays with size 1, so that the result can be divided into x again.",
    hint_zh="这一维以大小 1 保留下来，这样 x 就可以直接除以结果。",
)
def test_p_norm_keeps_the_dimension(submission):
    """With keepdim=True p_norm keeps the dimension that it sums over: (3, 1) and (1, 4)."""
    rows = torch.tensor([[5.477226], [10.954452], [16.431677]])
    columns = torch.tensor([[3.741657, 7.483315, 11.224972, 14.966630]])
    assert_tensor(submission.p_norm(TABLE, dim=1, keepdim=True), rows)
    assert_tensor(submission.p_norm(TABLE, dim=0, keepdim=True), columns)


@check(
    points=1,
    zh="p 为 1、3 和无穷大时，p_norm 在有负数的表上也正确。",
    hint="|x| comes first, for negative numbers; infinity has a rule of its own: the largest |x|.",
    hint_zh="先取 |x|，这样才能处理负数；无穷大有单独的规则：取最大的 |x|。",
)
def test_p_norm_of_other_orders(submission, rng):
    """p_norm is right for p = 1, 3 and infinity on a table with negative numbers."""
    x = rng.randn(4, 5)
    assert_tensor(submission.p_norm(x, p=1, dim=1), x.abs().sum(1))
    assert_tensor(submission.p_norm(x, p=3, dim=1), x.abs().pow(3).sum(1).pow(1 / 3))
    assert_tensor(submission.p_norm(x, p=math.inf, dim=0), x.abs().amax(0))
