"""Hidden checks of ex26_adaptive_optimizers: published rules over twelve steps, and states."""

import contextlib
import io

import torch
from torch import nn

from grader.checks import assert_equal, assert_tensor, check, probe, raises

SHAPES = [(2, 3), (), (0, 4)]
KEPT = {
    "adam_step": ["exp_avg", "exp_avg_sq"],
    "adamw_step": ["exp_avg", "exp_avg_sq"],
    "adamax_step": ["exp_avg", "exp_inf"],
    "adagrad_step": ["sum"],
    "adadelta_step": ["acc_delta", "square_avg"],
    "rmsprop_step": ["square_avg"],
}


@probe
def walks(student, name, starts, gradients, options):
    """Return the path of each parameter; they take their steps in turns, some begin later.

    A matrix is a transposed view, so that its numbers do not lie one after the other.
    """
    parameters = [p.t().clone().t() if p.dim() == 2 else p.clone() for p in starts]
    states, paths = [{} for _ in starts], [[] for _ in starts]
    for step, setting in enumerate(options):
        for i, p in enumerate(parameters):
            if step >= i:
                getattr(student, name)(p, gradients[i][step], states[i], **setting)
            paths[i].append(p.clone())
    return [torch.stack(path) for path in paths]


@probe
def first_state(student, name, p, options):
    """Return the state after one step."""
    state = {}
    getattr(student, name)(p, p + 1, state, **options)
    return state


@probe
def one_step(student, name, p, g):
    """Take one step."""
    getattr(student, name)(p, g, {})


@probe
def walk_with_a_break(student, name, start, gradients, options, before):
    """Return the path when p and state are saved and loaded after so many steps; 0 for never."""
    p, state, path = start.clone(), {}, []
    for done, g in enumerate(gradients):
        if done and done == before:
            file = io.BytesIO()
            torch.save({"p": p, "state": state}, file)
            file.seek(0)
            p, state = torch.load(file).values()
        getattr(student, name)(p, g, state, **options)
        path.append(p.clone())
    return torch.stack(path)


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
def after_a_refusal(student, name, p, g):
    """Return the parameter and the state after a step that must not happen."""
    p, state = p.clone(), {}
    with contextlib.suppress(ValueError):
        getattr(student, name)(p, g, state)
    return p, state


def adam(p, gradients, lr, betas, eps, weight_decay=0.0, decoupled=0.0):
    """Give p after every step.

    Algorithm 1 of Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015; `decoupled`
    is the decay of algorithm 2 of Loshchilov and Hutter, "Decoupled Weight Decay Regularization",
    2019, with PyTorch's lr in front of it.
    """
    m = v = torch.zeros_like(p)
    for t, gradient in enumerate(gradients, start=1):
        g = gradient + weight_decay * p
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g * g
        move = (m / (1 - betas[0] ** t)) / ((v / (1 - betas[1] ** t)) ** 0.5 + eps)
        p = p - lr[t - 1] * (move + decoupled * p)
        yield p


def adamw(p, gradients, lr, betas, eps, weight_decay=0.01):
    """Give p after every step; see adam."""
    return adam(p, gradients, lr, betas, eps, decoupled=weight_decay)


def adamax(p, gradients, lr, betas, eps, weight_decay=0.0):
    """Give p after every step.

    Algorithm 2 of Kingma and Ba, 2015, with PyTorch's eps beside |g| and decay in the gradient.
    """
    m = u = torch.zeros_like(p)
    for t, gradient in enumerate(gradients, start=1):
        g = gradient + weight_decay * p
        m = betas[0] * m + (1 - betas[0]) * g
        u = torch.stack([betas[1] * u, g.abs() + eps]).amax(0)
        p = p - lr[t - 1] / (1 - betas[0] ** t) * m / u
        yield p


def adagrad(p, gradients, lr, eps, lr_decay=0.0, weight_decay=0.0):
    """Give p after every step.

    The diagonal rule of Duchi, Hazan and Singer, "Adaptive Subgradient Methods for Online Learning
    and Stochastic Optimization", 2011, with eps, decaying rate and decay as PyTorch documents them.
    """
    total = torch.zeros_like(p)
    for t, gradient in enumerate(gradients, start=1):
        g = gradient + weight_decay * p
        total = total + g * g
        p = p - lr[t - 1] / (1 + (t - 1) * lr_decay) * g / (total**0.5 + eps)
        yield p


def adadelta(p, gradients, lr, rho, eps, weight_decay=0.0):
    """Give p after every step.

    Algorithm 1 of Zeiler, "ADADELTA: An Adaptive Learning Rate Method", 2012, with PyTorch's lr in
    front of the step and decay in the gradient.
    """
    v = a = torch.zeros_like(p)
    for gradient, rate in zip(gradients, lr, strict=True):
        g = gradient + weight_decay * p
        v = rho * v + (1 - rho) * g * g
        delta = (a + eps) ** 0.5 / (v + eps) ** 0.5 * g
        a = rho * a + (1 - rho) * delta * delta
        p = p - rate * delta
        yield p


def rmsprop(p, gradients, lr, alpha, eps, weight_decay=0.0, momentum=0.0, *, centered=False):
    """Give p after every step.

    Lecture 6e of Hinton, "Neural Networks for Machine Learning", 2012; centred, and with momentum
    behind the division, after Graves, "Generating Sequences With Recurrent Neural Networks", 2013,
    equations 38 to 41, with eps and decay as PyTorch documents them.
    """
    v = m = b = torch.zeros_like(p)
    for gradient, rate in zip(gradients, lr, strict=True):
        g = gradient + weight_decay * p
        v = alpha * v + (1 - alpha) * g * g
        m = alpha * m + (1 - alpha) * g
        move = g / ((v - m * m if centered else v) ** 0.5 + eps)
        b = momentum * b + move
        p = p - rate * b
        yield p


RULES = {
    "adam_step": adam,
    "adamw_step": adamw,
    "adamax_step": adamax,
    "adagrad_step": adagrad,
    "adadelta_step": adadelta,
    "rmsprop_step": rmsprop,
}


def between(rng, low, high):
    """Return a random float."""
    return low + (high - low) * rng.rand(1, dtype=torch.float64).item()


def random_options(rng, name):
    """Return options in which no part of the rule can hide: a large eps, a strong decay."""
    options = {"eps": between(rng, 0.02, 0.2), "weight_decay": between(rng, 0.1, 0.4)}
    if name in ("adam_step", "adamw_step", "adamax_step"):
        options["betas"] = (between(rng, 0.6, 0.9), between(rng, 0.7, 0.95))
    elif name == "adagrad_step":
        options["lr_decay"] = between(rng, 0.1, 0.5)
    elif name == "adadelta_step":
        options["rho"] = between(rng, 0.6, 0.95)
    else:
        options["alpha"] = between(rng, 0.6, 0.95)
    return options


def nonzero(rng, *shape):
    """Return random numbers of which none is near 0, so that no mistake can hide behind it."""
    values = rng.randn(*shape, dtype=torch.float64)
    return values + torch.where(values < 0, -0.5, 0.5)


def rates(rng, steps):
    """Return a learning rate for each step."""
    return [between(rng, 0.05, 0.3) for _ in range(steps)]


def assert_walks(submission, rng, name, **more):
    """Compare twelve steps with random options for parameters of several shapes."""
    options, lr = random_options(rng, name) | more, rates(rng, 12)
    starts = [nonzero(rng, *shape) for shape in SHAPES]
    gradients = [nonzero(rng, 12, *shape) for shape in SHAPES]
    settings = [{"lr": rate} | options for rate in lr]
    paths = submission.run(walks, name, starts, gradients, settings)
    assert_equal(len(paths), len(starts))
    for i, path in enumerate(paths):  # the i-th parameter waits for i steps
        steps = RULES[name](starts[i], gradients[i][i:], lr[i:], **options)
        expected = torch.stack([starts[i]] * i + list(steps))
        # Wide enough for a state of float32: that one has a check of its own.
        assert_tensor(path, expected, rtol=1e-5, atol=1e-5)


@check(
    points=3,
    zh="带权重衰减、学习率不断变化时，Adam 和 AdamW 的十二步都符合发表的公式，各参数互不影响。",
    hint="eps is added to the root; the step count belongs to the parameter; AdamW's decay does "
    "not enter the averages.",
    hint_zh="eps 加在平方根之外；步数属于各个参数；AdamW 的衰减不进入两个平均。",
)
def test_adam_and_adamw_over_twelve_steps(submission, rng):
    """Adam and AdamW follow their published rules over twelve steps, with decay, for any shape."""
    for name in ("adam_step", "adamw_step"):
        assert_walks(submission, rng, name)


@check(
    points=2,
    zh="带权重衰减、学习率不断变化时，Adamax 的十二步都符合发表的公式。",
    hint="eps stands beside |g|, before the comparison; only m is corrected.",
    hint_zh="eps 与 |g| 相加之后再比较；需要修正的只有 m。",
)
def test_adamax_over_twelve_steps(submission, rng):
    """Adamax follows its published rule over twelve steps, with decay, for any shape."""
    assert_walks(submission, rng, "adamax_step")


@check(
    points=2,
    zh="带 lr_decay 和权重衰减时，Adagrad 的十二步都符合发表的公式。",
    hint="The rate of the first step is lr itself; the decayed gradient is what is squared.",
    hint_zh="第一步的学习率就是 lr；平方的是已加上衰减项的梯度。",
)
def test_adagrad_over_twelve_steps(submission, rng):
    """Adagrad follows its published rule over twelve steps, with both decays, for any shape."""
    assert_walks(submission, rng, "adagrad_step")


@check(
    points=2,
    zh="带权重衰减、学习率不断变化时，Adadelta 的十二步都符合发表的公式。",
    hint="acc_delta averages d ** 2, before lr is multiplied, and is renewed after d is computed.",
    hint_zh="acc_delta 平均的是 d ** 2，此时还没有乘 lr；要先算出 d，再更新它。",
)
def test_adadelta_over_twelve_steps(submission, rng):
    """Adadelta follows its published rule over twelve steps, with decay, for any shape."""
    assert_walks(submission, rng, "adadelta_step")


@check(
    points=3,
    zh="普通、中心化、带动量以及两者都有时，RMSprop 的十二步都符合发表的公式。",
    hint="The buffer adds up steps that are divided already; centered subtracts m ** 2 from v.",
    hint_zh="动量缓冲累加的是已经除过的步子；centered 时从 v 里减去 m ** 2。",
)
def test_rmsprop_over_twelve_steps(submission, rng):
    """RMSprop follows its published rule over twelve steps: plain, centred and with momentum."""
    for momentum in (0.0, between(rng, 0.3, 0.9)):
        for centered in (False, True):
            assert_walks(submission, rng, "rmsprop_step", momentum=momentum, centered=centered)


@check(
    points=2,
    zh="不给任何选项时，六个函数用的默认值与 PyTorch 相同，包括 lr。",
    hint="Copy the defaults of the stub: lr, eps and weight_decay are not the same for all six.",
    hint_zh="照抄题目里的默认值：六个函数的 lr、eps、weight_decay 并不都一样。",
)
def test_options_need_not_be_given(submission, rng):
    """Without any options the six take the defaults of PyTorch, the learning rate among them."""
    small = {"betas": (0.9, 0.999), "eps": 1e-8}
    defaults = {
        "adam_step": small | {"lr": 1e-3, "weight_decay": 0.0},
        "adamw_step": small | {"lr": 1e-3, "weight_decay": 0.01},
        "adamax_step": small | {"lr": 2e-3, "weight_decay": 0.0},
        "adagrad_step": {"lr": 1e-2, "lr_decay": 0.0, "eps": 1e-10, "weight_decay": 0.0},
        "adadelta_step": {"lr": 1.0, "rho": 0.9, "eps": 1e-6, "weight_decay": 0.0},
        "rmsprop_step": {"lr": 1e-2, "alpha": 0.99, "eps": 1e-8, "weight_decay": 0.0}
        | {"momentum": 0.0, "centered": False},
    }
    # Some gradients are as small as eps, and show which one it is.
    scale = torch.tensor([1.0, 1e-8, 1e-10], dtype=torch.float64)
    start, gradients = 10 * nonzero(rng, 2, 3), nonzero(rng, 4, 2, 3) * scale
    for name, options in defaults.items():
        given = submission.run(walk_with_a_break, name, start, list(gradients), options, 0)
        assert_tensor(submission.run(walk_with_a_break, name, start, list(gradients), {}, 0), given)


@check(
    points=2,
    zh="状态里的名字正是规定的那些；张量的形状、dtype 和设备都与参数相同，step 是 int。",
    hint="Keep what the options of the first step need and nothing else. torch.zeros_like(p) fits "
    "p; torch.zeros(p.shape) makes float32 on the CPU.",
    hint_zh="只存第一步的选项用得到的条目，不多不少。torch.zeros_like(p) 与 p 相配；"
    "torch.zeros(p.shape) 得到的是 CPU 上的 float32。",
)
def test_states_fit_their_parameter(submission):
    """A state has the names laid down, and each tensor the shape, dtype and device of p."""
    # "meta" is a device that every machine has; a tensor made elsewhere shows there as on a GPU.
    there = submission.on("meta")
    p = torch.empty(3, 2, dtype=torch.float64)
    cases = [(name, {}, kept) for name, kept in KEPT.items()]
    cases.append(("rmsprop_step", {"centered": True}, ["grad_avg", "square_avg"]))
    cases.append(("rmsprop_step", {"momentum": 0.5}, ["momentum_buffer", "square_avg"]))
    for name, options, kept in cases:
        state = there.run(first_state, name, p, options)
        assert_equal(sorted(state), sorted(["step", *kept]))
        assert_equal(state["step"], 1)
        for key in kept:
            assert_tensor(state[key], p.to("meta"))


@check(
    points=2,
    zh="参数和状态存盘再读出后接着走，路径与一口气走完的相同。",
    hint="All that the next step needs has to be in this dict. A global variable is not saved, and "
    "all parameters share it.",
    hint_zh="下一步所需的一切都要放在这个字典里。全局变量不会随它存盘，而且是所有参数共用的。",
)
def test_saved_states_go_on(submission, rng):
    """After saving and loading, the path goes on as it does without a break."""
    for name in RULES:
        options, start = random_options(rng, name) | {"lr": 0.1}, nonzero(rng, 2, 3)
        if name == "rmsprop_step":
            options |= {"momentum": 0.5, "centered": True}
        arguments = name, start, list(nonzero(rng, 10, 2, 3)), options
        unbroken = submission.run(walk_with_a_break, *arguments, 0)
        assert_tensor(submission.run(walk_with_a_break, *arguments, 4), unbroken)


@check(
    points=2,
    zh="在训练循环里，nn.Parameter 始终是需要梯度的叶子，p.grad 保持原样，状态不带计算图。",
    hint="Work under torch.no_grad(), and add the decay to a new tensor: g.add_ changes p.grad.",
    hint_zh="在 torch.no_grad() 下计算；衰减项要加到新的张量上，g.add_ 会改动 p.grad。",
)
def test_steps_work_in_a_training_loop(submission, rng):
    """In a training loop p stays a leaf, its .grad stays as it is, and no state has a graph."""
    for name in RULES:
        options, start, target = random_options(rng, name), nonzero(rng, 3, 2), nonzero(rng, 3, 2)
        options |= {"lr": 0.1}
        path, left, *flags = submission.run(train, name, start, target, 10, options)
        slopes = 2 * (torch.cat([start[None], path[:-1]]) - target)
        assert_tensor(left, slopes)
        # What plain tensors come to with the same gradients; the formula has checks of its own.
        plain = submission.run(walk_with_a_break, name, start, list(slopes), options, 0)
        assert_tensor(path, plain)
        assert_equal(flags, [True, False])


@check(
    points=1,
    zh="梯度与参数形状不同时抛出 ValueError，即使可以广播；参数和状态都不变。",
    hint="Compare g.shape with p.shape first. Torch broadcasts in silence.",
    hint_zh="开头先比较 g.shape 与 p.shape。PyTorch 会默默广播。",
)
def test_gradients_of_another_shape_are_refused(submission, rng):
    """A gradient of another shape raises ValueError, and neither p nor state is changed."""
    p = rng.randn(2, 3)
    for name in RULES:
        for shape in [(3,), (2, 1)]:
            g = rng.randn(*shape)
            with raises(ValueError):
                submission.run(one_step, name, p, g)
            after, state = submission.run(after_a_refusal, name, p, g)
            assert_tensor(after, p)
            assert_equal(state, {})
