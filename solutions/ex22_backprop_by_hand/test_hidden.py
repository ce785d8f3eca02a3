"""Hidden checks of ex22_backprop_by_hand: other shapes, other graphs, and what must not happen."""

import torch

from grader.checks import Mistake, assert_equal, assert_tensor, check, probe


@probe
def measured_polynomials(student, coefficients, inputs, eps):
    """Return numeric_grad of a sum of c * t**3 at each input, turned over its axes."""
    results = []
    for c, x in zip(coefficients, inputs, strict=True):
        turned = x.transpose(0, -1)

        def f(t, c=c):
            return (c * t.transpose(0, -1) ** 3).sum()

        results.append(student.numeric_grad(f, turned, eps))
    return results


@probe
def measured_product(student, x, eps):
    """Return numeric_grad of the product of all numbers of x."""
    return student.numeric_grad(lambda t: t.prod(), x, eps)


@probe
def all_without_recording(student, x, y, z, network):
    """Return what the three functions give where PyTorch records nothing at all."""
    with torch.inference_mode():
        measured = student.numeric_grad(lambda t: (y * t**3).sum(), x)
        return *student.chain(x, y, z), measured, student.two_layer_grads(*network)["W1"]


@probe
def inputs_afterwards(student, x, y, z, network):
    """Call all that there is, and return every tensor that was handed in."""
    student.chain(x, y, z)
    student.two_layer_grads(*network)
    measured, squared, cut = x.clone(), x.clone(), x.clone()
    student.numeric_grad(lambda t: t.sum(), measured)
    student.Square.apply(squared)
    student.MyReLU.apply(cut)
    return x, y, z, *network, measured, squared, cut


@probe
def turned_and_weighted(student, name, inputs, upstreams):
    """Return name.apply(x turned over its axes) and the gradient of its weighted sum at x."""
    results = []
    for x, upstream in zip(inputs, upstreams, strict=True):
        x.requires_grad_()
        y = getattr(student, name).apply(x.transpose(0, -1))
        (y * upstream).sum().backward()
        results.append((y, x.grad))
    return results


@probe
def beside_a_shortcut(student, name, x, upstream):
    """Return the gradient of the weighted sum of name.apply(x) + x."""
    x.requires_grad_()
    ((getattr(student, name).apply(x) + x) * upstream).sum().backward()
    return x.grad


@probe
def refusals(student, name, x):
    """Return whether a second backward is refused, and one after x was changed in place."""
    x.requires_grad_()
    results = []
    for is_changed in (False, True):
        loss = getattr(student, name).apply(x).sum()
        if is_changed:
            with torch.no_grad():
                x.neg_()
        else:
            loss.backward()
        try:
            loss.backward()
            results.append(False)
        except RuntimeError:
            results.append(True)
    return results


@probe
def differentiated_twice(student, name, x, weights, upstream):
    """Return the gradient of sum(weights * name.apply(x)**2), and the gradient of that."""
    x.requires_grad_()
    loss = (weights * getattr(student, name).apply(x) ** 2).sum()
    (first,) = torch.autograd.grad(loss, x, create_graph=True)
    (second,) = torch.autograd.grad((first * upstream).sum(), x)
    return first, second


def by_autograd(X, Y, W1, W2):
    """Return the loss and the gradients as PyTorch finds them, by name."""
    leaves = [t.clone().requires_grad_() for t in (W1, W2, X)]
    loss = torch.nn.functional.mse_loss(torch.relu(leaves[2] @ leaves[0]) @ leaves[1], Y)
    gradients = torch.autograd.grad(loss, leaves)
    return {"loss": loss.detach(), **dict(zip(("W1", "W2", "X"), gradients, strict=True))}


def drawn_network(rng, n, d, k, o, dtype=torch.float64):
    """Return X, Y, W1 and W2 for n rows, d numbers in, k hidden units and o numbers out."""
    shapes = [(n, d), (n, o), (d, k), (k, o)]
    return [rng.randn(*shape, dtype=dtype) for shape in shapes]


def named_mistakes(name, network, expected):
    """Return the mistakes that change the gradient of `name`, where it can be told from them."""
    X, Y, W1, W2 = network
    Z = X @ W1
    dH = 2 * (Z.clamp(min=0) @ W2 - Y) / Y.numel() @ W2.T
    both = {"W1": lambda dZ: X.T @ dZ, "X": lambda dZ: dZ @ W1.T}
    mistakes = []
    if name in both:
        mistakes = [
            Mistake(
                both[name](dH),
                en="Here the gradient also passes through hidden units that relu has cut off.",
                zh="这里的梯度也穿过了被 relu 截断的隐藏单元。",
            ),
            Mistake(
                both[name](dH * (Z >= 0)),
                en="A hidden unit whose input is exactly 0 passes nothing back.",
                zh="输入恰好为 0 的隐藏单元不往回传梯度。",
            ),
        ]
    return [
        *mistakes,
        Mistake(
            expected * Y.shape[1],
            en="The mean runs over all numbers of P, not over its rows alone.",
            zh="平均是对 P 的所有数取的，不只是对行取。",
        ),
    ]


@check(
    points=2,
    zh="不论 x 是什么形状（包括零维、空的、不连续的），numeric_grad 都正确，dtype 与 x 相同。",
    hint="Walk over the indices of x itself: reshape(-1) and view(-1) may copy, or refuse. And "
    "each place starts from x as it was.",
    hint_zh="直接遍历 x 的下标：reshape(-1) 和 view(-1) 可能会复制，也可能报错。"
    "而且每个位置都要从原来的 x 出发。",
)
def test_numeric_grad_for_every_shape(submission, rng):
    """numeric_grad is right at every place of an x of any shape, and keeps its dtype."""
    # Quarters and halves: float32 and float64 both compute with them without rounding.
    for dtype in (torch.float32, torch.float64):
        shapes = [(4, 3), (), (0, 2), (2, 1, 5), (1,)]
        inputs = [rng.randint(-6, 7, shape).to(dtype) / 4 for shape in shapes]
        coefficients = [rng.randint(1, 6, shape).to(dtype) for shape in shapes]
        results = submission.run(measured_polynomials, coefficients, inputs, 0.5)
        for c, x, result in zip(coefficients, inputs, results, strict=True):
            assert_tensor(result, (c * (3 * x**2 + 0.25)).transpose(0, -1))
        x = rng.randint(1, 5, (2, 2)).to(dtype)
        assert_tensor(submission.run(measured_product, x, 0.5), x.prod() / x)


@check(
    points=4,
    zh="对任意形状的随机网络，two_layer_grads 的损失和三个梯度都与自动求导一致。",
    hint="Each gradient has the shape of its matrix, and that tells what is transposed. The mean "
    "gives 2 / P.numel(). relu lets nothing back where its input is 0 or less.",
    hint_zh="每个梯度与它对应的矩阵形状相同，由此可知该转置谁。平均带来系数 2 / P.numel()。"
    "relu 的输入小于或等于 0 时，什么都不往回传。",
)
def test_two_layer_grads_equals_autograd(submission, rng):
    """two_layer_grads gives the loss and the gradients that autograd gives, for every network."""
    for sizes in [(5, 3, 4, 2), (1, 4, 2, 3), (6, 2, 5, 1), (3, 1, 1, 2)]:
        network = drawn_network(rng, *sizes)
        if sizes[2] > 1:
            network[2][:, rng.integer(0, sizes[2])] = 0  # a hidden unit whose input is exactly 0
        expected = by_autograd(*network)
        results = submission.two_layer_grads(*network)
        assert_equal(sorted(results), sorted(expected))
        for name, value in expected.items():
            mistakes = named_mistakes(name, network, value)
            assert_tensor(results[name], value, mistakes=mistakes)


@check(
    points=1,
    zh="two_layer_grads 的结果与 X 的 dtype 相同，并在同一设备上。",
    hint="Make masks and zeros from the tensors that came in; torch.zeros(...) alone is float32 "
    "on the CPU.",
    hint_zh="掩码和零张量要由传入的张量得到；单独的 torch.zeros(...) 是 CPU 上的 float32。",
)
def test_two_layer_grads_stays_on_the_device(submission, rng):
    """The results of two_layer_grads have the dtype of X and are on the device of X."""
    for dtype in (torch.float32, torch.float64):
        network = drawn_network(rng, 4, 3, 5, 2, dtype)
        results = submission.on("meta").two_layer_grads(*network)
        for name, like in zip(("X", "W1", "W2"), (network[0], *network[2:]), strict=True):
            assert_tensor(results[name], torch.empty_like(like, device="meta"))
        assert_tensor(results["loss"], torch.empty((), dtype=dtype, device="meta"))


@check(
    points=1,
    zh="在 PyTorch 什么都不记录的地方，chain、numeric_grad 和 two_layer_grads 照样正确。",
    hint="There is no graph to ask there: every slope is computed from numbers.",
    hint_zh="那里没有计算图可用：每个斜率都要由数值算出来。",
)
def test_gradients_without_any_recording(submission, rng):
    """chain, numeric_grad and two_layer_grads are right where PyTorch records nothing."""
    x, y, z = (rng.randn(3, 2, dtype=torch.float64) for _ in range(3))
    network = drawn_network(rng, 4, 3, 5, 1)
    results = submission.run(all_without_recording, x, y, z, network)
    weights = by_autograd(*network)["W1"]
    expected = ((x + y) * z, z, z, x + y, y * (3 * x**2 + 1e-6), weights)
    assert_equal(len(results), len(expected))
    for result, value in zip(results, expected, strict=True):
        assert_tensor(result, value, atol=1e-8)


@check(
    points=2,
    zh="五个函数和运算都不改动传入的张量。",
    hint="Names that end in _, +=, and x[i] = ... write into the tensor of the caller. Work on a "
    "new one.",
    hint_zh="以 _ 结尾的方法、+= 以及 x[i] = ... 都会写进调用者的张量。请写到新的张量里。",
)
def test_what_came_in_is_left_as_it_is(submission, rng):
    """None of the functions and operations changes a tensor that was handed in."""
    x, y, z = (rng.randn(3, 2, dtype=torch.float64) for _ in range(3))
    network = drawn_network(rng, 4, 3, 5, 2)
    afterwards = submission.run(inputs_afterwards, x, y, z, network)
    for tensor, before in zip(afterwards, (x, y, z, *network, x, x, x), strict=True):
        assert_tensor(tensor, before, rtol=0, atol=0)


@check(
    points=3,
    zh="对各种形状、dtype 和不连续的输入，Square 和 MyReLU 的值正确，传回的梯度也正确。",
    hint="What arrives in backward is seldom 1: multiply it by the slope, place by place.",
    hint_zh="传到 backward 里的梯度很少恰好是 1：要逐个位置乘以斜率。",
)
def test_operations_for_every_shape(submission, rng):
    """Square and MyReLU give values and pass gradients back rightly, for every kind of input."""
    for dtype in (torch.float32, torch.float64):
        inputs = [rng.randn(*shape, dtype=dtype) for shape in [(5, 3), (), (0, 4), (2, 3, 4)]]
        inputs[0][1:3, 1] = 0
        upstreams = [rng.randn(*x.shape, dtype=dtype).transpose(0, -1) for x in inputs]
        squares = submission.run(turned_and_weighted, "Square", inputs, upstreams)
        cut = submission.run(turned_and_weighted, "MyReLU", inputs, upstreams)
        for results, slope, function in [
            (squares, lambda x: 2 * x, torch.square),
            (cut, lambda x: 1.0 * (x > 0), torch.relu),
        ]:
            for x, upstream, (y, gradient) in zip(inputs, upstreams, results, strict=True):
                assert_tensor(y, function(x).transpose(0, -1))
                forgotten = Mistake(
                    slope(x).to(dtype),
                    en="This is the slope alone, without the gradient that arrives.",
                    zh="这只是斜率本身，没有乘以传来的梯度。",
                )
                expected = slope(x).to(dtype) * upstream.transpose(0, -1)
                assert_tensor(gradient, expected, mistakes=[forgotten])


@check(
    points=2,
    zh="x 还走另一条路（结果是 Square.apply(x) + x 或 MyReLU.apply(x) + x）时，梯度正确。",
    hint="Another branch of the graph may hold the very same grad_output: make a new tensor "
    "instead of writing into it.",
    hint_zh="计算图的另一条分支可能拿着同一个 grad_output：不要写进去，请创建新的张量。",
)
def test_operations_beside_a_shortcut(submission, rng):
    """Gradients are right when x also takes a way around the operation, as in op(x) + x."""
    x, upstream = (rng.randn(4, 3, dtype=torch.float64) for _ in range(2))
    x[1, 2] = -x[1, 2].abs()  # relu cuts at least one number off
    for name, slope in [("Square", 2 * x), ("MyReLU", (x > 0).double())]:
        gradient = submission.run(beside_a_shortcut, name, x, upstream)
        forgotten = Mistake(
            slope + upstream,
            en="Here backward returns the slope alone, without the gradient that arrives.",
            zh="这里的 backward 只返回了斜率，没有乘以传来的梯度。",
        )
        assert_tensor(gradient, (slope + 1) * upstream, mistakes=[forgotten])


@check(
    points=2,
    zh="保存的张量会被释放，第二次 backward() 抛出 RuntimeError；x 被原地改动后，Square 也抛出它。",
    hint="ctx.save_for_backward(x) hands x to PyTorch, which guards it. ctx.x = x hides it.",
    hint_zh="ctx.save_for_backward(x) 把 x 交给 PyTorch 看管；ctx.x = x 则瞒着它。",
)
def test_saved_tensors_are_guarded(submission, rng):
    """A second backward is refused, and by Square also one after x was changed in place."""
    x = rng.randn(3, 2)
    assert_equal(submission.run(refusals, "Square", x), [True, True])
    assert_equal(submission.run(refusals, "MyReLU", x)[0], expected=True)


@check(
    points=2,
    zh="Square 和 MyReLU 的梯度可以再求一次导。",
    hint="backward is recorded as well: multiply the saved tensor and grad_output themselves, "
    "without detach, .data or numpy.",
    hint_zh="backward 本身也会被记录：直接用保存的张量和 grad_output 相乘，"
    "不要用 detach、.data 或 numpy。",
)
def test_operations_can_be_differentiated_twice(submission, rng):
    """The gradients of Square and MyReLU can be differentiated once more."""
    x, weights, upstream = (rng.randn(5, dtype=torch.float64) for _ in range(3))
    first, second = submission.run(differentiated_twice, "Square", x, weights, upstream)
    assert_tensor(first, 4 * weights * x**3)
    assert_tensor(second, 12 * weights * x**2 * upstream)
    first, second = submission.run(differentiated_twice, "MyReLU", x, weights, upstream)
    assert_tensor(first, 2 * weights * x.clamp(min=0))
    assert_tensor(second, 2 * weights * (x > 0) * upstream)
