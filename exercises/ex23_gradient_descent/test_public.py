"""Public checks of ex23_gradient_descent: a parabola, a line, and the numbers of the notes."""

import torch

from grader.checks import (
    Mistake,
    assert_close,
    assert_equal,
    assert_tensor,
    check,
    probe,
)


@probe
def walks(student, factor, minimum, start, rates, steps):
    """Return the places on factor * (w - minimum) ** 2, for each rate."""

    def slope(w):
        return 2 * factor * (w - minimum)

    return [student.descend(slope, start, lr, steps) for lr in rates]


@probe
def batches_of(student, n, batch, seed):
    """Return the batches that a generator with this seed gives."""
    return student.minibatches(n, batch, torch.Generator().manual_seed(seed))


@probe
def epoch(student, x, y, w, lr, batch, seed):
    """Return what sgd_epoch returns with this seed."""
    return student.sgd_epoch(x, y, w, lr, batch, torch.Generator().manual_seed(seed))


@check(
    points=1,
    zh="在 (w - 1)² 上从 0 走 20 步，四个学习率的终点是 0.0392、0.9885、0 和 -37.34。",
    hint="Each step: w - lr * slope(w), with the slope at the place where you are.",
    hint_zh="每一步：w - lr * slope(w)，斜率取自当前所在的位置。",
)
def test_descend_on_a_parabola(submission):
    """descend ends at 0.0392, 0.9885, 0 and -37.34 for four rates on (w - 1) ** 2 from 0."""
    rates, ends = [0.001, 0.1, 1.0, 1.1], [0.0392, 0.9885, 0.0, -37.3376]
    for places, end in zip(submission.run(walks, 1.0, 1.0, 0.0, rates, 20), ends, strict=True):
        assert_equal(len(places), 21)
        assert_equal(places[0], 0.0)
        assert_close(places[-1], end, rtol=0, atol=1e-4)


@check(
    points=1,
    zh="这四个学习率依次是 slow、good、oscillating 和 diverging。",
    hint="(w - 1) ** 2 has the curvature 2. What counts is lr times curvature, not lr alone.",
    hint_zh="(w - 1)² 的曲率是 2。起作用的是 lr 乘以曲率，而不只是 lr。",
)
def test_classify_the_four_rates(submission):
    """classify_lr calls these four rates slow, good, oscillating and diverging."""
    names = ["slow", "good", "oscillating", "diverging"]
    for lr, name in zip([0.001, 0.1, 1.0, 1.1], names, strict=True):
        assert_equal(submission.classify_lr(lr, 2.0), name)


@check(
    points=1,
    zh="steepest_direction 长度为 1，比 360 个方向都下降得快；对 (3, 4) 是 (-0.6, -0.8)。",
    hint="The gradient points uphill. Turn it around and divide it by its length.",
    hint_zh="梯度指向上坡。把它反过来，再除以自己的长度。",
)
def test_no_direction_is_steeper(submission, rng):
    """steepest_direction has length 1 and falls faster than 360 others; (3, 4) gives (-.6, -.8)."""
    direction = submission.steepest_direction(torch.tensor([3.0, 4.0]))
    uphill = Mistake(
        torch.tensor([0.6, 0.8]),
        en="This is the direction in which the function rises fastest.",
        zh="这是函数上升最快的方向。",
    )
    assert_tensor(direction, torch.tensor([-0.6, -0.8]), mistakes=[uphill])
    gradient = rng.randn(2, dtype=torch.float64)
    direction = submission.steepest_direction(gradient)
    assert_close(direction.norm().item(), 1.0)
    angles = torch.arange(360, dtype=torch.float64).deg2rad()
    others = torch.stack([angles.cos(), angles.sin()], dim=1) @ gradient
    assert direction @ gradient <= others.min() + 1e-9, "another direction is steeper"


@check(
    points=1,
    zh="least_squares 从直线上的点求出 y = 3x + 2。",
    hint="A column of ones beside X makes b one more weight.",
    hint_zh="在 X 旁边添一列 1，b 就成了又一个权重。",
)
def test_least_squares_finds_a_line(submission):
    """least_squares finds y = 3x + 2 from points on that line."""
    x = torch.tensor([[0.0], [1.0], [2.0], [5.0]])
    w, b = submission.least_squares(x, 3 * x[:, 0] + 2)
    assert_tensor(w, torch.tensor([3.0]), rtol=0, atol=1e-4)
    assert_tensor(b, torch.tensor(2.0), rtol=0, atol=1e-4)


@check(
    points=1,
    zh="对 README 里的四行数据，mse_gradient 是 [10.5, 12]。",
    hint="The errors are 2, 5, 0 and 2. Each square has the slope 2 * error * x; take the mean.",
    hint_zh="误差是 2、5、0、2。每个平方的斜率是 2 * 误差 * x，然后取平均。",
)
def test_gradient_of_four_rows(submission):
    """mse_gradient is [10.5, 12] for the four rows in the README."""
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0], [0.0, 1.0], [2.0, 0.0]])
    y = torch.tensor([1.0, 2.0, 1.0, 0.0])
    expected = torch.tensor([10.5, 12.0])
    mistakes = [
        Mistake(
            4 * expected,
            en="This is the gradient of the sum. The loss is the mean over the rows.",
            zh="这是平方和的梯度。损失是对各行取的平均。",
        ),
        Mistake(
            2 * expected,
            en="This is the gradient of half the sum of the squares. The loss is their mean.",
            zh="这是平方和的一半的梯度。损失是平方的平均。",
        ),
        Mistake(
            expected / 2,
            en="The 2 that comes from differentiating a square is missing.",
            zh="平方求导时得到的 2 漏掉了。",
        ),
    ]
    assert_tensor(submission.mse_gradient(x, y, torch.ones(2)), expected, mistakes=mistakes)


@check(
    points=2,
    zh="gradient_descent 用 200 步、lr 0.1 求出 w = [2, -1, 0.5]、b = 4，误差不超过 0.02。",
    hint="Clear the gradients, or make new ones, in each step. b moves as well.",
    hint_zh="每一步都要清零梯度，或者重新求梯度。b 也要一起移动。",
)
def test_descent_recovers_the_weights(submission, rng):
    """gradient_descent recovers w = [2, -1, 0.5] and b = 4 within 0.02, in 200 steps at 0.1."""
    x, noise, true = rng.randn(200, 3), 0.01 * rng.randn(200), torch.tensor([2.0, -1, 0.5])
    w, b, losses = submission.gradient_descent(x, x @ true + 4 + noise, 0.1, 200)
    assert_tensor(w, true, rtol=0, atol=0.02)
    assert_tensor(b, torch.tensor(4.0), rtol=0, atol=0.02)
    assert_equal(len(losses), 200)
    assert losses[-1] < 0.001, "the last loss is too large"


@check(
    points=1,
    zh="minibatches(10, 4, ...) 给出 4、4、2 个数，0 到 9 各出现一次。",
    hint="A permutation has every number once. The last batch is smaller, but it is there.",
    hint_zh="排列里每个数恰好出现一次。最后一批较小，但不能丢掉。",
)
def test_batches_hold_every_number_once(submission, rng):
    """minibatches(10, 4, ...) gives 4, 4 and 2 numbers, and each of 0 to 9 once."""
    batches = submission.run(batches_of, 10, 4, rng.seed())
    assert_equal([len(rows) for rows in batches], [4, 4, 2])
    assert_tensor(torch.cat(list(batches)).sort().values, torch.arange(10))


@check(
    points=1,
    zh="10 行数据的一个 epoch：批大小为 10、1、4 时，分别更新 1、10、3 次。",
    hint="One update for each batch: that is what makes the three forms of descent.",
    hint_zh="每一批更新一次：三种梯度下降的区别就在这里。",
)
def test_epoch_counts_its_updates(submission, rng):
    """An epoch of 10 rows has 1, 10 or 3 updates for batches of 10, 1 or 4."""
    x, y, w = rng.randn(10, 3), rng.randn(10), rng.randn(3)
    for batch, updates in [(10, 1), (1, 10), (4, 3)]:
        moved, count = submission.run(epoch, x, y, w, 0.01, batch, rng.seed())
        assert_equal(count, updates)
        if batch == len(x):
            assert_tensor(moved, w - 0.01 * 2 / 10 * (x.t() @ (x @ w - y)))
