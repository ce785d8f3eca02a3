"""Public checks of ex05_autograd: the numbers of the notes, and small formulas beside them."""

import torch

from grader.checks import (
    Mistake,
    assert_close,
    assert_equal,
    assert_tensor,
    check,
    gradients,
    probe,
    raises,
)


@probe
def names_of_small_graphs(student, a):
    """Return graph_names of (a * a).sum(), of the leaf a and of a tensor that is not tracked."""
    a.requires_grad_()
    return [student.graph_names(t) for t in ((a * a).sum(), a, a.detach() * 2)]


@probe
def cubic_gradients(student, p, q, x):
    """Return grad_of sum(p * x**3 + q * x) at x, asked twice."""

    def f(t):
        return (p * t**3 + q * t).sum()

    return [student.grad_of(f, x), student.grad_of(f, x)]


@probe
def accumulate_chunks(student, w, rows, sizes):
    """Return accumulate's answer for the mean of (row @ w)**2, and the gradient of w."""
    w.requires_grad_()

    def loss(chunk):
        return ((chunk @ w) ** 2).mean()

    return student.accumulate(loss, list(rows.split(sizes))), w.grad


@probe
def products_with_a_matrix(student, matrix, x, vectors):
    """Return vjp of matrix @ x for every v, all at the same x."""
    return [student.vjp(lambda t: matrix @ t, x, v) for v in vectors]


@probe
def product_without_a_vector(student, matrix, x):
    """Return vjp of matrix @ x without a v."""
    return student.vjp(lambda t: matrix @ t, x)


@probe
def scale_before_backward(student, x, k):
    """Scale x after y = 2 * x was computed; return x and the gradient of sum(y)."""
    x.requires_grad_()
    y = 2 * x
    student.scale_in_place(x, k)
    y.sum().backward()
    return x, x.grad


@probe
def gradient_beside_a_stop(student, x):
    """Return the gradient of sum(stop_gradient(x) * x)."""
    x.requires_grad_()
    (student.stop_gradient(x) * x).sum().backward()
    return x.grad


def mean_square(w, rows):
    """Return the mean of (row @ w)**2."""
    return ((rows @ w) ** 2).mean()


@check(
    points=1,
    zh="demo_grad 对全 1 的 2x2 张量得到 out = 3，梯度依次是 3、4、1。",
    hint="x.grad is one tensor that every backward() adds to. Copy it each time you look at it.",
    hint_zh="x.grad 是同一个张量，每次 backward() 都往里累加；每次查看时，先复制一份。",
)
def test_demo_grad_on_the_example_of_the_notes(submission):
    """demo_grad gives out = 3 and the gradients 3, 4 and 1 for a 2x2 tensor of ones."""
    out, first, second, third = submission.demo_grad(torch.ones(2, 2))
    tutorial = Mistake(
        torch.tensor(27.0),
        en="This belongs to y = x + 2, another example. Here y = x**2.",
        zh="这是 y = x + 2 那个例子的结果，而这里 y = x**2。",
    )
    assert_tensor(out, torch.tensor(3.0), mistakes=[tutorial])
    mistakes = [
        Mistake(
            torch.full((2, 2), value),
            en="This is what x.grad became later: the tensor that you returned was still "
            "being added to.",
            zh="这是 x.grad 后来的值：返回的张量之后又被继续累加了。",
        )
        for value in (4.0, 1.0)
    ]
    assert_tensor(first, torch.full((2, 2), 3.0), mistakes=mistakes)
    assert_tensor(second, torch.full((2, 2), 4.0), mistakes=mistakes[1:])
    assert_tensor(third, torch.ones(2, 2))


@check(
    points=1,
    zh="graph_names 说出 (a * a).sum() 的三个节点；对叶子张量和没有被跟踪的张量返回 []。",
    hint="Start at t.grad_fn, follow node.next_functions, and list a node only once: "
    "both inputs of a * a lead to the same one.",
    hint_zh="从 t.grad_fn 出发，沿 node.next_functions 往下走；每个节点只列一次："
    "a * a 的两个输入通向同一个节点。",
)
def test_graph_names_of_a_sum_of_squares(submission, rng):
    """graph_names tells the three nodes of (a * a).sum(), and [] where there is no graph."""
    names = submission.run(names_of_small_graphs, rng.randn(3, 2))
    assert_equal(names, [["SumBackward0", "MulBackward0", "AccumulateGrad"], [], []])


@check(
    points=1,
    zh="grad_of 得到三次多项式的梯度，再求一次，结果仍然相同。",
    hint="The gradient of p * x**3 + q * x is 3 * p * x**2 + q. Whatever stays in x.grad is "
    "added to next time.",
    hint_zh="p * x**3 + q * x 的梯度是 3 * p * x**2 + q。留在 x.grad 里的东西，下次还会被加进去。",
)
def test_grad_of_a_cubic_twice(submission, rng):
    """grad_of gives the gradient of a cubic polynomial, and the same when it is asked again."""
    p, q, x = (rng.randn(3, 4, dtype=torch.float64) for _ in range(3))
    expected = 3 * p * x**2 + q
    mistakes = [
        Mistake(
            2 * expected,
            en="This is the sum of both gradients: the first one was still in x.grad when the "
            "second was added.",
            zh="这是两次梯度之和：求第二次时，第一次的梯度还留在 x.grad 里。",
        )
    ]
    for gradient in submission.run(cubic_gradients, p, q, x):
        assert_tensor(gradient, expected, mistakes=mistakes)


@check(
    points=1,
    zh="accumulate 按 4 行和 2 行两块累积的梯度，等于 6 行一起算的梯度。",
    hint="In the mean over 6 rows, the mean over a chunk of 4 rows counts 4/6.",
    hint_zh="在 6 行的平均里，4 行那一块的平均要乘以 4/6。",
)
def test_accumulate_collects_the_gradient_of_the_whole_batch(submission, rng):
    """accumulate over chunks of 4 and 2 rows leaves the gradient of all 6 rows together."""
    w, rows = rng.randn(3, dtype=torch.float64), rng.randn(6, 3, dtype=torch.float64)
    w.requires_grad_()
    first, last = mean_square(w, rows[:4]), mean_square(w, rows[4:])
    (expected,) = torch.autograd.grad(mean_square(w, rows), w)
    (added,) = torch.autograd.grad(first + last, w)
    mistakes = [
        Mistake(
            added,
            en="This is the sum of the gradients of both chunks, none of them weighted.",
            zh="这是两块梯度直接相加的结果，没有加权。",
        ),
        Mistake(
            added / 2,
            en="Here both chunks count the same, although one of them has twice as many rows.",
            zh="这里两块的分量相同，可是其中一块的行数是另一块的两倍。",
        ),
    ]
    _, gradient = submission.run(accumulate_chunks, w.detach(), rows, [4, 2])
    assert_tensor(gradient, expected, mistakes=mistakes)


@check(
    points=1,
    zh="accumulate 返回所有行的平均损失，是 Python 的 float。",
    hint="loss.item() gives the number without its graph; weight the chunks as in the gradient.",
    hint_zh="loss.item() 取出数值，不带计算图；各块的权重与求梯度时相同。",
)
def test_accumulate_returns_the_mean_loss(submission, rng):
    """accumulate returns the mean loss over all rows as a float."""
    w, rows = rng.randn(4, dtype=torch.float64), rng.randn(5, 4, dtype=torch.float64)
    value, _ = submission.run(accumulate_chunks, w, rows, [1, 4])
    assert_close(value, mean_square(w, rows).item())


@check(
    points=1,
    zh="f(x) = Ax 时，vjp 返回 vᵀA；同一个 x 换另一个 v 也正确。",
    hint="y.backward(v) and torch.autograd.grad(y, x, v) both weight the numbers of y with v.",
    hint_zh="y.backward(v) 和 torch.autograd.grad(y, x, v) 都用 v 给 y 的各个数加权。",
)
def test_vjp_of_a_matrix(submission, rng):
    """For f(x) = Ax, vjp returns v times A, for two different v at the same x."""
    matrix, x = rng.randn(2, 3, dtype=torch.float64), rng.randn(3, dtype=torch.float64)
    vectors = [rng.randn(2, dtype=torch.float64) for _ in range(2)]
    mistakes = [
        Mistake(
            matrix.sum(0),
            en="This is the gradient of f(x).sum(): every number counts once, whatever v is.",
            zh="这是 f(x).sum() 的梯度：不管 v 是多少，每个数都只算一份。",
        ),
        Mistake(
            sum(vectors) @ matrix,
            en="This is the sum of both products: they were added up in one x.grad.",
            zh="这是两次结果之和：它们都累加到同一个 x.grad 里了。",
        ),
    ]
    for v, product in zip(
        vectors, submission.run(products_with_a_matrix, matrix, x, vectors), strict=True
    ):
        assert_tensor(product, v @ matrix, mistakes=mistakes)


@check(
    points=1,
    zh="给了 v，vjp 正常返回；f(x) 不止一个数而没有给 v 时，抛出 RuntimeError。",
    hint="PyTorch raises it by itself when v is handed on as None. Ones are no neutral choice.",
    hint_zh="把 None 原样传下去，PyTorch 自己就会抛出。用全 1 代替 v 并不是“没有 v”。",
)
def test_vjp_of_many_numbers_needs_a_vector(submission, rng):
    """vjp works with a v, and raises RuntimeError when f(x) has several numbers and no v."""
    matrix, x, v = rng.randn(2, 3), rng.randn(3), rng.randn(2)
    (product,) = submission.run(products_with_a_matrix, matrix, x, [v])
    assert_tensor(product, v @ matrix)
    with raises(RuntimeError):
        submission.run(product_without_a_vector, matrix, x)


@check(
    points=1,
    zh="doubling_vjp 对笔记中的 x 加倍 9 次，梯度是 [102.4, 1024, 0.1024]。",
    hint="y is 2 * x before the loop begins, so after 9 rounds it is 1024 * x.",
    hint_zh="循环开始之前 y 已经是 2 * x，所以加倍 9 次之后 y = 1024 * x。",
)
def test_doubling_vjp_on_the_numbers_of_the_notes(submission):
    """doubling_vjp counts 9 and returns [102.4, 1024, 0.1024] for the numbers of the notes."""
    x, v = torch.tensor([-0.3464, -0.1451, 1.6939]), torch.tensor([0.1, 1.0, 0.0001])
    count, gradient = submission.doubling_vjp(x, v)
    assert_equal(count, 9)
    assert_tensor(gradient, torch.tensor([102.4, 1024.0, 0.1024]))


@check(
    points=1,
    zh="scale_in_place 把 x 乘以 k；此前算出的 y = 2x，梯度仍是 2。",
    hint="`x = x * k` makes a new tensor and only moves the name. Inside torch.no_grad() a leaf "
    "may be changed in place.",
    hint_zh="`x = x * k` 会创建新张量，只是让名字指向它。在 torch.no_grad() 里可以原地修改叶子。",
)
def test_scale_in_place_leaves_a_linear_gradient_alone(submission, rng):
    """scale_in_place multiplies x by k, and a y = 2x computed before keeps its gradient 2."""
    values = rng.randn(3, 2)
    for x, k in [(torch.ones(1), 100.0), (values, -0.5)]:
        mistakes = [
            Mistake(
                x,
                en="These are the old values: the tensor that was handed over has not changed.",
                zh="这是原来的数值：传进来的张量没有变。",
            )
        ]
        scaled, gradient = submission.run(scale_before_backward, x, k)
        assert_tensor(scaled, x * k, mistakes=mistakes)
        assert_tensor(gradient, torch.full_like(x, 2.0))


@check(
    points=1,
    zh="stop_gradient 的数值与 x 相同，但梯度不经过它：sum(stop_gradient(x) * x) 的梯度是 x。",
    hint="clone() stays in the graph; detach_() and requires_grad_(False) change x itself.",
    hint_zh="clone() 仍在计算图里；detach_() 和 requires_grad_(False) 会改变 x 本身。",
)
def test_stop_gradient_is_a_constant_for_autograd(submission, rng):
    """stop_gradient keeps the values but no gradient: that of sum(stop_gradient(x) * x) is x."""
    x = rng.randn(2, 5)
    assert_tensor(submission.stop_gradient(x), x)
    mistakes = [
        Mistake(
            2 * x,
            en="This is the gradient of x**2: it came back through both factors.",
            zh="这是 x**2 的梯度：两个因子都传回了梯度。",
        )
    ]
    assert_tensor(submission.run(gradient_beside_a_stop, x), x, mistakes=mistakes)
    received = submission.run(gradients, "stop_gradient", [x], wrt=[0])
    assert_equal(received, [None])
