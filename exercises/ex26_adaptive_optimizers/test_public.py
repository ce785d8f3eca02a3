"""Public checks of ex26_adaptive_optimizers: two steps each, on numbers that you can follow."""

import torch

from grader.checks import Mistake, assert_equal, assert_tensor, check, probe

START = torch.tensor([2.0, -1.0])
GRADIENTS = [torch.tensor([3.0, 0.5]), torch.tensor([-1.0, 0.5])]


@probe
def walk(student, name, start, gradients, options):
    """Return the parameter after every step, and the state after the last."""
    p, state, path = start.clone(), {}, []
    for g in gradients:
        getattr(student, name)(p, g, state, **options)
        path.append(p.clone())
    return torch.stack(path), state


def stays():
    """Return the mistake of making a new tensor and leaving the given one where it is."""
    return Mistake(
        START.expand(2, 2),
        en="p has not moved. `p = p - ...` makes a new tensor; change the given one in place, "
        "as p.sub_(...) does.",
        zh="p 没有变化。`p = p - ...` 得到的是一个新张量；要像 p.sub_(...) 那样原地修改传入的 p。",
    )


@check(
    points=2,
    zh="Adam 的第一步让每个权重移动约 lr，梯度大小不论；状态里的数与例子一致。",
    hint="Divide both averages by 1 - beta ** step, and square the gradient itself.",
    hint_zh="两个平均都要除以 1 - beta ** step；平方的是梯度本身。",
)
def test_adam_takes_two_steps(submission):
    """Adam's first step moves each weight by about lr, and its state holds the numbers shown."""
    path, _ = submission.run(walk, "adam_step", START, GRADIENTS, {"lr": 0.1})
    up = torch.tensor([-1.0, -1.0])
    first = [
        Mistake(
            START + 0.1 * up * 10**0.5,
            en="The averages begin at zero and are too small at first: divide them by 1 - b ** t.",
            zh="两个平均从零开始，最初几步都偏小：要除以 1 - b ** t。",
        ),
        Mistake(
            START + 0.1 * up / 0.9,
            en="This v averages (g - m) ** 2, a variance. Adam averages g ** 2 as it is.",
            zh="这里的 v 平均的是 (g - m) ** 2，即方差。Adam 平均的是 g ** 2 本身。",
        ),
        Mistake(START, en=stays().en, zh=stays().zh),
    ]
    assert_tensor(path[0], torch.tensor([1.9, -1.1]), mistakes=first)
    assert_tensor(path[1], torch.tensor([1.859978, -1.2]))
    _, state = submission.run(walk, "adam_step", START, GRADIENTS[:1], {"lr": 0.1})
    assert_equal(state["step"], 1)
    assert_tensor(state["exp_avg"], torch.tensor([0.3, 0.05]))
    assert_tensor(state["exp_avg_sq"], torch.tensor([0.009, 0.00025]))


@check(
    points=1,
    zh="从 1 出发，梯度、lr、衰减为 1、0.1、0.1：AdamW 走到 0.89，Adam 走到 0.90。",
    hint="AdamW shrinks p itself; in Adam the decay is added to the gradient.",
    hint_zh="AdamW 直接让 p 缩小；Adam 则是把衰减项加到梯度上。",
)
def test_adamw_decays_apart_from_the_gradient(submission):
    """From 1, with gradient 1, lr 0.1 and decay 0.1, AdamW comes to 0.89 and Adam to 0.90."""
    one, options = torch.ones(1), {"lr": 0.1, "weight_decay": 0.1}
    for name, expected in [("adamw_step", 0.89), ("adam_step", 0.90)]:
        path, _ = submission.run(walk, name, one, [one], options)
        assert_tensor(path, torch.tensor([[expected]]))


@check(
    points=1,
    zh="Adamax 的前两步与例子一致：u 记住最大的梯度，并慢慢变小。",
    hint="u compares number by number: torch.maximum, not torch.max over the whole tensor.",
    hint_zh="u 要逐个数比较：用 torch.maximum，而不是对整个张量取 torch.max。",
)
def test_adamax_takes_two_steps(submission):
    """Adamax takes the two steps of the example: u remembers the largest gradient."""
    path, _ = submission.run(walk, "adamax_step", START, GRADIENTS, {"lr": 0.1})
    expected = torch.tensor([[1.9, -1.1], [1.870146, -1.2]])
    assert_tensor(path, expected, mistakes=[stays()])


@check(
    points=1,
    zh="Adagrad 的前两步与例子一致：步子随平方和增大而变短。",
    hint="The squares are added up and never forgotten; the root is taken afterwards.",
    hint_zh="平方一直累加，从不忘记；累加之后再开方。",
)
def test_adagrad_takes_two_steps(submission):
    """Adagrad takes the two steps of the example: they shrink as the squares add up."""
    path, _ = submission.run(walk, "adagrad_step", START, GRADIENTS, {"lr": 0.1})
    expected = torch.tensor([[1.9, -1.1], [1.931623, -1.170711]])
    assert_tensor(path, expected, mistakes=[stays()])


@check(
    points=1,
    zh="Adadelta 的前两步与例子一致：第一步约为 0.00316。",
    hint="eps stands under both roots, and the old acc_delta makes the step.",
    hint_zh="两个根号里面都有 eps；计算这一步时用的是旧的 acc_delta。",
)
def test_adadelta_takes_two_steps(submission):
    """Adadelta takes the two steps of the example, the first of about 0.00316."""
    path, _ = submission.run(walk, "adadelta_step", START, GRADIENTS, {"lr": 1.0})
    expected = torch.tensor([[1.996838, -1.003162], [1.998320, -1.006407]])
    # Such small steps need a narrow tolerance.
    assert_tensor(path, expected, rtol=0, atol=2e-6, mistakes=[stays()])


@check(
    points=1,
    zh="RMSprop 的前两步与例子一致：没有偏差修正，第一步是 lr 的十倍。",
    hint="RMSprop divides by the root of its running average as it is, without a correction.",
    hint_zh="RMSprop 直接除以滑动平均的平方根，不作修正。",
)
def test_rmsprop_takes_two_steps(submission):
    """RMSprop takes the two steps of the example; the first is ten times lr."""
    path, _ = submission.run(walk, "rmsprop_step", START, GRADIENTS, {"lr": 0.01})
    expected = torch.tensor([[1.9, -1.1], [1.931766, -1.170888]])
    assert_tensor(path, expected, mistakes=[stays()])
