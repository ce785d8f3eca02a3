"""Public checks of ex22_backprop_by_hand: numbers that a pencil can follow."""

import torch

from grader.checks import Mistake, assert_equal, assert_tensor, check, probe


@probe
def measured_cubic(student, c, x, eps):
    """Return numeric_grad of sum(c * x**3) at x."""
    return student.numeric_grad(lambda t: (c * t**3).sum(), x, eps)


@probe
def slopes(student, name, x):
    """Return name.apply(x) and the gradient of its sum."""
    x.requires_grad_()
    y = getattr(student, name).apply(x)
    y.sum().backward()
    return y, x.grad


@check(
    points=1,
    zh="chain 在 x = -2、y = 5、z = -4 处得到 f = -12 和斜率 -4、-4、3；换成随机张量也正确。",
    hint="Call the sum q. How does f = q * z move with q, and with z? And how does q move with x?",
    hint_zh="把和记作 q。f = q * z 随 q 怎样变，随 z 怎样变？q 又随 x 怎样变？",
)
def test_chain_on_the_numbers_of_the_notes(submission, rng):
    """chain gives f = -12 and the slopes -4, -4, 3 at (-2, 5, -4), and is right elsewhere too."""
    notes = [torch.tensor(value) for value in (-2.0, 5.0, -4.0)]
    for x, y, z in [notes, [rng.randn(2, 3) for _ in range(3)]]:
        results = submission.chain(x, y, z)
        assert_equal(len(results), 4)
        for result, expected in zip(results, ((x + y) * z, z, z, x + y), strict=True):
            assert_tensor(result, expected)


@check(
    points=1,
    zh="对 f(x) = c₁x₁³ + c₂x₂³ + ...，numeric_grad 得到 c(3x² + eps²)，这正是中心差商的值。",
    hint="One place of x at a time: a little to the right, a little to the left, and the "
    "difference divided by the whole distance.",
    hint_zh="每次只动 x 的一个位置：往右一点，往左一点，两次函数值之差除以两点之间的全部距离。",
)
def test_numeric_grad_of_a_cubic(submission, rng):
    """numeric_grad of the sum of c * x**3 is c * (3 * x**2 + eps**2), the central difference."""
    c, x = (rng.randn(4, dtype=torch.float64) for _ in range(2))
    for eps in (0.001, 0.5):
        slope = c * (3 * x**2 + eps**2)
        forward = Mistake(
            slope + 3 * c * x * eps,
            en="This is (f(x + e) - f(x)) / eps. The central difference looks to both sides of x.",
            zh="这是 (f(x + e) - f(x)) / eps。中心差商要看 x 的两侧。",
        )
        half = Mistake(
            2 * slope,
            en="From x - e to x + e it is twice eps.",
            zh="从 x - e 到 x + e，距离是 eps 的两倍。",
        )
        measured = submission.run(measured_cubic, c, x, eps)
        assert_tensor(measured, slope, rtol=0, atol=1e-8, mistakes=[forward, half])


@check(
    points=2,
    zh="two_layer_grads 得到 README 中算例的损失和三个梯度。",
    hint="Go backwards line by line: loss, P, then W2 and H, then Z, then W1 and X. A unit that "
    "relu has cut off passes nothing on.",
    hint_zh="一行一行往回走：loss、P，接着是 W2 和 H，再是 Z，最后是 W1 和 X。"
    "被 relu 截断的单元什么都不往回传。",
)
def test_two_layer_grads_on_the_worked_example(submission):
    """two_layer_grads gives the loss and the three gradients of the README's example."""
    X, Y = torch.tensor([[1.0, 2.0]]), torch.tensor([[4.0]])
    W1, W2 = torch.tensor([[1.0, 0.0], [1.0, -1.0]]), torch.tensor([[2.0], [5.0]])
    results = submission.two_layer_grads(X, Y, W1, W2)
    assert_equal(sorted(results), ["W1", "W2", "X", "loss"])
    unmasked = Mistake(
        torch.tensor([[8.0, 20.0], [16.0, 40.0]]),
        en="The second hidden unit is 0 because relu cut it off: nothing passes back through it.",
        zh="第二个隐藏单元被 relu 截成了 0：梯度不会经过它往回传。",
    )
    assert_tensor(results["loss"], torch.tensor(4.0))
    assert_tensor(results["W2"], torch.tensor([[12.0], [0.0]]))
    assert_tensor(results["W1"], torch.tensor([[8.0, 0.0], [16.0, 0.0]]), mistakes=[unmasked])
    assert_tensor(results["X"], torch.tensor([[8.0, 8.0]]))


@check(
    points=1,
    zh="Square.apply(x) 等于 x²，斜率等于 2x。",
    hint="backward gets back the tensors that forward saved; the slope of x**2 is made from x.",
    hint_zh="backward 可以取回 forward 保存的张量；x² 的斜率由 x 算出。",
)
def test_square_and_its_slope(submission):
    """Square.apply(x) is x**2 and its slope is 2x."""
    x = torch.tensor([[3.0, -1.5, 0.0], [-0.25, 4.0, 1.0]])
    y, slope = submission.run(slopes, "Square", x)
    assert_tensor(y, x**2)
    assert_tensor(slope, 2 * x)


@check(
    points=1,
    zh="MyReLU.apply(x) 保留正数，其余为 0；斜率在正数处为 1，在其余各处（包括 0）为 0。",
    hint="The slope is 1 or 0, never the value itself.",
    hint_zh="斜率只有 1 和 0 两种，不是函数值本身。",
)
def test_relu_and_its_slope(submission):
    """MyReLU.apply(x) keeps what is positive; its slope is 1 there and 0 elsewhere, also at 0."""
    x = torch.tensor([[3.0, -1.5, 0.0], [-0.25, 4.0, 1.0]])
    y, slope = submission.run(slopes, "MyReLU", x)
    assert_tensor(y, torch.tensor([[3.0, 0.0, 0.0], [0.0, 4.0, 1.0]]))
    assert_tensor(slope, torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]]))
