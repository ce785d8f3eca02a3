"""Public checks of ex25_sgd_momentum: the numbers of the notes, one option after the other."""

import torch
from torch import nn

from grader.checks import (
    Mistake,
    assert_close,
    assert_equal,
    assert_tensor,
    check,
    optimizer_steps,
    probe,
    raises,
)


@probe
def buffers_of_steps(student, tensor, gradients, options):
    """Return the momentum buffer after each step, as the state_dict has it."""
    weight = nn.Parameter(tensor.clone())
    optimizer = student.MySGD([weight], **options)
    buffers = []
    for gradient in gradients:
        weight.grad = gradient.clone()
        optimizer.step()
        state = optimizer.state_dict()["state"].get(0, {})
        buffers.append({name: value.clone() for name, value in state.items()})
    return buffers


@probe
def made_with(student, tensor, options):
    """Make an optimizer with these options."""
    student.MySGD([nn.Parameter(tensor)], **options)


@probe
def step_of_one_in_two(student, tensors, gradient, options):
    """Return both parameters after a step in which only the first had a gradient."""
    weights = [nn.Parameter(tensor.clone()) for tensor in tensors]
    optimizer = student.MySGD(weights, **options)
    weights[0].grad = gradient.clone()
    optimizer.step()
    return [weight.detach() for weight in weights]


@probe
def penalties(student, weight, bias, lam):
    """Return the penalty of a linear layer, without its bias and with it."""
    layer = nn.Linear(weight.shape[1], weight.shape[0])
    layer.load_state_dict({"weight": weight, "bias": bias})
    layer.to(weight.device)
    return student.l2_penalty(layer, lam), student.l2_penalty(layer, lam, skip_bias=False)


@probe
def fitted_line(student, x, y, lr, steps):
    """Return weight and bias of a line that starts at 0, and the losses."""
    line = nn.Linear(1, 1).to(x.device)
    with torch.no_grad():
        line.weight.zero_()
        line.bias.zero_()
    losses = student.fit(line, x, y, student.MySGD(line.parameters(), lr=lr), steps)
    return line.weight.item(), line.bias.item(), losses


@check(
    points=1,
    zh="MySGD 走一步：梯度 0.5 把 2 变成 1.95，梯度 1 把 -0.3077 变成 -0.4077。",
    hint="w - lr * gradient. The weight itself is no factor of it.",
    hint_zh="w - lr * 梯度。梯度不要再乘上权重本身。",
)
def test_sgd_takes_a_step(submission):
    """MySGD goes from 2 to 1.95 with a gradient of 0.5, and from -0.3077 to -0.4077 with 1."""
    weight = torch.tensor([2.0, -0.3077], dtype=torch.float64)
    gradient = torch.tensor([0.5, 1.0], dtype=torch.float64)
    ((moved,),) = submission.run(optimizer_steps, "MySGD", [weight], [[gradient]], {"lr": 0.1})
    multiplied = Mistake(
        weight - 0.1 * weight * gradient,
        en="The step is lr * gradient. Yours is lr * weight * gradient, as the notes print it.",
        zh="每一步应走 lr * 梯度，而你走的是 lr * 权重 * 梯度，笔记正是这样写错的。",
    )
    expected = torch.tensor([1.95, -0.4077], dtype=torch.float64)
    assert_tensor(moved, expected, mistakes=[multiplied])


@check(
    points=1,
    zh="动量 0.9、梯度始终为 1 时，MySGD 从 0 依次走到 -0.1、-0.29、-0.561。",
    hint="v is 1, then 0.9 * 1 + 1 = 1.9, then 0.9 * 1.9 + 1. Each step goes lr * v.",
    hint_zh="v 依次是 1、0.9 * 1 + 1 = 1.9、0.9 * 1.9 + 1。每一步走 lr * v。",
)
def test_momentum_gathers_speed(submission):
    """With momentum 0.9 and a gradient of 1, MySGD goes from 0 to -0.1, -0.29 and -0.561."""
    ones = torch.ones(1, dtype=torch.float64)
    options = {"lr": 0.1, "momentum": 0.9}
    history = submission.run(optimizer_steps, "MySGD", [0 * ones], [[ones]] * 3, options)
    for (moved,), place in zip(history, [-0.1, -0.29, -0.561], strict=True):
        assert_tensor(moved, place * ones)


@check(
    points=1,
    zh="state_dict 里保存着 momentum_buffer，每一步之后的值都正确。",
    hint='self.state[w]["momentum_buffer"] holds v, without the learning rate in it.',
    hint_zh='self.state[w]["momentum_buffer"] 存的是 v，里面不含学习率。',
)
def test_state_holds_the_momentum_buffer(submission, rng):
    """The state_dict holds momentum_buffer, which is right after each step."""
    gradients = [rng.randn(3, 2, dtype=torch.float64) for _ in range(3)]
    tensor, options = rng.randn(3, 2, dtype=torch.float64), {"lr": 0.2, "momentum": 0.8}
    buffers = submission.run(buffers_of_steps, tensor, gradients, options)
    expected = torch.zeros(3, 2, dtype=torch.float64)
    for buffer, gradient in zip(buffers, gradients, strict=True):
        expected = 0.8 * expected + gradient
        assert_equal(list(buffer), ["momentum_buffer"])
        with_rate = Mistake(
            0.2 * expected,
            en="The learning rate is in the buffer already. It belongs to the step: lr * v.",
            zh="缓冲里已经乘上了学习率。学习率应当在走步时才乘：lr * v。",
        )
        assert_tensor(buffer["momentum_buffer"], expected, mistakes=[with_rate])


@check(
    points=1,
    zh="学习率为负，或者要 Nesterov 却没有动量时，抛出 ValueError。",
    hint="Look at the options before you call super().__init__.",
    hint_zh="先检查选项，再调用 super().__init__。",
)
def test_sgd_refuses_bad_options(submission, rng):
    """MySGD raises ValueError for a negative lr, and for nesterov without momentum."""
    for options in [{"lr": -0.1}, {"lr": 0.1, "nesterov": True}]:
        with raises(ValueError):
            submission.run(made_with, rng.randn(2), options)


@check(
    points=1,
    zh="权重衰减 0.5、lr 0.1、梯度为 0 时，3 变成 2.85；没有梯度（None）的参数不动。",
    hint="weight_decay * w is added to the gradient. Without a gradient there is no step at all.",
    hint_zh="把 weight_decay * w 加到梯度上。没有梯度的参数，这一步完全跳过。",
)
def test_weight_decay_pulls_towards_zero(submission):
    """With a gradient of 0 weight decay makes 2.85 of 3; a parameter without one stays."""
    weights = [torch.tensor([3.0, -3.0]), torch.tensor([3.0])]
    options = {"lr": 0.1, "weight_decay": 0.5}
    first, second = submission.run(step_of_one_in_two, weights, torch.zeros(2), options)
    assert_tensor(first, torch.tensor([2.85, -2.85]))
    assert_tensor(second, weights[1])


@check(
    points=1,
    zh="对 [[1, 2], [3, -1]] 和 lam=0.1，l2_penalty 是 1.5；算上 bias [5, 0] 则是 4。",
    hint="Square each number and add: no root, no mean, no half.",
    hint_zh="每个数平方后相加：不开方，不取平均，也不除以 2。",
)
def test_l2_penalty_of_a_linear_layer(submission):
    """l2_penalty is 1.5 for [[1, 2], [3, -1]] with lam 0.1, and 4 with the bias [5, 0]."""
    weight, bias = torch.tensor([[1.0, 2], [3, -1]]), torch.tensor([5.0, 0])
    without, with_bias = submission.run(penalties, weight, bias, 0.1)
    assert_tensor(without, torch.tensor(1.5))
    assert_tensor(with_bias, torch.tensor(4.0))


@check(
    points=1,
    zh="fit 用 100 步学到直线 y = 3x + 2，返回 100 个损失，第一个是 9.625。",
    hint="Each step: loss, zero_grad, backward, step. Keep loss.item(), taken before the step.",
    hint_zh="每一步：损失、zero_grad、backward、step。记下更新之前的 loss.item()。",
)
def test_fit_finds_a_line(submission):
    """fit finds the line y = 3x + 2 in 100 steps; its first loss is 9.625."""
    x = torch.tensor([[-1.0], [-0.5], [0.5], [1.0]])
    # The squares of y are 1, 0.25, 12.25 and 25, and their mean is 9.625.
    weight, bias, losses = submission.run(fitted_line, x, 3 * x + 2, 0.2, 100)
    assert_equal(len(losses), 100)
    assert_close(losses[0], 9.625)
    assert_close(weight, 3.0, rtol=0, atol=0.01)
    assert_close(bias, 2.0, rtol=0, atol=0.01)
