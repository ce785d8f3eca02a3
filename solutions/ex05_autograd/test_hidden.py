"""Hidden checks of ex05_autograd: what the numbers of the notes alone do not show."""

import torch

from grader.checks import assert_close, assert_equal, assert_tensor, check, probe, raises


@probe
def demo_twice(student, values):
    """Return demo_grad of the same tensor, asked twice."""
    return [student.demo_grad(values), student.demo_grad(values)]


@probe
def names_of_branches(student, left, right, constant, operations):
    """Return graph_names of a sum with two branches, a short cut to `left` and two constants."""
    left.requires_grad_()
    right.requires_grad_()
    first, second, third = (getattr(torch, name) for name in operations)
    inner = second(first(left)) * third(right) + left + constant.sin()
    return student.graph_names((inner * 3).sum())


@probe
def names_of_doublings(student, x, count):
    """Return graph_names of x + x, doubled `count` times by y = y + y, and then squared."""
    y = x.requires_grad_()
    for _ in range(count):
        y = y + y
    return student.graph_names(y * y)


@probe
def gradients_of_polynomials(student, polynomials, x):
    """Return grad_of sum(c[0] + c[1] * x + c[2] * x**2 + ...) at the same x for every c."""
    results = []
    for coefficients in polynomials:

        def f(t, coefficients=coefficients):
            return sum(c * t**power for power, c in enumerate(coefficients)).sum()

        results.append(student.grad_of(f, x))
    return results


@probe
def what_else_changes(student, name, x, before, w):
    """Call the function `name` on an x without and one with a gradient; f uses a graph of w.

    Return what it returned, whether the first x is tracked now, .grad of the second x, and the
    gradient that w gets when its graph is run backward afterwards.
    """
    w.requires_grad_()
    square = w * w

    def f(t):
        return (square * t**2).sum()

    results = [getattr(student, name)(f, x)]
    tracked = x.requires_grad
    leaf = x.detach().clone().requires_grad_()
    leaf.grad = before
    results.append(getattr(student, name)(f, leaf))
    square.sum().backward()
    return results, tracked, leaf.grad, w.grad


@probe
def accumulate_onto(student, w, before, rows, sizes):
    """Return accumulate's answer for the mean of exp(-(row @ w)), and .grad of w, which had one."""
    w.requires_grad_()
    w.grad = before

    def loss(chunk):
        return torch.exp(-(chunk @ w)).mean()

    return student.accumulate(loss, list(rows.split(sizes))), w.grad


@probe
def order_of_passes(student, w, rows, sizes):
    """Return what happens in turn: the rows of a chunk at a call of f, 0 at a backward pass."""
    w.requires_grad_()
    events = []

    def loss(chunk):
        events.append(len(chunk))
        value = (chunk @ w).square().mean()
        value.register_hook(lambda _: events.append(0))
        return value

    student.accumulate(loss, list(rows.split(sizes)))
    return events


@probe
def products_with_sines(student, matrix, x, vectors):
    """Return vjp of matrix @ sin(x) for every v, all at the same x."""
    return [student.vjp(lambda t: matrix @ t.sin(), x, v) for v in vectors]


@probe
def doublings(student, x, vectors):
    """Return doubling_vjp for every v at the same x, and whether x is tracked afterwards."""
    return [student.doubling_vjp(x, v) for v in vectors], x.requires_grad


@probe
def backward_refuses(student, name, x, k):
    """Whether x**2 refuses to run backward after x was scaled, by or through the function."""
    x.requires_grad_()
    y = (x**2).sum()
    if name == "scale_in_place":
        student.scale_in_place(x, k)
    else:
        stopped = student.stop_gradient(x)
        with torch.no_grad():
            stopped.mul_(k)
    try:
        y.backward()
    except RuntimeError:
        return True
    return False


@probe
def after_scaling(student, x, before, k):
    """Scale a leaf that has a gradient; return x, that gradient, and it plus that of sum(x**2).

    The last one goes through the tensor that scale_in_place returns.
    """
    leaf = x.t().requires_grad_()
    leaf.grad = before.t().clone()
    result = student.scale_in_place(leaf, k)
    kept = leaf.grad.clone()
    (result**2).sum().backward()
    return x, kept, leaf.grad


@probe
def recording_around_scaling(student, x, k):
    """Whether PyTorch records after scale_in_place: in general, and inside no_grad."""
    student.scale_in_place(x, k)
    general = torch.is_grad_enabled()
    with torch.no_grad():
        student.scale_in_place(x, k)
        inside = torch.is_grad_enabled()
    return {"in general": general, "inside no_grad": inside, "x is tracked": x.requires_grad}


@probe
def stop_in_the_middle(student, x, k):
    """Stop the gradient at h = k * x; return the gradient of sum(h * stopped), and h overwritten.

    h is overwritten with x through the stopped tensor, after the backward pass.
    """
    leaf = x.clone().requires_grad_()
    h = k * leaf
    stopped = student.stop_gradient(h)
    (h * stopped).sum().backward()
    with torch.no_grad():
        stopped.copy_(x)
    return leaf.grad, h, stopped.requires_grad


def nonzero(rng, *shape):
    """Return random numbers of which none is near 0, so that no mistake can hide behind it."""
    values = rng.randn(*shape, dtype=torch.float64)
    return values + torch.where(values < 0, -0.5, 0.5)


@check(
    points=1,
    zh="对随机的 float64 张量，demo_grad 的四个结果都正确；再调用一次也不变。",
    hint="The values, their shape and their dtype come from the argument, and x is a leaf of its "
    "own: calling twice must not add up.",
    hint_zh="数值、形状和 dtype 都来自参数；x 是函数自己的叶子张量，调用两次不会互相累加。",
)
def test_demo_grad_on_random_values(submission, rng):
    """demo_grad is right for random float64 values, and again when it is called once more."""
    values = nonzero(rng, 3, 5)
    slope = 12 * values**3 / values.numel()
    for out, first, second, third in submission.run(demo_twice, values):
        assert_tensor(out, 3 * (values**4).mean())
        assert_tensor(first, slope)
        assert_tensor(second, slope + 1)
        assert_tensor(third, torch.ones_like(values))


@check(
    points=2,
    zh="计算图有多个分支、含有常数时，graph_names 列出所有节点，由近到远。",
    hint="Every input of a node leads on, not only the first one; None stands for an input that "
    "is not tracked. Finish one distance before you begin the next.",
    hint_zh="节点的每个输入都要继续走，不只是第一个；None 表示没有被跟踪的输入。"
    "走完同一距离的节点，再走更远的。",
)
def test_graph_names_of_branches(submission, rng):
    """graph_names lists all nodes of a graph with branches and constants, the nearest first."""
    operations = ["exp", "sin", "tanh", "sigmoid", "neg"]
    operations = [operations[i] for i in rng.permutation(5)[:3]]
    first, second, third = (f"{name.capitalize()}Backward0" for name in operations)
    expected = ["SumBackward0", "MulBackward0", "AddBackward0", "AddBackward0", "MulBackward0"]
    expected += ["AccumulateGrad", second, third, first, "AccumulateGrad"]
    tensors = [rng.randn(2, 3) for _ in range(3)]
    assert_equal(submission.run(names_of_branches, *tensors, operations), expected)


@check(
    points=1,
    zh="许多条路通向同一个节点时，graph_names 只列一次；同名的不同节点各列一次。",
    hint="Compare nodes, not names: two additions are two nodes, and one node stays one.",
    hint_zh="要比较节点而不是名字：两次加法是两个节点，而同一个节点始终只有一个。",
)
def test_graph_names_lists_a_shared_node_once(submission, rng):
    """graph_names lists a node once although many ways lead to it, and equal names each."""
    for count in (3, 10):
        expected = ["MulBackward0", *["AddBackward0"] * count, "AccumulateGrad"]
        assert_equal(submission.run(names_of_doublings, rng.randn(4), count), expected)


@check(
    points=1,
    zh="对随机多项式和各种形状的 float64 张量，grad_of 都与求导公式一致。",
    hint="The gradient has the shape and the dtype of x, and nothing of an earlier call is in it.",
    hint_zh="梯度的形状和 dtype 与 x 相同，也不含上一次调用留下的东西。",
)
def test_grad_of_random_polynomials(submission, rng):
    """grad_of equals the derivative of random polynomials, for x of several shapes."""
    for shape in [(), (1,), (4, 3), (2, 1, 5)]:
        x = nonzero(rng, *shape)
        polynomials = [rng.randn(count, dtype=torch.float64).tolist() for count in (3, 5)]
        results = submission.run(gradients_of_polynomials, polynomials, x)
        assert_equal(len(results), 2)
        for coefficients, gradient in zip(polynomials, results, strict=True):
            terms = [n * c * x ** (n - 1) for n, c in enumerate(coefficients) if n > 0]
            assert_tensor(gradient, sum(terms))


@check(
    points=2,
    zh="grad_of 和 vjp 除了返回结果，什么都不改变：x、其他张量的梯度和别的计算图都保持原样。",
    hint="backward() adds to the .grad of every leaf that it reaches and frees every graph on the "
    "way; torch.autograd.grad and backward(inputs=[...]) go to the given tensors only.",
    hint_zh="backward() 会累加到它走到的每个叶子的 .grad，并释放沿途的计算图；"
    "torch.autograd.grad 和 backward(inputs=[...]) 只走向指定的张量。",
)
def test_grad_of_and_vjp_change_nothing_else(submission, rng):
    """grad_of and vjp change nothing else: not x, no other gradient and no other graph."""
    x, before, w = (nonzero(rng, 3, 2) for _ in range(3))
    for name in ("grad_of", "vjp"):
        results, tracked, kept, of_w = submission.run(what_else_changes, name, x, before, w)
        for gradient in results:
            assert_tensor(gradient, 2 * w**2 * x)
        assert_equal(tracked, expected=False)
        assert_tensor(kept, before)
        assert_tensor(of_w, 2 * w)


@check(
    points=2,
    zh="各块行数随机时，accumulate 的梯度和返回值都等于整批一起算的结果，并加到原有的梯度上。",
    hint="A chunk counts by its number of rows; .grad keeps what was there before.",
    hint_zh="每块按行数加权；.grad 里原有的部分要保留。",
)
def test_accumulate_over_uneven_chunks(submission, rng):
    """accumulate equals the whole batch for chunks of any sizes, added to the old gradient."""
    for sizes in [[1, rng.integer(5, 9), 2], [rng.integer(2, 6)], [3, 1, 1, rng.integer(4, 7)]]:
        rows = rng.randn(sum(sizes), 3, dtype=torch.float64)
        w, before = nonzero(rng, 3), nonzero(rng, 3)
        losses = torch.exp(-(rows @ w))
        value, gradient = submission.run(accumulate_onto, w, before, rows, sizes)
        assert_tensor(gradient, before - losses @ rows / len(rows))
        assert_close(value, losses.mean().item())


@check(
    points=1,
    zh="accumulate 每次只保留一张计算图：先反向传播，再处理下一块。",
    hint="A sum of losses keeps the graphs of all chunks alive; call backward() for each of them.",
    hint_zh="把损失张量加起来，所有块的计算图都会留着；应当对每块分别调用 backward()。",
)
def test_accumulate_keeps_one_graph_at_a_time(submission, rng):
    """accumulate runs backward through each chunk before it calls f for the next."""
    sizes = [2, rng.integer(3, 8), 1]
    events = submission.run(order_of_passes, rng.randn(4), rng.randn(sum(sizes), 4), sizes)
    assert_equal(events, [step for size in sizes for step in (size, 0)])


@check(
    points=2,
    zh="对非线性的 f 和矩阵形状的输入，vjp 等于 v 与雅可比矩阵的乘积；同一个 x 可以反复求。",
    hint="Weight the numbers of f(x) with v before going back; afterwards it is too late.",
    hint_zh="v 要在反向传播之前给 f(x) 的各个数加权，反向传播之后再乘就晚了。",
)
def test_vjp_equals_the_product_with_the_jacobian(submission, rng):
    """vjp is v times the Jacobian for an f that is not linear, on tensors of two dimensions."""
    matrix = rng.randn(4, 2, dtype=torch.float64)
    x = rng.randn(2, 3, dtype=torch.float64)
    vectors = [rng.randn(4, 3, dtype=torch.float64) for _ in range(2)]
    products = submission.run(products_with_sines, matrix, x, vectors)
    assert_equal(len(products), 2)
    for v, product in zip(vectors, products, strict=True):
        assert_tensor(product, matrix.T @ v * x.cos())


@check(
    points=1,
    zh="vjp 接受与 f(x) 形状相同的 v；形状不同时抛出 RuntimeError，即使可以广播。",
    hint="y * v broadcasts in silence. backward(v) and torch.autograd.grad compare the shapes.",
    hint_zh="y * v 会默默广播；backward(v) 和 torch.autograd.grad 才会比较形状。",
)
def test_vjp_refuses_a_vector_of_another_shape(submission, rng):
    """vjp takes a v of the shape of f(x); any other raises RuntimeError, even if it broadcasts."""
    matrix, x, v = rng.randn(4, 2), rng.randn(2, 3), rng.randn(4, 3)
    (product,) = submission.run(products_with_sines, matrix, x, [v])
    assert_tensor(product, matrix.T @ v * x.cos())
    for shape in [(1, 3), (3,), (2, 4, 3)]:
        with raises(RuntimeError):
            submission.run(products_with_sines, matrix, x, [rng.randn(*shape)])


@check(
    points=1,
    zh="对随机的 x，doubling_vjp 的次数和梯度都正确，且 x 保持原样。",
    hint="Count while the norm over all numbers of y is below 1000; x must not collect gradients.",
    hint_zh="只要 y 的所有数合起来的范数小于 1000 就继续计数；x 不应积累梯度。",
)
def test_doubling_vjp_on_random_tensors(submission, rng):
    """doubling_vjp counts and differentiates rightly for random x, which it leaves as it is."""
    for shape, scale in [((4,), 0.01), ((3, 2), 1.0), ((2, 1, 3), 30.0)]:
        x = scale * nonzero(rng, *shape)
        vectors = [rng.randn(*shape, dtype=torch.float64) for _ in range(2)]
        count = 0
        while (2 ** (count + 1) * x).norm() < 1000:
            count += 1
        results, tracked = submission.run(doublings, x, vectors)
        for v, (i, gradient) in zip(vectors, results, strict=True):
            assert_equal(i, count)
            assert_tensor(gradient, 2 ** (count + 1) * v)
        assert_equal(tracked, expected=False)


@check(
    points=1,
    zh="x 一开始就足够长时，doubling_vjp 计数为 0；x 全为零时抛出 ValueError。",
    hint="The first doubling is not counted, 1000 is not below 1000, and twice zero is zero.",
    hint_zh="最初的 2 * x 不计数；1000 并不小于 1000；零加倍还是零。",
)
def test_doubling_vjp_at_the_edges(submission, rng):
    """doubling_vjp does not count for an x that is long already, and refuses one of zeros."""
    v = rng.randn(2)
    # Twice these: 6000, exactly 1000, and 999.88.
    for x, expected in [([0.0, -3000.0], 0), ([300.0, 400.0], 0), ([299.9, 400.0], 1)]:
        count, gradient = submission.doubling_vjp(torch.tensor(x), v)
        assert_equal(count, expected)
        assert_tensor(gradient, 2 ** (expected + 1) * v)
    with raises(ValueError):
        submission.doubling_vjp(torch.zeros(2, 3), rng.randn(2, 3))


@check(
    points=2,
    zh="scale_in_place 之后，需要旧数值的计算图拒绝反向传播，不会给出错误的梯度。",
    hint=".data hides the change from autograd. torch.no_grad() and detach() do not.",
    hint_zh=".data 会向 autograd 隐瞒改动，torch.no_grad() 和 detach() 不会。",
)
def test_scale_in_place_is_noticed_by_autograd(submission, rng):
    """After scale_in_place, a graph that needs the old values refuses to run backward."""
    refused = submission.run(backward_refuses, "scale_in_place", rng.randn(2, 3), 100.0)
    assert_equal(refused, expected=True)


@check(
    points=1,
    zh="scale_in_place 返回 x 本身；x 仍是叶子，原有的梯度不变，之后的计算照常记录。",
    hint="Work in the memory of x and return x; its .grad is none of this function's business.",
    hint_zh="在 x 的内存里改，返回 x 本身；x 的 .grad 与这个函数无关。",
)
def test_scale_in_place_keeps_the_leaf(submission, rng):
    """scale_in_place returns x itself, still a leaf, its old gradient kept; later work counts."""
    x, before, k = nonzero(rng, 3, 4), nonzero(rng, 3, 4), 0.5 + rng.integer(1, 5)
    scaled, kept, gradient = submission.run(after_scaling, x, before, k)
    assert_tensor(scaled, x * k)
    assert_tensor(kept, before.t())
    assert_tensor(gradient, (before + 2 * k * x).t())


@check(
    points=1,
    zh="scale_in_place 之后，PyTorch 是否记录与调用前一样；没有被跟踪的 x 仍不被跟踪。",
    hint="A `with torch.no_grad():` block puts back what was set before it, whatever that was.",
    hint_zh="`with torch.no_grad():` 结束时会恢复进入之前的设置，不管那是什么。",
)
def test_scale_in_place_leaves_the_recording_as_it_was(submission, rng):
    """After scale_in_place PyTorch records, or does not, just as it did before."""
    told = submission.run(recording_around_scaling, rng.randn(3), 2.0)
    assert_equal(told, {"in general": True, "inside no_grad": False, "x is tracked": False})


@check(
    points=1,
    zh="stop_gradient 的结果与 x 共用内存、不被跟踪；x 即使是中间结果，也仍被跟踪。",
    hint="detach() gives a second tensor on the same memory; detach_() takes x out of its graph.",
    hint_zh="detach() 给出同一块内存上的另一个张量；detach_() 则会把 x 从它的计算图里摘出来。",
)
def test_stop_gradient_shares_memory_and_leaves_x_tracked(submission, rng):
    """stop_gradient shares the memory of x and is not tracked, and x stays tracked."""
    x, k = nonzero(rng, 4, 3), 2.0 + rng.integer(0, 4)
    gradient, overwritten, tracked = submission.run(stop_in_the_middle, x, k)
    assert_tensor(gradient, k * k * x)
    assert_tensor(overwritten, x)
    assert_equal(tracked, expected=False)


@check(
    points=1,
    zh="通过 stop_gradient 的结果改动数值时，autograd 会知道，需要旧数值的计算图拒绝反向传播。",
    hint=".data shares the memory too, but autograd cannot see what is done through it.",
    hint_zh=".data 也共用内存，但通过它做的改动 autograd 看不见。",
)
def test_changes_through_stop_gradient_are_noticed(submission, rng):
    """Autograd notices values that are changed through the result of stop_gradient."""
    refused = submission.run(backward_refuses, "stop_gradient", rng.randn(3, 2), 3.0)
    assert_equal(refused, expected=True)
