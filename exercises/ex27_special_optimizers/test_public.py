"""Public checks of ex27_special_optimizers: a few steps on numbers that you can follow."""

import contextlib

import torch
from torch import nn

from grader.checks import Mistake, assert_close, assert_equal, assert_tensor, check, probe, raises


@probe
def walk(student, name, start, gradients, options):
    """Return the parameter after every step, and the state after the last."""
    p, state, path = start.clone(), {}, []
    for g in gradients:
        getattr(student, name)(p, g, state, **options)
        path.append(p.clone())
    return torch.stack(path), state


@probe
def sparse_walk(student, start, looked_up, options):
    """Return the parameter after each step of sparse_adam_step, for pairs (rows, values)."""
    p, state, path = start.clone(), {}, []
    for rows, values in looked_up:
        g = torch.sparse_coo_tensor(rows[None], values, p.shape, check_invariants=True)
        student.sparse_adam_step(p, g, state, **options)
        path.append(p.clone())
    return torch.stack(path)


@probe
def dense_step(student, p, state):
    """Take one step with a gradient that is not sparse."""
    student.sparse_adam_step(p, p + 1, state)


@probe
def after_a_refusal(student, p):
    """Return p and the state after a gradient was refused."""
    p, state = p.clone(), {}
    with contextlib.suppress(RuntimeError):
        dense_step(student, p, state)
    return p, state


@probe
def closure_calls(student, weight, x, calls):
    """Return the loss and the gradient after each call of the closure."""
    parameter = nn.Parameter(weight.clone())
    optimizer = torch.optim.SGD([parameter], lr=0.1)

    def loss_of():
        return ((parameter * x) ** 2).sum()

    closure = student.make_closure(optimizer, loss_of)
    seen = []
    for _ in range(calls):
        loss = closure()
        seen.append((loss, parameter.grad.clone()))
    return seen


@probe
def minimum_of_a_bowl(student, scales, centre, x0, steps):
    """Return where minimize_lbfgs ends in sum(scales * (x - centre) ** 2)."""
    return student.minimize_lbfgs(lambda x: (scales * (x - centre) ** 2).sum(), x0, steps)


@probe
def embedding_gradient(student, rows, columns, words):
    """Return whether an embedding's gradient is sparse, and the gradient, for one sentence."""
    embedding = student.make_embedding(rows, columns)
    embedding(words).sum().backward()
    gradient = embedding.weight.grad
    return gradient.is_sparse, gradient.to_dense()


@check(
    points=1,
    zh="Rprop 只看符号：符号不变时步子变大，改变时减半，并且这一次不走。",
    hint="After a change of sign prev is 0, so that the next step is neither longer nor shorter.",
    hint_zh="符号改变之后 prev 是 0，所以再下一步既不变长也不变短。",
)
def test_rprop_looks_at_signs(submission):
    """Rprop looks at signs: equal ones lengthen the step, opposite ones halve it and it waits."""
    gradients = torch.tensor([[3.0, -1.0], [0.5, -2.0], [-1.0, -0.5], [-2.0, 4.0]])
    path, _ = submission.run(walk, "rprop_step", torch.ones(2), list(gradients), {"lr": 0.1})
    expected = torch.tensor([[0.9, 1.1], [0.78, 1.22], [0.78, 1.364], [0.84, 1.364]])
    mistakes = [
        Mistake(
            torch.tensor([[0.9, 1.1], [0.78, 1.22], [0.84, 1.364], [0.912, 1.292]]),
            en="This p moves after a change of sign, too. Rprop waits for one step there.",
            zh="这里的 p 在符号改变时也走了一步。Rprop 这一次应当不走。",
        )
    ]
    assert_tensor(path, expected, mistakes=mistakes)


@check(
    points=1,
    zh="ASGD 像 SGD 一样移动 p，ax 则是 p 到过的地方的平均。",
    hint="mu and eta are renewed at the end of a step: they are meant for the next one.",
    hint_zh="mu 和 eta 在一步的最后才更新：它们是给下一步用的。",
)
def test_asgd_averages_the_places(submission):
    """ASGD moves p as SGD does, and ax becomes the average of the places where p was."""
    options = {"lr": 0.1, "lambd": 0.0, "t0": 0}
    for steps, average in [(1, 0.9), (2, 0.8), (3, 0.75), (4, 0.7)]:
        gradients = [torch.ones(1)] * steps
        path, state = submission.run(walk, "asgd_step", torch.ones(1), gradients, options)
        assert_tensor(path[-1], torch.tensor([1 - 0.1 * steps]))
        assert_tensor(state["ax"], torch.tensor([average]))


@check(
    points=2,
    zh="没有 (s, y) 时 lbfgs_direction 给出 -g；有一对时，对 y 给出 -s，对例子里的 g 也正确。",
    hint="Follow the example of the README with pencil and paper: a, q, r, b, and the minus sign.",
    hint_zh="照着 README 的例子用纸笔走一遍：a、q、r、b，最后取负号。",
)
def test_lbfgs_direction_with_one_pair(submission):
    """lbfgs_direction is -g without pairs; with one pair it turns y into -s, and g as shown."""
    g, s, y = torch.tensor([1.0, 0.0]), torch.tensor([1.0, 0.5]), torch.tensor([2.0, 2.0])
    assert_tensor(submission.lbfgs_direction(g, []), -g)
    assert_tensor(submission.lbfgs_direction(y, [(s, y)]), -s)
    assert_tensor(submission.lbfgs_direction(g, [(s, y)]), torch.tensor([-0.541667, 0.041667]))


@check(
    points=2,
    zh="闭包每次调用都返回损失张量，梯度也总是这一次的，不会累加。",
    hint="Four lines: clear the gradients, compute the loss, backward, return the loss.",
    hint_zh="四行：清零梯度、计算损失、反向传播、返回损失。",
)
def test_closure_can_be_called_again(submission, rng):
    """Each call of the closure returns the loss, a tensor, and leaves the gradient of that call."""
    weight, x = rng.rand(3, 2) + 0.5, rng.rand(3, 2) + 0.5
    calls = submission.run(closure_calls, weight, x, 3)
    gradient = 2 * weight * x**2
    for count, (loss, left) in enumerate(calls, start=1):
        assert_tensor(loss, ((weight * x) ** 2).sum())
        piled = Mistake(
            count * gradient,
            en="This is the sum of the gradients of all calls so far: clear them in the closure.",
            zh="这是到目前为止各次调用的梯度之和：要在闭包里清零。",
        )
        assert_tensor(left, gradient, mistakes=[piled] if count > 1 else [])


@check(
    points=1,
    zh="minimize_lbfgs 只调用一次 step，就让二维的碗状函数降到 1e-4 以下。",
    hint="step needs the closure itself, step(closure): it calls it many times. What does it "
    "compute the loss of?",
    hint_zh="step 要的是闭包本身：step(closure)，它会多次调用。闭包里是在对谁计算损失？",
)
def test_minimize_lbfgs_in_one_step(submission):
    """minimize_lbfgs brings a bowl in two dimensions below 1e-4 with a single step."""
    scales, centre, x0 = torch.tensor([[1.0, 20.0], [3.0, -1.0], [-2.0, 1.5]])
    x = submission.run(minimum_of_a_bowl, scales, centre, x0, 1)
    assert_close((scales * (x - centre) ** 2).sum().item(), 0.0, rtol=0, atol=1e-4)


@check(
    points=1,
    zh="make_embedding 的梯度是稀疏的，只含查到的行；查了两次的行计两次。",
    hint="nn.Embedding has an argument for it; the gradient is dense without being asked.",
    hint_zh="nn.Embedding 有一个参数管这件事；不指定时梯度是稠密的。",
)
def test_embedding_has_a_sparse_gradient(submission):
    """The gradient of make_embedding's embedding is sparse, and counts a row as often as used."""
    words = torch.tensor([4, 1, 4])
    is_sparse, gradient = submission.run(embedding_gradient, 6, 3, words)
    assert_equal({"is_sparse": is_sparse}, {"is_sparse": True})
    assert_tensor(gradient, torch.tensor([0.0, 1, 0, 0, 2, 0])[:, None].expand(6, 3))


@check(
    points=2,
    zh="SparseAdam 只移动查到的行；步数对所有行一起计。",
    hint="Rows that were not looked up keep their averages as they are: nothing fades there.",
    hint_zh="没有查到的行，两个平均也保持原样，不会衰减。",
)
def test_sparse_adam_moves_the_rows_looked_up(submission):
    """SparseAdam moves the rows that were looked up and no others; a step counts for all rows."""
    start = torch.tensor([[1.0, 1], [2, 2], [3, 3], [4, 4]])
    looked_up = [
        (torch.tensor([2, 0]), torch.tensor([[0.5, -3], [1, 2]])),
        (torch.tensor([3]), torch.tensor([[-0.5, 1]])),
    ]
    path = submission.run(sparse_walk, start, looked_up, {"lr": 0.1})
    first = torch.tensor([[0.9, 0.9], [2, 2], [2.9, 3.1], [4, 4]])
    assert_tensor(path[0], first)
    second = first.clone()
    second[3] = torch.tensor([4.074414, 3.925586])
    assert_tensor(path[1], second)


@check(
    points=1,
    zh="梯度不是稀疏张量时，sparse_adam_step 与 PyTorch 一样抛出 RuntimeError，什么也不改变。",
    hint="g.is_sparse tells; look at it before anything else.",
    hint_zh="g.is_sparse 会告诉你；最先检查它。",
)
def test_sparse_adam_refuses_a_dense_gradient(submission, rng):
    """sparse_adam_step raises RuntimeError for a dense gradient, and changes nothing."""
    p = rng.randn(4, 3)
    with raises(RuntimeError):
        submission.run(dense_step, p, {})
    after, state = submission.run(after_a_refusal, p)
    assert_tensor(after, p)
    assert_equal(state, {})
