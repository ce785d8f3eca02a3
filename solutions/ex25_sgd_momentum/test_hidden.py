"""Hidden checks of ex25_sgd_momentum: every option with every other, saved training, closures."""

import io
from itertools import chain

import torch
from torch import nn

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
def through_a_file(state_dict):
    """Return what the default torch.load reads from what torch.save wrote."""
    file = io.BytesIO()
    torch.save(state_dict, file)
    file.seek(0)
    return torch.load(file)


@probe
def trained(student, tensors, gradients, settings, rates, cut):
    """Return, for each setting, the parameters after each step, and whether gradients stayed.

    The last parameter is a group of its own, at a rate that changes. After `cut` steps the
    optimizer is saved, and another one goes on with other parameters.
    """
    results = []
    for options in settings:
        leaves = [nn.Parameter(tensor.clone()) for tensor in tensors]
        optimizer = student.MySGD([{"params": leaves[:-1]}, {"params": leaves[-1]}], **options)
        history, kept = [], True
        for step, (given, rate) in enumerate(zip(gradients, rates, strict=True)):
            if step == cut:
                saved = through_a_file(optimizer.state_dict())
                leaves = [nn.Parameter(leaf.detach().clone()) for leaf in leaves]
                optimizer = student.MySGD([{"params": leaves[:-1]}, {"params": leaves[-1]}])
                optimizer.load_state_dict(saved)
            optimizer.param_groups[1]["lr"] = rate
            for leaf, gradient in zip(leaves, given, strict=True):
                leaf.grad = None if gradient is None else gradient.clone()
            optimizer.step()
            for leaf, gradient in zip(leaves, given, strict=True):
                kept = kept and (gradient is None or torch.equal(leaf.grad, gradient))
            history.append([leaf.detach().clone() for leaf in leaves])
        remembered = sum(bool(state) for state in optimizer.state_dict()["state"].values())
        results.append([history, kept, remembered])
    return results


@probe
def first_buffer(student, tensor, gradient, options):
    """Return the buffer after one step."""
    weight = nn.Parameter(tensor)
    weight.grad = gradient
    optimizer = student.MySGD([weight], **options)
    optimizer.step()
    return optimizer.state[weight].get("momentum_buffer")


@probe
def made_with(student, tensor, options):
    """Make an optimizer with these options and return its defaults."""
    return dict(student.MySGD([nn.Parameter(tensor)], **options).defaults)


@probe
def steps_with_closure(student, tensor, steps):
    """Return the weights, what step returned, and how often it called the closure."""
    weight = nn.Parameter(tensor)
    optimizer = student.MySGD([weight], lr=0.1)
    calls = []

    def closure():
        calls.append(weight.detach().clone())
        optimizer.zero_grad()
        loss = (weight**3).sum()
        loss.backward()
        return loss

    losses = [optimizer.step(closure).detach() for _ in range(steps)]
    return weight.detach(), losses, calls, optimizer.step() is None


@probe
def nested_model(state):
    """Return a model with misleading names and these parameters."""
    model = nn.Module()
    model.bias_net = nn.Linear(3, 2)
    model.inner = nn.Sequential(nn.Linear(2, 4), nn.LayerNorm(4))
    model.bias = nn.Parameter(torch.zeros(3))
    model.unbias = nn.Parameter(torch.zeros(2, 2))
    model.to(next(iter(state.values())))
    model.load_state_dict(state)
    return model


@probe
def penalty_and_gradients(student, state, lam, *, skip_bias):
    """Return the penalty and the gradients that it sends."""
    model = nested_model(state)
    penalty = student.l2_penalty(model, lam, skip_bias=skip_bias)
    penalty.backward()
    return penalty.detach(), {name: p.grad for name, p in model.named_parameters()}


@probe
def fitted(student, state, leftovers, x, y, options, steps, lam):
    """Return losses and parameters of a network that PyTorch's own SGD moves."""
    model = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 2)).to(x)
    model.load_state_dict(state)
    for name, parameter in model.named_parameters():
        parameter.grad = leftovers[name]
    groups = [
        {"params": [model[0].weight, model[2].weight]},
        {"params": [model[0].bias, model[2].bias], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.SGD(groups, **options)
    losses = student.fit(model, x, y, optimizer, steps, lam)
    return losses, dict(model.state_dict())


def stepped(tensors, gradients, rates, options, slip=None):
    """Return the parameters after each step of the published rule, and how many have a buffer.

    Source: the algorithm in the documentation of torch.optim.SGD. It is the momentum of
    Sutskever, Martens, Dahl and Hinton (ICML 2013, "On the importance of initialization and
    momentum in deep learning") with lr taken out of the velocity, weight decay as an L2 term.
    `slip` names a mistake to make.
    """
    momentum, dampening = options.get("momentum", 0.0), options.get("dampening", 0.0)
    decay = options.get("weight_decay", 0.0) * (-1 if slip == "sign" else 1)
    values, velocities, history = [t.clone() for t in tensors], [None] * len(tensors), []
    for given, rate in zip(gradients, rates, strict=True):
        for i, gradient in enumerate(given):
            if gradient is None:
                continue
            lr = rate if i == len(values) - 1 else options["lr"]
            d = -gradient if options.get("maximize") else gradient
            if slip == "apart":
                values[i] = (1 - lr * decay) * values[i]
            else:
                d = d + decay * values[i]
            if slip == "rate":
                d = lr * d
            v, old = d, velocities[i]
            if old is not None or slip == "zeros":
                v = (0 if old is None else momentum * old) + (1 - dampening) * d
            if momentum:
                velocities[i] = v
                ahead = v if slip != "early" else 0 if old is None else old
                d = d + momentum * ahead if options.get("nesterov") else v
            values[i] = values[i] - (1 if slip == "rate" else lr) * d
        history.append(list(values))
    return history, sum(velocity is not None for velocity in velocities)


SLIPS = {
    "rate": [
        "The learning rate is inside the velocity: when it changes, the old one still acts.",
        "速度里带着学习率：学习率改变之后，旧的仍在起作用。",
    ],
    "zeros": [
        "The first velocity is dampened. At the first step it is d itself.",
        "第一步的速度也被阻尼了。第一步的速度应当就是 d。",
    ],
    "early": [
        "Nesterov looks ahead along the velocity of the step before, not along the new one.",
        "Nesterov 用的是上一步的速度，而不是刚更新的速度。",
    ],
    "apart": [
        "Weight decay bypasses the momentum. It belongs into d, which then goes into the velocity.",
        "权重衰减绕过了动量。它应当加进 d，再随 d 进入速度。",
    ],
    "sign": [
        "Weight decay pushes the weights away from zero.",
        "权重衰减把权重推离了零。",
    ],
}


def assert_training(submission, rng, settings, dtype=torch.float64, cut=None):
    """Compare 12 steps in each of the settings with the published rule."""
    shapes = [(3, 2), (), (0, 2), (4,)]
    tensors = [rng.randn(*shape, dtype=dtype) for shape in shapes]
    gradients = [[rng.randn(*shape, dtype=dtype) for shape in shapes] for _ in range(12)]
    for step, i in [(0, 1), (1, 3), (4, 0), (5, 0), (7, 3), (9, 1)]:
        gradients[step][i] = None
    rates = [0.03 + 0.01 * step for step in range(12)]
    results = submission.run(trained, tensors, gradients, settings, rates, cut)
    assert_equal(len(results), len(settings))
    for (history, kept, remembered), options in zip(results, settings, strict=True):
        expected, count = stepped(tensors, gradients, rates, options)
        slips = {}
        if not all(
            map(torch.allclose, chain.from_iterable(history), chain.from_iterable(expected))
        ):
            slips = {s: stepped(tensors, gradients, rates, options, s)[0] for s in SLIPS}
        for step, (moved, right) in enumerate(zip(history, expected, strict=True)):
            for i, (value, other) in enumerate(zip(moved, right, strict=True)):
                mistakes = [
                    Mistake(slips[s][step][i], en=en, zh=zh)
                    for s, (en, zh) in SLIPS.items()
                    if s in slips
                ]
                assert_tensor(value, other, mistakes=mistakes)
        assert_equal(kept, expected=True)
        assert_equal(remembered, count)


def random_state(rng, shapes):
    """Return random parameters in float64."""
    return {name: rng.randn(*shape, dtype=torch.float64) for name, shape in shapes.items()}


def trained_by_rule(state, x, y, lam, lr, momentum, steps):
    """Return losses and parameters after steps on the mean square plus lam times the squares.

    Only the weights count in the penalty. Source of the rule: as in `stepped`.
    """
    values = {name: value.clone() for name, value in state.items()}
    velocities, losses = dict.fromkeys(state, 0.0), []
    for _ in range(steps):
        leaves = {name: value.clone().requires_grad_() for name, value in values.items()}
        inner = torch.tanh(x @ leaves["0.weight"].t() + leaves["0.bias"])
        error = inner @ leaves["2.weight"].t() + leaves["2.bias"] - y
        squares = leaves["0.weight"].square().sum() + leaves["2.weight"].square().sum()
        loss = error.square().mean() + lam * squares
        losses.append(loss.item())
        slopes = torch.autograd.grad(loss, list(leaves.values()))
        for name, slope in zip(leaves, slopes, strict=True):
            velocities[name] = momentum * velocities[name] + slope
            values[name] = values[name] - lr * velocities[name]
    return losses, values


@check(
    points=4,
    zh="动量、阻尼、Nesterov 和权重衰减任意组合，12 步中的每一步都符合公布的更新规则。",
    hint="Go through the rule of the stub line by line; options come from the group, at each step.",
    hint_zh="把文档字符串里的规则逐行对照；选项每一步都从参数组里读取。",
)
def test_steps_follow_the_published_rule(submission, rng):
    """Every step of 12 follows the published rule, in all combinations of the options."""
    settings = [
        {"lr": 0.1},
        {"lr": 0.1, "weight_decay": 0.3},
        {"lr": 0.05, "momentum": 0.9},
        {"lr": 0.05, "momentum": 0.7, "weight_decay": 0.2},
        {"lr": 0.1, "momentum": 0.8, "dampening": 0.3},
        {"lr": 0.1, "momentum": 0.6, "dampening": 0.4, "weight_decay": 0.1},
        {"lr": 0.05, "momentum": 0.9, "nesterov": True},
        {"lr": 0.05, "momentum": 0.7, "nesterov": True, "weight_decay": 0.2},
        {"lr": 0.1, "dampening": 0.5},
    ]
    assert_training(submission, rng, settings)
    assert_training(submission, rng, settings[5:6], dtype=torch.float32)


@check(
    points=2,
    zh="maximize 走向上坡；此时权重衰减仍然把权重拉向零。",
    hint="Only the gradient changes its sign. Weight decay is added after that.",
    hint_zh="只有梯度变号，权重衰减在变号之后再加。",
)
def test_maximize_goes_uphill(submission, rng):
    """maximize goes uphill, and weight decay still pulls the weights towards zero."""
    settings = [
        {"lr": 0.1, "maximize": True},
        {"lr": 0.1, "maximize": True, "weight_decay": 0.3},
        {"lr": 0.1, "maximize": True, "weight_decay": 0.2, "momentum": 0.7, "nesterov": True},
    ]
    assert_training(submission, rng, settings)


@check(
    points=2,
    zh="训练到一半保存、载入另一个优化器，接着训练与不中断时相同。",
    hint="Only what stands in self.state and in the groups is saved.",
    hint_zh="只有 self.state 和参数组里的东西才会被保存。",
)
def test_training_goes_on_after_saving(submission, rng):
    """Training that is saved and loaded half way goes on as if it had not been interrupted."""
    settings = [
        {"lr": 0.05, "momentum": 0.8, "dampening": 0.3, "weight_decay": 0.2},
        {"lr": 0.05, "momentum": 0.9, "nesterov": True, "maximize": True},
    ]
    assert_training(submission, rng, settings, cut=6)


@check(
    points=1,
    zh="第一步的缓冲就是 d 本身，阻尼不起作用；它与参数在同一设备上。",
    hint="A buffer of zeros would be dampened at once. Nothing came before the first step: keep d.",
    hint_zh="从全零的缓冲开始，第一步就会被阻尼。第一步之前什么都没有，应当直接保存 d。",
)
def test_first_buffer_is_the_direction_itself(submission, rng):
    """The first buffer is d itself, not dampened, on the device of its parameter."""
    options = {"lr": 0.1, "momentum": 0.9, "dampening": 0.4, "weight_decay": 0.3}
    tensor, gradient = rng.randn(2, 3), rng.randn(2, 3)
    buffer = submission.run(first_buffer, tensor, gradient, options)
    assert_tensor(buffer, gradient + 0.3 * tensor)
    # "meta" is a device that every machine has; a buffer made elsewhere shows there as on a GPU.
    buffer = submission.on("meta").run(first_buffer, tensor, gradient, options)
    assert_tensor(buffer, torch.empty(2, 3, device="meta"))


@check(
    points=1,
    zh="任何一个负的选项，以及带阻尼的 Nesterov，都抛出 ValueError；零是允许的。",
    hint="Three numbers must not be negative, and nesterov demands two things.",
    hint_zh="有三个数不能为负，Nesterov 还有两个前提。",
)
def test_sgd_refuses_all_bad_options(submission, rng):
    """MySGD refuses every negative option, and Nesterov with dampening; zeros are allowed."""
    for options in [
        {"momentum": -0.5},
        {"weight_decay": -0.1},
        {"lr": 0.1, "momentum": 0.9, "dampening": 0.2, "nesterov": True},
    ]:
        with raises(ValueError):
            submission.run(made_with, rng.randn(2), options)
    expected = {"lr": 0.0, "momentum": 0.0, "dampening": 0.0, "weight_decay": 0.0}
    expected |= {"nesterov": False, "maximize": False}
    assert_equal(submission.run(made_with, rng.randn(2), {"lr": 0.0}), expected)
    assert_close(submission.run(made_with, rng.randn(2), {})["lr"], 0.001)


@check(
    points=2,
    zh="step(closure) 在更新之前调用一次 closure，梯度处于开启状态，并返回它的结果。",
    hint="A no_grad around the whole of step() also covers the closure, which needs gradients.",
    hint_zh="如果 no_grad 包住整个 step()，closure 也在其中，而它需要梯度。",
)
def test_closure_is_called_with_gradients(submission, rng):
    """step calls a closure once, before it moves, with gradients enabled, and returns its loss."""
    weight = rng.rand(3, dtype=torch.float64)
    moved, losses, calls, nothing = submission.run(steps_with_closure, weight, 2)
    second = weight - 0.3 * weight**2
    assert_equal(len(calls), 2)
    for call, loss, value in zip(calls, losses, [weight, second], strict=True):
        assert_tensor(call, value)
        assert_tensor(loss, (value**3).sum())
    # One step more than closures: the last gradient counts twice.
    assert_tensor(moved, second - 0.6 * second**2)
    assert_equal(nothing, expected=True)


@check(
    points=2,
    zh="l2_penalty 对任意模型都正确，梯度是 2 * lam * w；只看名字的最后一段是不是 bias。",
    hint="named_parameters() gives a name and a parameter. Stay with tensors until the end.",
    hint_zh="named_parameters() 给出名字和参数。从头到尾都要用张量计算。",
)
def test_l2_penalty_of_every_model(submission, rng):
    """l2_penalty is right for every model, and its gradients are 2 * lam * w."""
    shapes = {"bias": (3,), "unbias": (2, 2), "bias_net.weight": (2, 3), "bias_net.bias": (2,)}
    shapes |= {"inner.0.weight": (4, 2), "inner.0.bias": (4,)}
    shapes |= {"inner.1.weight": (4,), "inner.1.bias": (4,)}
    for skip_bias in (True, False):
        state = random_state(rng, shapes)
        counting = {
            name: value
            for name, value in state.items()
            if not (skip_bias and name.split(".")[-1] == "bias")
        }
        penalty, slopes = submission.run(penalty_and_gradients, state, 0.7, skip_bias=skip_bias)
        assert_tensor(penalty, 0.7 * sum(value.square().sum() for value in counting.values()))
        for name, slope in slopes.items():
            if name in counting:
                assert_tensor(slope, 1.4 * counting[name])
            else:
                assert slope is None or not slope.any(), "a bias has a gradient"


@check(
    points=3,
    zh="fit 的每个损失和最后的权重都正确；weight_decay 取 lam 的两倍时，作用相同。",
    hint="The penalty is part of the loss, and old gradients are not part of the first step.",
    hint_zh="惩罚项也是损失的一部分；参数里原有的梯度不能混进第一步。",
)
def test_fit_with_penalty_and_with_decay(submission, rng):
    """fit is right with a penalty, and weight_decay does the same as a lam of half its size."""
    shapes = {"0.weight": (3, 4), "0.bias": (3,), "2.weight": (2, 3), "2.bias": (2,)}
    state, leftovers = random_state(rng, shapes), random_state(rng, shapes)
    x, y = rng.randn(7, 4, dtype=torch.float64), rng.randn(7, 2, dtype=torch.float64)
    losses, values = trained_by_rule(state, x, y, 0.15, 0.1, 0.8, 6)
    options = {"lr": 0.1, "momentum": 0.8}
    result = submission.run(fitted, state, leftovers, x, y, options, 6, 0.15)
    assert_close(result[0], losses)
    for name, value in values.items():
        assert_tensor(result[1][name], value)
    options["weight_decay"] = 0.3
    result = submission.run(fitted, state, leftovers, x, y, options, 6, 0.0)
    for name, value in values.items():
        assert_tensor(result[1][name], value)
    # The first loss is that of the same parameters, but without the penalty.
    weights = state["0.weight"].square().sum() + state["2.weight"].square().sum()
    assert_close(result[0][0], losses[0] - 0.15 * weights.item())
