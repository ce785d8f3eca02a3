"""Hidden checks of ex23_gradient_descent: exact steps, random order, and the time it takes."""

import torch

from grader.checks import (
    Mistake,
    assert_close,
    assert_equal,
    assert_tensor,
    check,
    probe,
    raises,
)


@probe
def walk(student, coefficients, start, lr, steps):
    """Return the places on a polynomial with this slope: a + b * w + c * w ** 2."""
    a, b, c = coefficients
    return student.descend(lambda w: a + b * w + c * w**2, start, lr, steps)


@probe
def names_of(student, settings):
    """Return the name for each pair of rate and curvature."""
    return [student.classify_lr(lr, curvature) for lr, curvature in settings]


@probe
def batches_of(student, n, batch, seed):
    """Return two lists of batches from one generator."""
    generator = torch.Generator().manual_seed(seed)
    return [list(student.minibatches(n, batch, generator)) for _ in range(2)]


@probe
def global_draws(student, seed):
    """Return what PyTorch's global generator gives after a call of minibatches, and without."""
    draws = []
    for calling in (False, True):
        torch.manual_seed(seed)
        if calling:
            student.minibatches(50, 7, torch.Generator().manual_seed(1))
        draws.append(torch.rand(3))
    return draws


@probe
def epoch_and_order(student, x, y, w, lr, batch, seed):
    """Return the result of sgd_epoch, w after it, and the batches of the same seed."""
    moved, updates = student.sgd_epoch(x, y, w, lr, batch, torch.Generator().manual_seed(seed))
    batches = student.minibatches(len(x), batch, torch.Generator().manual_seed(seed))
    return moved.detach(), moved.requires_grad, updates, w, list(batches)


@probe
def descent(student, x, y, lr, steps):
    """Return w, b and the losses, and whether w or b still asks for gradients."""
    w, b, losses = student.gradient_descent(x, y, lr, steps)
    return w.detach(), b.detach(), losses, w.requires_grad or b.requires_grad


@probe
def line(student, x, y, lr, steps):
    """Descend on these rows; then predict others that come only now."""
    w, b, _ = student.gradient_descent(x, y, lr, steps)
    later = yield None
    return later @ w + b


def random_rows(rng, n, d, dtype=torch.float64):
    """Return rows that are not centred, and targets that no line fits."""
    return rng.randn(n, d, dtype=dtype) + 0.5, 3 + 2 * rng.randn(n, dtype=dtype)


def steps_by_hand(x, y, lr, steps, *, in_turn=False):
    """Return w, b and the losses of gradient descent, by the formula of the gradient.

    With in_turn, b looks at the w that has moved already: a mistake.
    """
    w, b, losses = x.new_zeros(x.shape[1]), x.new_zeros(()), []
    for _ in range(steps):
        error = x @ w + b - y
        losses.append(error.square().mean().item())
        w = w - lr * 2 * (x.t() @ error) / len(x)
        b = b - lr * 2 * ((x @ w + b - y) if in_turn else error).mean()
    return w, b, losses


@check(
    points=1,
    zh="在任意函数上，descend 的每个位置都正确。",
    hint="The slope is asked anew in each step, and the list begins with the start.",
    hint_zh="每一步都要重新求斜率；列表从起点开始。",
)
def test_descend_on_other_functions(submission, rng):
    """descend is right at every place, on other functions and for any number of steps."""
    for steps in (0, 1, 6):
        a, b, c = rng.rand(3, dtype=torch.float64).tolist()
        start, lr = rng.rand(1, dtype=torch.float64).item(), 0.3
        expected = [start]
        for _ in range(steps):
            w = expected[-1]
            expected.append(w - lr * (a + b * w + c * w**2))
        places = submission.run(walk, [a, b, c], start, lr, steps)
        assert_close(places, expected, rtol=1e-9, atol=1e-9)


@check(
    points=2,
    zh="classify_lr 看的是 lr 与曲率之积，边界值也正确；不是正数时抛出 ValueError。",
    hint="Where r is exactly 0.1, 1 or 2, the stub says which name it gets.",
    hint_zh="r 恰好等于 0.1、1 或 2 时叫什么，题目里有规定。",
)
def test_classify_depends_on_the_product(submission, rng):
    """classify_lr goes by lr * curvature, also at the limits, and refuses what is not positive."""
    products = [(0.02, "slow"), (0.09, "slow"), (0.11, "good"), (0.9, "good"), (1.1, "oscillating")]
    products += [(1.9, "oscillating"), (2.1, "diverging"), (30.0, "diverging")]
    settings = [(0.25, 4.0), (4.0, 0.5), (8.0, 0.125), (0.1, 1.0)]  # r is 1, 2, 1 and 0.1
    expected = ["good", "oscillating", "good", "good"]
    for product, name in products:
        lr = 0.01 + 5 * rng.rand(1, dtype=torch.float64).item()
        settings += [(lr, product / lr), (product / lr, lr)]
        expected += [name, name]
    assert_equal(submission.run(names_of, settings), expected)
    for lr, curvature in [(0.0, 2.0), (-0.1, 2.0), (0.1, 0.0), (0.1, -2.0), (-0.1, -2.0)]:
        with raises(ValueError):
            submission.classify_lr(lr, curvature)


@check(
    points=1,
    zh="steepest_direction 适用于任意形状和 dtype；梯度为零时抛出 ValueError。",
    hint="One length for all numbers together, whatever the shape. Ask for zero before dividing.",
    hint_zh="不管什么形状，所有的数合起来只有一个长度。做除法之前先检查是不是零。",
)
def test_steepest_direction_of_any_shape(submission, rng):
    """steepest_direction is right for gradients of any shape and dtype, and refuses zero."""
    for shape, dtype in [((3, 4), torch.float32), ((2, 3, 2), torch.float64), ((), torch.float64)]:
        gradient = rng.randn(*shape, dtype=dtype) + 0.1
        length = gradient.square().sum().sqrt()
        assert_tensor(submission.steepest_direction(gradient), -gradient / length)
    negative = torch.tensor([0.0, -5.0, 0.0])
    assert_tensor(submission.steepest_direction(negative), torch.tensor([0.0, 1.0, 0.0]))
    with raises(ValueError):
        submission.steepest_direction(torch.zeros(2, 3))


@check(
    points=2,
    zh="对没有直线能完全拟合的数据，least_squares 给出最小值，那里的梯度为零。",
    hint="Differentiate with respect to w and to b, and put both to zero.",
    hint_zh="对 w 和 b 分别求导，令两者都为零。",
)
def test_least_squares_is_the_minimum(submission, rng):
    """least_squares finds the minimum for rows that no line fits: there the gradient is zero."""
    for n, d, dtype in [(30, 4, torch.float64), (9, 1, torch.float64), (25, 3, torch.float32)]:
        x, y = random_rows(rng, n, d, dtype)
        w, b = submission.least_squares(x, y)
        ones = torch.ones(n, 1, dtype=dtype)
        expected = torch.linalg.lstsq(torch.cat([x, ones], 1), y[:, None]).solution[:, 0]
        tolerance = 1e-8 if dtype == torch.float64 else 1e-3
        assert_tensor(w, expected[:-1], rtol=tolerance, atol=tolerance)
        assert_tensor(b, expected[-1], rtol=tolerance, atol=tolerance)
        error = x @ w + b - y
        assert_tensor(x.t() @ error / n, torch.zeros(d, dtype=dtype), rtol=0, atol=tolerance)


@check(
    points=2,
    zh="mse_gradient 对任意的行数都正确；各批大小相等时，各批梯度的平均就是整体的梯度。",
    hint="Divide by the number of rows that came, not by a number that is always the same.",
    hint_zh="要除以实际传入的行数，而不是一个固定的数。",
)
def test_gradient_of_any_rows(submission, rng):
    """mse_gradient is right for any rows; over equal batches its mean is that of all rows."""
    for n, d, dtype in [(12, 3, torch.float64), (1, 4, torch.float64), (7, 1, torch.float32)]:
        (x, y), w = random_rows(rng, n, d, dtype), rng.randn(d, dtype=dtype)
        expected = (2 * (x @ w - y)[:, None] * x).mean(0)
        assert_tensor(submission.mse_gradient(x, y, w), expected)
    x, y = random_rows(rng, 12, 5)
    w = rng.randn(5, dtype=torch.float64)
    parts = [submission.mse_gradient(x[i : i + 4], y[i : i + 4], w) for i in (0, 4, 8)]
    assert_tensor(torch.stack(parts).mean(0), submission.mse_gradient(x, y, w))


@check(
    points=3,
    zh="gradient_descent 的前几步完全正确：w、b，以及每一步之前的损失。",
    hint="Both gradients belong to the same place. The loss is that before the step.",
    hint_zh="两个梯度要在同一位置求得；损失是更新之前的值。",
)
def test_descent_takes_exact_steps(submission, rng):
    """The first steps of gradient_descent are exact: w, b, and the loss before each step."""
    for n, d, steps, dtype in [
        (11, 3, 4, torch.float64),
        (8, 1, 1, torch.float32),
        (6, 2, 0, torch.float64),
    ]:
        x, y = random_rows(rng, n, d, dtype)
        w, b, losses = steps_by_hand(x, y, 0.07, steps)
        moved, shift, told, tracked = submission.run(descent, x, y, 0.07, steps)
        in_turn = [
            Mistake(
                value,
                en="The gradient of b was computed after w had moved.",
                zh="b 的梯度是在 w 移动之后才求的。",
            )
            for value in steps_by_hand(x, y, 0.07, steps, in_turn=True)[:2]
        ]
        assert_tensor(moved, w, mistakes=in_turn[:1])
        assert_tensor(shift, b, mistakes=in_turn[1:])
        assert_close(told, losses)
        assert_equal(tracked, expected=False)


@check(
    points=2,
    zh="批的顺序只由 generator 决定：种子相同顺序相同，每次调用顺序都变，全局随机数不受影响。",
    hint="Hand the generator on to the function that draws.",
    hint_zh="把 generator 传给抽随机数的那个函数。",
)
def test_order_comes_from_the_generator(submission, rng):
    """The order comes from the generator alone; it is new in each call, and holds every number."""
    seed = rng.seed()
    for n, batch, sizes in [(60, 9, [9] * 6 + [6]), (60, 100, [60]), (1, 1, [1]), (40, 8, [8] * 5)]:
        first, second = submission.run(batches_of, n, batch, seed)
        again, _ = submission.run(batches_of, n, batch, seed)
        for batches in (first, second):
            assert_equal([len(rows) for rows in batches], sizes)
            assert_tensor(torch.cat(batches).sort().values, torch.arange(n))
        assert_tensor(torch.cat(again), torch.cat(first))
        if n > 1:
            assert torch.cat(first).tolist() != torch.cat(second).tolist(), "twice the same order"
            other, _ = submission.run(batches_of, n, batch, seed + 1)
            assert torch.cat(other).tolist() != torch.cat(first).tolist(), "the same for each seed"
    without, after = submission.run(global_draws, seed)
    assert_tensor(after, without)


@check(
    points=1,
    zh="批大小小于 1 时，minibatches 抛出 ValueError。",
    hint="Say so yourself: PyTorch raises another error, or counts backwards.",
    hint_zh="请自己检查：PyTorch 会抛出别的异常，或者倒着数。",
)
def test_batches_are_not_empty(submission):
    """minibatches raises ValueError for a batch of less than 1."""
    for batch in (0, -3):
        with raises(ValueError):
            submission.run(batches_of, 10, batch, 1)


@check(
    points=2,
    zh="sgd_epoch 按 minibatches 的顺序逐批更新 w，传入的 w 不变。",
    hint="Each update starts from the w of the update before, and makes a new tensor.",
    hint_zh="每次更新都从上一次更新之后的 w 出发，并且生成新的张量。",
)
def test_epoch_updates_batch_by_batch(submission, rng):
    """sgd_epoch updates w batch by batch in the order of minibatches, and leaves the given w."""
    for n, batch, dtype in [(11, 4, torch.float64), (5, 1, torch.float64), (6, 8, torch.float32)]:
        (x, y), w = random_rows(rng, n, 3, dtype), rng.randn(3, dtype=dtype)
        arguments = [x, y, w, 0.05, batch, rng.seed()]
        moved, tracked, updates, same, batches = submission.run(epoch_and_order, *arguments)
        assert_equal([updates, sum(len(rows) for rows in batches)], [-(-n // batch), n])
        assert_tensor(same, w)
        expected = w
        for rows in batches:
            error = x[rows] @ expected - y[rows]
            expected = expected - 0.05 * 2 * (error @ x[rows]) / len(rows)
        assert_tensor(moved, expected)
        assert_equal(tracked, expected=False)


@check(
    points=3,
    zh="gradient_descent 不多花时间，而且对新数据的预测误差不超过 0.01。",
    hint="First it has to arrive. Then: X @ w is one operation, a loop over the rows is many.",
    hint_zh="首先要走到终点。至于速度：X @ w 一次就算完所有的行，逐行循环要慢得多。",
)
def test_descent_is_quick_and_arrives(timed, rng):
    """gradient_descent takes no longer than it has to, and predicts new rows within 0.01."""
    for run in timed:
        x, later, w = rng.randn(300, 6), rng.randn(50, 6), rng.randn(6)
        shift = 1 + rng.rand(1)
        conversation = run.submission.start(line, x, x @ w + shift, 0.1, 150)
        predicted = conversation.send(later)
        run.samples = 150 * len(x)
        assert_tensor(predicted, later @ w + shift, rtol=0, atol=0.01)
