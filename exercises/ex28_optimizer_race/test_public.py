"""Public checks of ex28_optimizer_race: the parabola of the notes, a small race, and StepLR."""

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
    state_dict,
)

PARAMETERS = ["hidden.weight", "hidden.bias", "output.weight", "output.bias"]


@probe
def line(state):
    """Return a linear layer with this state."""
    model = nn.Linear(state["weight"].shape[1], 1).to(state["weight"])
    model.load_state_dict(state)
    return model


@probe
def run_sgd(student, state, x, y, lr, steps):
    """Return the losses of run with plain SGD, and the model's weight afterwards."""
    model = line(state)
    losses = student.run(model, lambda some: torch.optim.SGD(some, lr=lr), x, y, steps)
    return losses, model.weight


@probe
def race_of_two(student, state, x, y, steps):
    """Return the losses of a race of two, and the model's weight and gradient afterwards."""
    model = line(state)
    makers = {
        "fast": lambda some: torch.optim.SGD(some, lr=0.1),
        "adam": lambda some: torch.optim.Adam(some, lr=0.1),
    }
    losses = student.race(model, makers, x, y, steps)
    return list(losses), list(losses.values()), model.weight, model.weight.grad


@probe
def rates(student, lr, step_size, gamma, calls):
    """Return the rate of MyStepLR after each of some steps."""
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(2))], lr=lr)
    scheduler = student.MyStepLR(optimizer, step_size, gamma)
    seen = []
    for _ in range(calls):
        optimizer.step()
        scheduler.step()
        seen.append(scheduler.get_last_lr())
    return seen, [group["lr"] for group in optimizer.param_groups]


def descend(state, x, y, lr, steps):
    """Return the losses before each step of gradient descent, and the weight after all."""
    weight, bias, losses = state["weight"], state["bias"], []
    for _ in range(steps):
        error = x @ weight.T + bias - y
        losses.append(error.square().mean().item())
        weight = weight - lr * 2 * (error.T @ x) / len(x)
        bias = bias - lr * 2 * error.mean(0)
    return losses, weight


def random_line(rng):
    """Return the state of a linear layer with two inputs, and data for it."""
    state = {"weight": rng.randn(1, 2), "bias": rng.randn(1)}
    return state, rng.randn(12, 2), rng.randn(12, 1)


@check(
    points=1,
    zh="make_data() 给出形状都是 (1000, 1) 的 x 和 y：x 从 -1 到 1；没有噪声时 y 恰为 x 的平方。",
    hint="torch.linspace gives a line of numbers; nn.Linear wants each of them in a row of its "
    "own: x[:, None] or unsqueeze(1).",
    hint_zh="torch.linspace 给出一维的一串数；nn.Linear 要求每个数自成一行："
    "x[:, None] 或 unsqueeze(1)。",
)
def test_data_of_the_notes(submission):
    """make_data gives columns (1000, 1), x from -1 to 1, and without noise y is the square of x."""
    x, y = submission.make_data()
    assert_equal([tuple(x.shape), tuple(y.shape)], [(1000, 1), (1000, 1)])
    x, y = submission.make_data(5, noise=0.0)
    assert_tensor(x, torch.tensor([[-1.0], [-0.5], [0], [0.5], [1]]))
    assert_tensor(y, torch.tensor([[1.0], [0.25], [0], [0.25], [1]]))


@check(
    points=1,
    zh="Net() 恰有 hidden 和 output 两层，1-20-1；Net(7) 则是 1-7-1。",
    hint="Two nn.Linear layers on self, under these names; 61 numbers in all for a width of 20.",
    hint_zh="把两个 nn.Linear 按这两个名字赋给 self；宽度为 20 时一共 61 个数。",
)
def test_net_has_two_layers(submission):
    """Net() has the layers hidden and output, 1-20-1, and Net(7) is 1-7-1."""
    for arguments, width in [([], 20), ([7], 7)]:
        state = submission.run(state_dict, "Net", arguments)
        shapes = [(width, 1), (width,), (1, width), (1,)]
        expected = dict(zip(PARAMETERS, shapes, strict=True))
        assert_equal({name: tuple(value.shape) for name, value in state.items()}, expected)


@check(
    points=2,
    zh="run 返回每一步之前的损失（float），并训练传入的模型本身。",
    hint="step(closure) returns the loss as it was before the step; .item() makes it a number.",
    hint_zh="step(closure) 返回的就是这一步之前的损失；.item() 把它变成数。",
)
def test_run_tells_the_loss_before_each_step(submission, rng):
    """run returns the loss before each step, as floats, and trains the given model itself."""
    state, x, y = random_line(rng)
    losses, weight = submission.run(run_sgd, state, x, y, 0.1, 4)
    expected, _ = descend(state, x, y, 0.1, 5)
    assert_equal([type(loss).__name__ for loss in losses], ["float"] * 4)
    late = Mistake(
        torch.tensor(expected[1:]),
        en="These are the losses after the steps. The first number belongs to the start.",
        zh="这些是每一步之后的损失。第一个数应当属于起点。",
    )
    assert_tensor(torch.tensor(losses), torch.tensor(expected[:4]), mistakes=[late])
    assert_tensor(weight, descend(state, x, y, 0.1, 4)[1])


@check(
    points=1,
    zh="y 的形状与模型输出不同时，run 抛出 ValueError，而不是默默广播。",
    hint="(12, 1) and (12,) are broadcast to (12, 12). Compare the shapes first.",
    hint_zh="(12, 1) 与 (12,) 会广播成 (12, 12)。请先比较形状。",
)
def test_run_refuses_targets_of_another_shape(submission, rng):
    """run raises ValueError when y has another shape than the outputs."""
    state, x, y = random_line(rng)
    with raises(ValueError):
        submission.run(run_sgd, state, x, y[:, 0], 0.1, 1)


@check(
    points=2,
    zh="race 中每个优化器都从同样的权重出发，模型本身保持不变。",
    hint="Who trains one model twice starts the second time where the first has ended. Copy it.",
    hint_zh="同一个模型训练两次，第二次就从第一次的终点出发。请先复制。",
)
def test_all_start_from_the_same_weights(submission, rng):
    """In a race all start from the same weights, and the model itself is left as it is."""
    state, x, y = random_line(rng)
    names, losses, weight, gradient = submission.run(race_of_two, state, x, y, 3)
    assert_equal(names, ["fast", "adam"])
    expected = descend(state, x, y, 0.1, 3)[0]
    assert_close(losses[0], expected, rtol=1e-4)
    assert_close(losses[1][0], expected[0], rtol=1e-4)
    assert_tensor(weight, state["weight"])
    assert_equal(gradient, None)


@check(
    points=1,
    zh="ranking 按最后的损失从小到大排出名字。",
    hint="sorted(..., key=...) with the last loss as the key.",
    hint_zh="用 sorted(..., key=...)，以最后的损失为键。",
)
def test_ranking_looks_at_the_last_loss(submission):
    """ranking puts the smallest last loss first."""
    losses = {"SGD": [0.4, 0.004, 0.03], "Adam": [0.4, 0.9, 0.011], "Rprop": [0.1, 0.012]}
    assert_equal(submission.ranking(losses), ["Adam", "Rprop", "SGD"])


@check(
    points=1,
    zh="学习率 100、步长 2、gamma 0.5：MyStepLR 走出笔记中的十个数。",
    hint="The first call counts one. At which counts does the rate fall, for a step_size of 2?",
    hint_zh="第一次调用计为 1。step_size 为 2 时，计到几的时候学习率才下降？",
)
def test_step_lr_of_the_notes(submission):
    """With lr 100, step_size 2 and gamma 0.5 MyStepLR goes through the ten numbers of the notes."""
    seen, at_last = submission.run(rates, 100.0, 2, 0.5, 10)
    numbers = [100, 50, 50, 25, 25, 12.5, 12.5, 6.25, 6.25, 3.125]
    assert_close(seen, [[float(number)] for number in numbers])
    assert_close(at_last, [3.125])
