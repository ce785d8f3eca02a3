"""Public checks of ex16_losses_regression: numbers of the notes and of a pencil."""

import math

import torch
from torch.nn import functional

from grader.checks import Mistake, assert_equal, assert_tensor, check, probe, raises

OUTPUTS = torch.tensor([1.0, 2, 3])
TARGETS = torch.tensor([1.0, 2, 5])


@probe
def moved(student, x, y, steps, lr):
    """Return x after some steps along the gradient of the mean squared error."""
    return student.descend(functional.mse_loss, x, y, steps, lr)


@check(
    points=1,
    zh="reduce_loss 对 0、0、4：none 原样返回，sum 是 4，mean 是 1.3333；其他写法抛出 ValueError。",
    hint='Three cases and an error; "mean" is the sum divided by how many there are.',
    hint_zh="三种情况加一个异常；mean 就是总和除以个数。",
)
def test_reduce_loss_on_three_losses(submission):
    """Of the losses 0, 0, 4 reduce_loss makes 4 or 1.3333 or leaves them; else ValueError."""
    losses = torch.tensor([0.0, 0, 4])
    assert_tensor(submission.reduce_loss(losses, "none"), losses)
    assert_tensor(submission.reduce_loss(losses, "sum"), torch.tensor(4.0))
    assert_tensor(submission.reduce_loss(losses), torch.tensor(4 / 3))
    with raises(ValueError):
        submission.reduce_loss(losses, "average")


@check(
    points=1,
    zh="l1 对笔记中的三个数：mean 是 0.6667，sum 是 2；误差一正一负时不会相互抵消。",
    hint="First the absolute value of every difference, then the reduction.",
    hint_zh="先对每个差取绝对值，再做 reduction。",
)
def test_l1_on_the_numbers_of_the_notes(submission):
    """l1 gives 0.6667 and 2 on the numbers of the notes; errors of two signs do not cancel."""
    assert_tensor(submission.l1(OUTPUTS, TARGETS), torch.tensor(2 / 3))
    assert_tensor(submission.l1(OUTPUTS, TARGETS, "sum"), torch.tensor(2.0))
    assert_tensor(submission.l1(OUTPUTS, TARGETS, "none"), torch.tensor([0.0, 0, 2]))
    x, y = torch.tensor([[3.0], [0]]), torch.tensor([[1.0], [2]])
    assert_tensor(submission.l1(x, y), torch.tensor(2.0))


@check(
    points=1,
    zh="mse 对笔记中的三个数：mean 是 1.3333，sum 是 4。",
    hint="Only the last pair differs, by 2: its square is 4, and there are three elements.",
    hint_zh="只有最后一对不同，相差 2：平方是 4，一共三个元素。",
)
def test_mse_on_the_numbers_of_the_notes(submission):
    """Mse gives 1.3333 and 4 on the numbers of the notes."""
    half = Mistake(
        torch.tensor(2 / 3), en="This is half of the mean squared error.", zh="这是均方误差的一半。"
    )
    assert_tensor(submission.mse(OUTPUTS, TARGETS), torch.tensor(4 / 3), mistakes=[half])
    assert_tensor(submission.mse(OUTPUTS, TARGETS, "sum"), torch.tensor(4.0))
    assert_tensor(submission.mse(OUTPUTS, TARGETS, "none"), torch.tensor([0.0, 0, 4]))


@check(
    points=1,
    zh="smooth_l1 对 -2、-0.5、0、0.5、2：beta 为 1 和 0.5 时，曲线和直线部分的值都正确。",
    hint="For beta = 1 the loss of 0.5 is 0.5 * 0.25, and that of 2 is 2 - 0.5.",
    hint_zh="beta = 1 时，0.5 的损失是 0.5 * 0.25，2 的损失是 2 - 0.5。",
)
def test_smooth_l1_on_five_numbers(submission):
    """smooth_l1 is right on both sides of beta for the five numbers of the notes."""
    x = torch.tensor([-2, -0.5, 0, 0.5, 2])
    y = torch.zeros(5)
    expected = torch.tensor([1.5, 0.125, 0, 0.125, 1.5])
    assert_tensor(submission.smooth_l1(x, y, "none"), expected)
    assert_tensor(submission.smooth_l1(x, y), torch.tensor(0.65))
    expected = torch.tensor([1.75, 0.25, 0, 0.25, 1.75])
    assert_tensor(submission.smooth_l1(x, y, "none", beta=0.5), expected)


@check(
    points=1,
    zh="poisson_nll 的三个公式：x 为速率的对数、x 为速率本身，以及带斯特林项的。",
    hint="With x = 0 and y = 3: exp(0) - 3 * 0 = 1; full adds 3 ln 3 - 3 + 0.5 ln(6 pi) = 1.7641.",
    hint_zh="x = 0、y = 3 时：exp(0) - 3 * 0 = 1；full 再加上 3 ln 3 - 3 + 0.5 ln(6 pi) = 1.7641。",
)
def test_poisson_nll_has_three_formulas(submission):
    """poisson_nll follows its three formulas: log rates, rates, and with Stirling's term."""
    x, y = torch.tensor([0.0, math.log(2)]), torch.tensor([3.0, 2])
    expected = torch.tensor([1.0, 2 - 2 * math.log(2)])
    assert_tensor(submission.poisson_nll(x, y, "none"), expected)
    assert_tensor(submission.poisson_nll(x, y), expected.mean())
    expected = expected + torch.tensor([1.764081, 0.651806])
    assert_tensor(submission.poisson_nll(x, y, "none", full=True), expected)
    rates = torch.tensor([2.0, 0.5])
    expected = torch.tensor([2 - 3 * math.log(2), 0.5 + 2 * math.log(2)])
    assert_tensor(submission.poisson_nll(rates, y, "none", log_input=False), expected)


@check(
    points=1,
    zh="形状不同时抛出 ValueError，哪怕可以广播：笔记中的 (2, 3) 与 (1, 3) 也不行。",
    hint="Compare x.shape with y.shape before you subtract; broadcasting would hide the mistake.",
    hint_zh="相减之前先比较 x.shape 和 y.shape；广播会把错误藏起来。",
)
def test_losses_refuse_the_shapes_of_the_notes(submission):
    """Shapes that differ raise ValueError, even (2, 3) and (1, 3) of the notes."""
    for name in ("l1", "mse", "smooth_l1", "poisson_nll"):
        with raises(ValueError):
            getattr(submission, name)(2.5 * torch.ones(2, 3), torch.ones(1, 3))


@check(
    points=1,
    zh="legacy_reduction 读懂笔记中的写法：reduce=False 得到 none，不管 reduction 写什么。",
    hint="reduce decides first; size_average only chooses between mean and sum.",
    hint_zh="先看 reduce；size_average 只在 mean 和 sum 之间选择。",
)
def test_legacy_reduction_of_the_notes(submission):
    """legacy_reduction tells what the call of the notes means: with reduce=False it is none."""
    assert_equal(submission.legacy_reduction(size_average=True, reduce=False), "none")
    assert_equal(submission.legacy_reduction(size_average=False), "sum")
    assert_equal(submission.legacy_reduction(size_average=True, reduce=True), "mean")


@check(
    points=1,
    zh="descend 沿均方误差的梯度走两步，把 3 移到 3.4，再移到 3.72。",
    hint="The gradient is 2 * (3 - 5) / 3. Two steps: the second one has a gradient of its own.",
    hint_zh="梯度是 2 * (3 - 5) / 3。走两步：第二步要用新的梯度。",
)
def test_descend_by_hand(submission):
    """Descend moves 3 to 3.4 and on to 3.72 with the mean squared error of the notes."""
    expected = torch.tensor([1, 2, 3.4])
    assert_tensor(submission.run(moved, OUTPUTS, TARGETS, 1, 0.3), expected)
    summed = Mistake(
        torch.tensor([1, 2, 4.12]),
        en="The second step has used the sum of both gradients.",
        zh="第二步用的是两次梯度之和。",
    )
    expected = torch.tensor([1, 2, 3.72])
    assert_tensor(submission.run(moved, OUTPUTS, TARGETS, 2, 0.3), expected, mistakes=[summed])
