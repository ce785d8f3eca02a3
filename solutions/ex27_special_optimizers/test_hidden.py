"""Hidden checks of ex27_special_optimizers: published rules over many steps, states, closures."""

import io

import torch
from torch import nn

from grader.checks import assert_close, assert_equal, assert_tensor, check, probe


@probe
def step_of(student, name, p, gradient, state, options):
    """Take one step; a pair (rows, values) stands for a sparse gradient. Return the gradient."""
    if isinstance(gradient, tuple):
        rows, values = gradient
        gradient = torch.sparse_coo_tensor(rows[None], values, p.shape, check_invariants=True)
    getattr(student, name)(p, gradient, state, **options)
    return gradient


@probe
def walk(student, name, start, gradients, options, before=0):
    """Return the path and the last state; `options` is one dict, or one for each step.

    p and state are saved and loaded after `before` steps, if it is not 0.
    """
    p, state, path = start.clone(), {}, []
    for done, gradient in enumerate(gradients):
        if done and done == before:
            file = io.BytesIO()
            torch.save({"p": p, "state": state}, file)
            file.seek(0)
            p, state = torch.load(file).values()
        setting = options[done] if isinstance(options, list) else options
        step_of(student, name, p, gradient, state, setting)
        path.append(p.clone())
    return torch.stack(path), state


@probe
def next_mu(student, p, step):
    """Return mu after one step from a state that has taken so many already."""
    state = {"step": step, "eta": 0.01, "mu": 1.0, "ax": p.clone()}
    student.asgd_step(p, p + 1, state)
    return state["mu"]


@probe
def averages(student, start, gradients, options):
    """Return the paths of p and of ax under asgd_step."""
    p, state, path, average = start.clone(), {}, [], []
    for gradient, setting in zip(gradients, options, strict=True):
        student.asgd_step(p, gradient, state, **setting)
        path.append(p.clone())
        average.append(state["ax"].clone())
    return torch.stack(path), torch.stack(average)


@probe
def directions(student, cases):
    """Return lbfgs_direction of each case, and the cases as they are afterwards."""
    return [student.lbfgs_direction(g, pairs) for g, pairs in cases], cases


@probe
def train(student, name, start, target, steps, options):
    """Fit an nn.Parameter to a target; return the path, the gradients left, and what has a graph.

    The loss is sum((p - target) ** 2).
    """
    p, state, path, left, tracked = nn.Parameter(start.clone()), {}, [], [], []
    for _ in range(steps):
        p.grad = None
        ((p - target) ** 2).sum().backward()
        getattr(student, name)(p, p.grad, state, **options)
        path.append(p.detach().clone())
        left.append(p.grad.clone())
        tracked += [value.requires_grad for value in state.values() if torch.is_tensor(value)]
    return torch.stack(path), torch.stack(left), p.is_leaf and p.requires_grad, any(tracked)


@probe
def train_an_embedding(student, start, sentences, targets, options):
    """Fit the vectors of some words; return the path, the gradients left, and what has a graph."""
    embedding = nn.Embedding.from_pretrained(start.clone(), freeze=False, sparse=True)
    weight, state, path, left, tracked = embedding.weight, {}, [], [], []
    for words, target in zip(sentences, targets, strict=True):
        weight.grad = None
        ((embedding(words) - target) ** 2).sum().backward()
        student.sparse_adam_step(weight, weight.grad, state, **options)
        path.append(weight.detach().clone())
        left.append(weight.grad.to_dense())
        tracked += [value.requires_grad for value in state.values() if torch.is_tensor(value)]
    return torch.stack(path), torch.stack(left), weight.is_leaf, any(tracked)


@probe
def closure_of_two_groups(student, weights, leftovers, factors):
    """Return losses, gradients and calls of loss_of, for a loss that changes between the calls.

    The last parameter has no part in the loss.
    """
    parameters = [nn.Parameter(w.clone()) for w in weights]
    for parameter, leftover in zip(parameters, leftovers, strict=True):
        parameter.grad = leftover.clone()
    groups = [{"params": parameters[:1]}, {"params": parameters[1:], "lr": 0.3}]
    optimizer = torch.optim.SGD(groups, lr=0.1)
    count = 0

    def loss_of():
        nonlocal count
        count += 1
        return factors[count - 1] * (parameters[0] ** 2).sum() * parameters[1].sum()

    closure = student.make_closure(optimizer, loss_of)
    seen = []
    for _ in factors:
        loss = closure()
        left = [torch.zeros_like(p) if p.grad is None else p.grad.clone() for p in parameters]
        seen.append((float(loss), left, count))
    return seen


@probe
def minimum_of_a_valley(student, steepness, x0, steps):
    """Return where minimize_lbfgs ends in Rosenbrock's valley, x0 afterwards, and if x is free."""

    def valley(x):
        return (1 - x[0]) ** 2 + steepness * (x[1] - x[0] ** 2) ** 2

    x = student.minimize_lbfgs(valley, x0, steps)
    return x, x0, x.requires_grad or x0.requires_grad


@probe
def minimum_of_cones(student, scales, centre, x0):
    """Return where minimize_lbfgs ends after four steps, for a matrix and blunt cones.

    Far away they hardly bend, and full steps go much too far there.
    """

    def cones(x):
        return (scales * ((1 + (x - centre) ** 2).sqrt() - 1)).sum()

    return student.minimize_lbfgs(cones, x0, 4)


def rprop(p, gradients, lr, etas, step_sizes):
    """Give p after every step.

    iRprop- of Igel and Huesken, "Empirical evaluation of the improved Rprop learning algorithms",
    2003, after Riedmiller and Braun, "A direct adaptive method for faster backpropagation
    learning: the RPROP algorithm", 1993.
    """
    before, size = torch.zeros_like(p), torch.full_like(p, lr)
    for gradient in gradients:
        sign = gradient.sign()
        factor = torch.ones_like(p)
        factor[sign * before > 0] = etas[1]
        factor[sign * before < 0] = etas[0]
        size = (size * factor).clamp(*step_sizes)
        before = torch.where(sign * before < 0, torch.zeros_like(p), sign)
        p = p - size * before
        yield p


def asgd(p, gradients, lr, lambd, alpha, t0, weight_decay):
    """Give p and its average after every step.

    Averaging after Polyak and Juditsky, "Acceleration of stochastic approximation by averaging",
    1992, with the rates and decays of PyTorch's ASGD.
    """
    eta, mu, average = lr[0], 1.0, torch.zeros_like(p)
    for t, (gradient, rate) in enumerate(zip(gradients, lr, strict=True), start=1):
        p = (1 - eta * lambd) * p - eta * (gradient + weight_decay * p)
        average = mu * p + (1 - mu) * average
        eta, mu = rate * (1 + lambd * rate * t) ** -alpha, min(1.0, 1 / max(t - t0, 1))
        yield p, average


def inverse_hessian(pairs, size):
    """Return H of L-BFGS as a matrix.

    Nocedal and Wright, "Numerical Optimization", 2006: equation 6.17 for every pair, from the
    multiple of the identity of equation 7.20.
    """
    eye = torch.eye(size, dtype=torch.float64)
    matrix = eye
    if pairs:
        s, y = pairs[-1]
        matrix = eye * (s @ y) / (y @ y)
    for s, y in pairs:
        turn = eye - torch.outer(s, y) / (s @ y)
        matrix = turn @ matrix @ turn.T + torch.outer(s, s) / (s @ y)
    return matrix


def sparse_adam(p, looked_up, lr, betas, eps):
    """Give p after every step.

    Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, in the order of the end of
    its section 2 (eps beside the uncorrected root), kept to some rows as PyTorch's SparseAdam is.
    """
    m = v = torch.zeros_like(p)
    for t, (rows, values) in enumerate(looked_up, start=1):
        gradient = torch.zeros_like(p).index_add(0, rows, values)
        named = torch.zeros(len(p), 1, dtype=torch.bool)
        named[rows] = True
        m = torch.where(named, betas[0] * m + (1 - betas[0]) * gradient, m)
        v = torch.where(named, betas[1] * v + (1 - betas[1]) * gradient**2, v)
        rate = lr[t - 1] * (1 - betas[1] ** t) ** 0.5 / (1 - betas[0] ** t)
        p = torch.where(named, p - rate * m / (v**0.5 + eps), p)
        yield p


def between(rng, low, high):
    """Return a random float."""
    return low + (high - low) * rng.rand(1, dtype=torch.float64).item()


def nonzero(rng, *shape):
    """Return random numbers of which none is near 0, so that no mistake can hide behind it."""
    values = rng.randn(*shape, dtype=torch.float64)
    return values + torch.where(values < 0, -0.5, 0.5)


def rates(rng, steps):
    """Return a learning rate for each step."""
    return [between(rng, 0.05, 0.2) for _ in range(steps)]


def random_rprop(rng):
    """Return options of rprop_step with limits that are soon reached."""
    etas = between(rng, 0.4, 0.6), between(rng, 1.2, 1.5)
    return {"lr": 0.1, "etas": etas, "step_sizes": (between(rng, 0.02, 0.04), 0.2)}


def random_asgd(rng):
    """Return options of asgd_step, without lr, in which no part of the rule can hide."""
    decays = {"lambd": between(rng, 0.3, 0.9), "weight_decay": between(rng, 0.2, 0.6)}
    return decays | {"alpha": between(rng, 0.6, 0.9), "t0": rng.integer(2, 5)}


def random_adam(rng):
    """Return options of sparse_adam_step, without lr, with an eps that counts."""
    betas = between(rng, 0.6, 0.9), between(rng, 0.7, 0.95)
    return {"betas": betas, "eps": between(rng, 0.05, 0.2)}


def random_rows(rng, steps, rows, columns):
    """Return for each step some rows and their values: a row twice, and none at all in one step.

    The last row is never named.
    """
    looked_up = []
    for step in range(steps):
        named = rng.permutation(rows - 1)[:3]
        named = torch.cat([named, named[:1]])[rng.permutation(4)][: 0 if step == 2 else 4]
        looked_up.append((named, nonzero(rng, len(named), columns)))
    return looked_up


def random_walks(rng):
    """Return name, start, gradients and options for each of the three steps."""
    return [
        ("rprop_step", nonzero(rng, 3, 2), list(nonzero(rng, 10, 3, 2)), random_rprop(rng)),
        ("asgd_step", nonzero(rng, 3, 2), list(nonzero(rng, 10, 3, 2)), random_asgd(rng)),
        ("sparse_adam_step", nonzero(rng, 7, 2), random_rows(rng, 10, 7, 2), random_adam(rng)),
    ]


@check(
    points=2,
    zh="Rprop 的十二步符合发表的公式：不论梯度大小，步长不出界，为零的梯度不改变步长。",
    hint="Limit step_size at every step, after it has grown or shrunk; sign(0) is 0.",
    hint_zh="每一步在放大或缩小之后都要限制 step_size；sign(0) 是 0。",
)
def test_rprop_over_twelve_steps(submission, rng):
    """Rprop follows its published rule over twelve steps, whatever the scale of the gradient."""
    for shape in [(3, 4), (), (0, 2)]:
        options, start = random_rprop(rng), nonzero(rng, *shape)
        scales = 10.0 ** rng.randint(-6, 7, (12, *shape)) * (rng.rand(12, *shape) > 0.15)
        gradients = list(nonzero(rng, 12, *shape) * scales)
        path, _ = submission.run(walk, "rprop_step", start, gradients, options)
        # Wide enough for a state of float32: that one has a check of its own.
        expected = torch.stack(list(rprop(start, gradients, **options)))
        assert_tensor(path, expected, rtol=1e-5, atol=1e-5)


@check(
    points=2,
    zh="ASGD 的十二步及其平均都符合公式：eta 逐步变小，两种衰减都起作用，平均从 t0 之后开始。",
    hint="eta and mu of a step were computed at the end of the step before; both decays act on p.",
    hint_zh="每一步用的 eta 和 mu 是上一步最后算好的；两种衰减都作用于 p。",
)
def test_asgd_over_twelve_steps(submission, rng):
    """ASGD and its average follow their rule over twelve steps, with both decays."""
    for shape in [(2, 3), ()]:
        options, lr = random_asgd(rng), rates(rng, 12)
        start, gradients = nonzero(rng, *shape), list(nonzero(rng, 12, *shape))
        settings = [options | {"lr": rate} for rate in lr]
        received = submission.run(averages, start, gradients, settings)
        expected = zip(*asgd(start, gradients, lr, **options), strict=True)
        for mine, theirs in zip(received, expected, strict=True):
            assert_tensor(mine, torch.stack(theirs), rtol=1e-5, atol=1e-5)


@check(
    points=3,
    zh="沿着十步的路径，lbfgs_direction 等于 -H @ g，其中 H 按 BFGS 公式写成矩阵；输入保持原样。",
    hint="The first loop takes the newest pair first, the second the oldest first, and each pair "
    "finds its own a again.",
    hint_zh="第一个循环从最新的一对开始，第二个从最旧的开始，每一对都要取回自己的 a。",
)
def test_lbfgs_direction_over_ten_steps(submission, rng):
    """Along ten steps lbfgs_direction is -H @ g, with H as the BFGS formula makes the matrix."""
    size = 6
    root, curve = rng.randn(size, size, dtype=torch.float64), rng.rand(size, dtype=torch.float64)
    matrix = root @ root.T / size + 0.5 * torch.eye(size, dtype=torch.float64)
    x, pairs, cases, expected = nonzero(rng, size), [], [], []
    slope = matrix @ x + curve * x**3
    for _ in range(10):
        cases.append((slope, pairs[-4:]))
        expected.append(-inverse_hessian(pairs[-4:], size) @ slope)
        s = 0.4 * expected[-1]
        after = matrix @ (x + s) + curve * (x + s) ** 3
        pairs = [*pairs, (s, after - slope)]
        x, slope = x + s, after
    received, left = submission.run(directions, cases)
    assert_tensor(torch.stack(received), torch.stack(expected), rtol=1e-7, atol=1e-9)
    for (g, kept), (old, old_kept) in zip(left, cases, strict=True):
        assert_tensor(g, old)
        for pair, old_pair in zip(kept, old_kept, strict=True):
            assert_tensor(torch.stack(list(pair)), torch.stack(list(old_pair)))


@check(
    points=2,
    zh="优化器有多个参数组、参数里留有旧梯度时，闭包也只留下这一次损失的梯度，每次只算一遍损失。",
    hint="optimizer.zero_grad() reaches the parameters of all groups, used or not.",
    hint_zh="optimizer.zero_grad() 会清零所有参数组的参数，不管这次用没用到。",
)
def test_closure_of_several_groups(submission, rng):
    """With several groups and old gradients, only the gradient of the present loss is left."""
    weights, leftovers = [[nonzero(rng, *shape) for shape in [(3,), (2, 2), (4,)]] for _ in "ab"]
    factors = [1.0 + rng.integer(1, 9) for _ in range(3)]
    calls = submission.run(closure_of_two_groups, weights, leftovers, factors)
    square, total = (weights[0] ** 2).sum(), weights[1].sum()
    for number, ((loss, left, count), factor) in enumerate(zip(calls, factors, strict=True)):
        assert_equal(count, number + 1)
        assert_close(loss, (factor * square * total).item())
        assert_tensor(left[0], factor * 2 * weights[0] * total)
        assert_tensor(left[1], (factor * square).expand(2, 2))
        assert_tensor(left[2], torch.zeros(4, dtype=torch.float64))


@check(
    points=2,
    zh="minimize_lbfgs 走出弯曲的山谷（低于 1e-3），对矩阵也能从远处走到最小值；x0 不变，"
    "结果不带计算图。",
    hint="It does not get through without clearing the gradients, without computing the loss anew, "
    "or without the line search. Work on a copy of x0, and detach the result.",
    hint_zh="如果梯度没有清零、损失没有重算，或者没有作线搜索，就走不出来。要在 x0 的副本上计算，"
    "结果要 detach。",
)
def test_minimize_lbfgs_in_a_valley(submission, rng):
    """minimize_lbfgs finds its way down a bent valley, below 1e-3, and for a matrix from afar."""
    steepness, x0 = between(rng, 50, 100), nonzero(rng, 2)
    x, kept, has_graph = submission.run(minimum_of_a_valley, steepness, x0, 6)
    value = (1 - x[0]) ** 2 + steepness * (x[1] - x[0] ** 2) ** 2
    assert_close(value.item(), 0.0, rtol=0, atol=1e-3)
    assert_tensor(kept, x0)
    assert_equal(has_graph, expected=False)
    scales, centre = 10.0 ** rng.randint(0, 3, (3, 2)), nonzero(rng, 3, 2)
    x0 = centre + 4 * nonzero(rng, 3, 2)
    found = submission.run(minimum_of_cones, scales.double(), centre, x0)
    assert_tensor(found, centre, rtol=0, atol=1e-3)


@check(
    points=3,
    zh="SparseAdam 的十二步符合公式：同一行查到多次、一行也没有查到时也正确，其他行分毫不变。",
    hint="g.coalesce() adds up the values of one row; eps stands beside the uncorrected root.",
    hint_zh="g.coalesce() 会把同一行的值加起来；eps 加在未修正的平方根上。",
)
def test_sparse_adam_over_twelve_steps(submission, rng):
    """SparseAdam follows its rule over twelve steps, with rows named twice and with no row."""
    start, looked_up = nonzero(rng, 7, 3), random_rows(rng, 12, 7, 3)
    options, lr = random_adam(rng), rates(rng, 12)
    settings = [options | {"lr": rate} for rate in lr]
    path, _ = submission.run(walk, "sparse_adam_step", start, looked_up, settings)
    expected = torch.stack(list(sparse_adam(start, looked_up, lr, **options)))
    assert_tensor(path, expected, rtol=1e-5, atol=1e-5)
    assert_tensor(path[:, -1], start[-1].expand(12, 3), rtol=0, atol=0)


@check(
    points=1,
    zh="不给任何选项时，三个更新步骤用的默认值与 PyTorch 相同。",
    hint="Copy the defaults of the stub; with that t0 the average does not begin for a long time.",
    hint_zh="照抄题目里的默认值；t0 取默认值时，很久以后才会开始平均。",
)
def test_options_need_not_be_given(submission, rng):
    """Without any options the three steps take the defaults of PyTorch."""
    sizes = {"etas": (0.5, 1.2), "step_sizes": (1e-6, 50.0)}
    asgd_options = {"lr": 1e-2, "lambd": 1e-4, "alpha": 0.75, "t0": 1e6, "weight_decay": 0.0}
    adam_options = {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8}
    defaults = [{"lr": 1e-2} | sizes, asgd_options, adam_options]
    # Long enough for Rprop to reach both limits: one weight goes on and on, one to and fro.
    steps = torch.tensor([[1.0, (-1.0) ** (t // 2)] for t in range(60)], dtype=torch.float64)
    rows = [(named, values * 1e-7) for named, values in random_rows(rng, 6, 7, 2)]
    starts = nonzero(rng, 2), 1e3 * nonzero(rng, 3, 2), nonzero(rng, 7, 2)
    gradients = list(steps), list(nonzero(rng, 6, 3, 2)), rows
    names = "rprop_step", "asgd_step", "sparse_adam_step"
    for name, start, some, options in zip(names, starts, gradients, defaults, strict=True):
        given, state = submission.run(walk, name, start, some, options)
        path, its_state = submission.run(walk, name, start, some, {})
        assert_tensor(path, given)
        if name == "asgd_step":
            assert_tensor(its_state["ax"], state["ax"])
            assert_close(its_state["eta"], state["eta"], rtol=1e-10, atol=0)
    assert_close(submission.run(next_mu, starts[1], 1_000_003), 0.25)


@check(
    points=2,
    zh="状态里的名字正是规定的那些，张量与参数相配；存盘再读出后接着走，路径不变。",
    hint="All that the next step needs is in the dict, made by torch.zeros_like(p) and the like.",
    hint_zh="下一步所需的一切都在这个字典里，张量用 torch.zeros_like(p) 之类的函数得到。",
)
def test_states_fit_and_can_be_saved(submission, rng):
    """A state has the names laid down and fits its parameter, and goes on after it was saved."""
    kept = {
        "rprop_step": ["prev", "step_size"],
        "asgd_step": ["ax"],
        "sparse_adam_step": ["exp_avg", "exp_avg_sq"],
    }
    for name, start, gradients, options in random_walks(rng):
        unbroken, state = submission.run(walk, name, start, gradients, options)
        more = ["eta", "mu"] if name == "asgd_step" else []
        assert_equal(sorted(state), sorted(["step", *kept[name], *more]))
        assert_equal(state["step"], 10)
        assert_equal([type(state[key]).__name__ for key in more], ["float"] * len(more))
        for key in kept[name]:
            assert_equal((state[key].shape, state[key].dtype), (start.shape, torch.float64))
        path, _ = submission.run(walk, name, start, gradients, options, 4)
        assert_tensor(path, unbroken)


@check(
    points=2,
    zh="在训练循环里，参数始终是叶子，梯度保持原样，状态不带计算图。",
    hint="Work under torch.no_grad(), and let d be a new tensor: g[...] = 0 would change p.grad.",
    hint_zh="在 torch.no_grad() 下计算；d 要是一个新张量，g[...] = 0 会改动 p.grad。",
)
def test_steps_work_in_a_training_loop(submission, rng):
    """In a training loop p stays a leaf, gradients stay as they are, and no state has a graph."""
    for name, options in [("rprop_step", {"lr": 0.2}), ("asgd_step", random_asgd(rng))]:
        start, target = nonzero(rng, 3, 2), nonzero(rng, 3, 2)
        path, left, *flags = submission.run(train, name, start, target, 10, options)
        slopes = 2 * (torch.cat([start[None], path[:-1]]) - target)
        assert_tensor(left, slopes)
        # What plain tensors come to with the same gradients; the rule has checks of its own.
        plain, _ = submission.run(walk, name, start, list(slopes), options)
        assert_tensor(path, plain)
        assert_equal(flags, [True, False])
    start, words = nonzero(rng, 7, 2), [rng.randint(0, 7, (4,)) for _ in range(6)]
    targets, options = list(nonzero(rng, 6, 4, 2)), {"lr": 0.2}
    path, left, *flags = submission.run(train_an_embedding, start, words, targets, options)
    looked_up = []
    for step, p in enumerate([start, *path[:-1]]):
        looked_up.append((words[step], 2 * (p[words[step]] - targets[step])))
        assert_tensor(left[step], torch.zeros_like(p).index_add(0, *looked_up[-1]))
    plain, _ = submission.run(walk, "sparse_adam_step", start, looked_up, options)
    assert_tensor(path, plain)
    assert_equal(flags, [True, False])
