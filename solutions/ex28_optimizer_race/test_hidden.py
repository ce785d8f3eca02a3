"""Hidden checks of ex28_optimizer_race: exact curves, fair starts, schedules, and the time."""

import io
import math

import torch
from torch import nn
from torch.nn import functional

from grader.checks import Mistake, assert_close, assert_equal, assert_tensor, check, probe

CONTESTANTS = {
    "SGD": ("SGD", {"lr": 0.1}),
    "momentum": ("SGD", {"lr": 0.05, "momentum": 0.9}),
    "Adam": ("Adam", {"lr": 0.02}),
    "RMSprop": ("RMSprop", {"lr": 0.005}),
    "Rprop": ("Rprop", {"lr": 0.01}),
}
"""What an optimizer is called in a race, and how it is made."""


@probe
def draws(student, n, noise, seeds):
    """Return the data for each seed, and two global random numbers around all that."""
    torch.manual_seed(1)
    before = torch.rand(1)
    torch.manual_seed(1)
    drawn = [student.make_data(n, noise, torch.Generator().manual_seed(seed)) for seed in seeds]
    return drawn, before, torch.rand(1)


@probe
def global_draw(student, n, seed):
    """Return y of the global generator, with the default noise."""
    torch.manual_seed(seed)
    return student.make_data(n)[1]


@probe
def maker(kind, options):
    """Return what makes an optimizer of this kind."""
    return lambda some: getattr(torch.optim, kind)(some, **options)


@probe
def curve(state):
    """Return a network of two layers with this state: linear, tanh, linear."""
    width, columns = state["0.weight"].shape
    network = nn.Sequential(nn.Linear(columns, width), nn.Tanh(), nn.Linear(width, 2))
    network.to(state["0.weight"]).load_state_dict(state)
    return network


@probe
def run_each(student, state, x, y, contestants, steps):
    """Return the losses and the trained state for each optimizer."""
    results = []
    for kind, options in contestants:
        model = curve(state)
        model[0].weight.grad = torch.ones_like(model[0].weight)
        losses = student.run(model, maker(kind, options), x, y, steps)
        results.append((losses, dict(model.state_dict())))
    return results


@probe
def run_on_schedule(student, state, x, y, lr, step_size, gamma, steps):
    """Return the losses of a run with SGD and PyTorch's StepLR, and how often it was stepped."""
    schedulers = []

    def make(optimizer):
        schedulers.append(torch.optim.lr_scheduler.StepLR(optimizer, step_size, gamma))
        return schedulers[0]

    losses = student.run(curve(state), maker("SGD", {"lr": lr}), x, y, steps, make)
    return losses, [each.last_epoch for each in schedulers]


@probe
def race_with_leftovers(student, state, leftovers, x, y, contestants, steps):
    """Return the losses of a race, the model's state and gradients after it, and random numbers."""
    model = curve(state)
    for parameter, leftover in zip(model.parameters(), leftovers, strict=True):
        parameter.grad = leftover.clone()
    torch.manual_seed(2)
    before = torch.rand(1)
    torch.manual_seed(2)
    makers = {name: maker(*recipe) for name, recipe in contestants.items()}
    losses = student.race(model, makers, x, y, steps)
    gradients = [parameter.grad for parameter in model.parameters()]
    return list(losses), losses, dict(model.state_dict()), gradients, [before, torch.rand(1)]


@probe
def rates_of_groups(student, groups, step_size, gamma, calls, changes):
    """Return the rates of all groups before and after every step, and what get_last_lr says.

    `changes` are made by hand.
    """
    some = [{"params": [nn.Parameter(torch.zeros(1))], "lr": lr} for lr in groups]
    optimizer = torch.optim.SGD(some, lr=1.0)
    options = [] if gamma is None else [gamma]
    scheduler = student.MyStepLR(optimizer, step_size, *options)
    seen, told = [[group["lr"] for group in optimizer.param_groups]], [scheduler.get_last_lr()]
    for call in range(calls):
        optimizer.step()
        scheduler.step()
        if str(call) in changes:
            optimizer.param_groups[0]["lr"] = changes[str(call)]
        seen.append([group["lr"] for group in optimizer.param_groups])
        told.append(scheduler.get_last_lr())
    return seen, told


@probe
def rates_after_loading(student, lr, step_size, gamma, before, after):
    """Return the rates after some steps, a save, a load into other settings, and more steps."""

    def make(lr, step_size, gamma):
        optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=lr)
        return optimizer, student.MyStepLR(optimizer, step_size, gamma)

    def go(optimizer, scheduler, steps):
        seen = []
        for _ in range(steps):
            optimizer.step()
            scheduler.step()
            seen.append(scheduler.get_last_lr()[0])
        return seen

    optimizer, scheduler = make(lr, step_size, gamma)
    seen = go(optimizer, scheduler, before)
    file = io.BytesIO()
    torch.save({"optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict()}, file)
    go(optimizer, scheduler, 2)  # what was saved must not go on with it
    file.seek(0)
    saved = torch.load(file)
    optimizer, scheduler = make(7.0, step_size + 3, 0.9)
    scheduler.load_state_dict(saved["scheduler"])
    untouched = scheduler.get_last_lr()
    optimizer.load_state_dict(saved["optimizer"])
    return seen + go(optimizer, scheduler, after), untouched


@probe
def raced(student, state, x, y, contestants, steps):
    """Return the losses of a race of networks of the student."""
    model = student.Net(len(state["hidden.bias"])).to(x)
    model.load_state_dict(state)
    makers = {name: maker(*recipe) for name, recipe in contestants.items()}
    return student.race(model, makers, x, y, steps)


def losses_by_torch(recipe, forward, state, x, y, steps, rates=()):
    """Return the losses before each step, and the state after all; `rates` are those of each step.

    The squares are written out, and gradients are taken by torch.autograd.grad.
    """
    mine = {key: value.clone().requires_grad_() for key, value in state.items()}
    kind, options = recipe
    optimizer = getattr(torch.optim, kind)(list(mine.values()), **options)

    def closure():
        loss = (forward(mine, x) - y).square().mean()
        slopes = torch.autograd.grad(loss, list(mine.values()))
        for value, slope in zip(mine.values(), slopes, strict=True):
            value.grad = slope
        return loss

    losses = []
    for step in range(steps):
        if rates:
            optimizer.param_groups[0]["lr"] = rates[step]
        losses.append(optimizer.step(closure).item())
    return losses, mine


def tanh_net(state, x):
    """Return what the network of `curve` gives."""
    inner = torch.tanh(functional.linear(x, state["0.weight"], state["0.bias"]))
    return functional.linear(inner, state["2.weight"], state["2.bias"])


def relu_net(state, x):
    """Return what Net gives."""
    inner = functional.linear(x, state["hidden.weight"], state["hidden.bias"]).relu()
    return functional.linear(inner, state["output.weight"], state["output.bias"])


def random_task(rng):
    """Return the state of a network from 3 to 2 numbers, and data for it."""
    shapes = {"0.weight": (5, 3), "0.bias": (5,), "2.weight": (2, 5), "2.bias": (2,)}
    state = {name: rng.randn(*shape, dtype=torch.float64) for name, shape in shapes.items()}
    return state, rng.randn(9, 3, dtype=torch.float64), rng.randn(9, 2, dtype=torch.float64)


def between(rng, low, high):
    """Return a random float."""
    return low + (high - low) * rng.rand(1, dtype=torch.float64).item()


@check(
    points=2,
    zh="make_data 的噪声符合标准差，只取自给定的 generator，全局随机数不受影响。",
    hint="Hand the generator on: torch.randn(..., generator=generator). manual_seed is not needed.",
    hint_zh="把 generator 传下去：torch.randn(..., generator=generator)，不需要 manual_seed。",
)
def test_data_come_from_the_generator(submission, rng):
    """The noise has its deviation, and comes from the given generator and from nothing else."""
    noise, seed = between(rng, 0.2, 2.0), rng.seed()
    drawn, before, after = submission.run(draws, 3000, noise, [seed, seed + 1, seed])
    for x, y in drawn:
        assert_equal([tuple(x.shape), tuple(y.shape)], [(3000, 1), (3000, 1)])
        assert_tensor(x, torch.linspace(-1, 1, 3000)[:, None])
        errors = (y - x**2) / noise
        assert_close(errors.std().item(), 1.0, rtol=0, atol=0.1)
        assert_close(errors.mean().item(), 0.0, rtol=0, atol=0.12)
        assert_close(errors.abs().mean().item(), math.sqrt(2 / math.pi), rtol=0, atol=0.08)
    assert_tensor(drawn[2][1], drawn[0][1])
    assert not torch.equal(drawn[1][1], drawn[0][1]), "two seeds give the same noise"
    assert_tensor(after, before)
    twice = [submission.run(global_draw, 2000, seed + shift) for shift in (0, 0, 1)]
    errors = twice[0] - torch.linspace(-1, 1, 2000)[:, None] ** 2
    assert_close(errors.std().item(), 0.1, rtol=0, atol=0.012)
    assert_tensor(twice[1], twice[0])
    assert not torch.equal(twice[2], twice[0]), "two global seeds give the same noise"


@check(
    points=3,
    zh="用五种优化器（包括 LBFGS）训练时，run 的损失和训练后的权重都与逐步计算的结果一致。",
    hint="LBFGS calls the closure several times in a step: clear the gradients inside it.",
    hint_zh="LBFGS 在一步之内会多次调用闭包：清零要放在闭包里。",
)
def test_run_follows_every_optimizer(submission, rng):
    """run gives exact losses and weights with five optimizers, LBFGS among them."""
    state, x, y = random_task(rng)
    recipes = [CONTESTANTS["momentum"], ("AdamW", {"lr": 0.05}), ("RMSprop", {"lr": 0.02})]
    recipes += [("Adagrad", {"lr": 0.1}), ("LBFGS", {"lr": 0.3, "max_iter": 3})]
    results = submission.run(run_each, state, x, y, recipes, 6)
    assert_equal(len(results), len(recipes))
    for recipe, (losses, trained) in zip(recipes, results, strict=True):
        expected, weights = losses_by_torch(recipe, tanh_net, state, x, y, 6)
        assert_close(losses, expected, rtol=1e-6, atol=1e-8)
        for key, value in weights.items():
            assert_tensor(trained[key], value.detach(), rtol=1e-6, atol=1e-8)


@check(
    points=2,
    zh="给了 make_scheduler 时，每一步先走优化器，再走调度器。",
    hint="The first step uses the first rate: optimizer.step(closure), and then scheduler.step().",
    hint_zh="第一步用的是最初的学习率：先 optimizer.step(closure)，后 scheduler.step()。",
)
def test_run_steps_the_scheduler_last(submission, rng):
    """With a scheduler, run steps the optimizer first and the scheduler after it, every time."""
    state, x, y = random_task(rng)
    size, gamma, lr = rng.integer(2, 4), between(rng, 0.2, 0.6), 0.1

    def falling(shift):
        rates = [lr * gamma ** ((step + shift) // size) for step in range(8)]
        recipe = "SGD", {"lr": lr}
        losses, _ = losses_by_torch(recipe, tanh_net, state, x, y, 8, rates)
        return torch.tensor(losses, dtype=torch.float64)

    arguments = state, x, y, lr, size, gamma, 8
    losses, steps = submission.run(run_on_schedule, *arguments)
    early = Mistake(
        falling(1),
        en="The rate falls one step too early: the scheduler is stepped before the optimizer.",
        zh="学习率早降了一步：调度器走在了优化器前面。",
    )
    losses = torch.tensor(losses, dtype=torch.float64)
    assert_tensor(losses, falling(0), mistakes=[early])
    assert_equal(steps, [8])


@check(
    points=2,
    zh="race 的每条曲线都等于单独跑的结果；模型的权重、原有的梯度和全局随机数都不变。",
    hint="copy.deepcopy(model) for each optimizer; a copy knows nothing of the others.",
    hint_zh="每个优化器都用 copy.deepcopy(model)；各个副本互不相干。",
)
def test_a_race_changes_nothing_else(submission, rng):
    """Each curve of a race is that of a run alone; model, gradients and randomness stay."""
    state, x, y = random_task(rng)
    leftovers = [torch.ones_like(value) * (1 + i) for i, value in enumerate(state.values())]
    contestants = {name: CONTESTANTS[name] for name in ("Rprop", "SGD", "Adam")}
    contestants["SGD again"] = CONTESTANTS["SGD"]
    arguments = state, leftovers, x, y, contestants, 5
    names, losses, after, gradients, drawn = submission.run(race_with_leftovers, *arguments)
    assert_equal(names, list(contestants))
    for name, recipe in contestants.items():
        expected, _ = losses_by_torch(recipe, tanh_net, state, x, y, 5)
        assert_close(losses[name], expected, rtol=1e-6, atol=1e-8)
    for key, value in state.items():
        assert_tensor(after[key], value)
    for gradient, leftover in zip(gradients, leftovers, strict=True):
        assert_tensor(gradient, leftover)
    assert_tensor(drawn[1], drawn[0])


@check(
    points=1,
    zh="有的损失是 nan 或 inf，有的相等时，ranking 的次序也符合规定。",
    hint="nan is neither smaller nor larger than anything, so sorted() alone cannot place it.",
    hint_zh="nan 与任何数都比不出大小，只靠 sorted() 排不对。",
)
def test_ranking_of_runs_that_ran_away(submission, rng):
    """ranking puts nan at the end, after inf, and leaves equal runs in their order."""
    a, b = sorted(rng.rand(2).tolist())
    lasts = {"n1": math.nan, "b": b, "inf": math.inf, "n2": math.nan, "a": a, "b2": b, "n0": -a}
    losses = {name: [1.0, last] for name, last in lasts.items()}
    losses["n3"] = [math.nan, b, math.nan]
    losses["late"] = [math.nan, 2.0]
    expected = ["n0", "a", "b", "b2", "late", "inf", "n1", "n2", "n3"]
    assert_equal(submission.ranking(losses), expected)


@check(
    points=2,
    zh="MyStepLR 对所有参数组起作用，乘的是当时的学习率；创建时什么也不改变。",
    hint="Go through optimizer.param_groups, and multiply what stands in group['lr'].",
    hint_zh="遍历 optimizer.param_groups，乘的是 group['lr'] 里现有的数。",
)
def test_step_lr_with_several_groups(submission, rng):
    """MyStepLR changes every group, from the rate that stands there, and nothing when made."""
    gammas = None, between(rng, 0.2, 0.9), between(rng, 1.1, 1.5)
    sizes = (1 + rng.permutation(4)[:3]).tolist()
    for gamma, size in zip(gammas, sizes, strict=True):
        groups = [between(rng, 0.1, 2.0) for _ in range(3)]
        place, by_hand = rng.integer(2, 8), between(rng, 3.0, 5.0)
        arguments = groups, size, gamma, 11, {str(place): by_hand}
        expected, present = [groups], groups
        for call in range(11):
            factor = (0.1 if gamma is None else gamma) if (call + 1) % size == 0 else 1.0
            present = [lr * factor for lr in present]
            if call == place:
                present = [by_hand, *present[1:]]
            expected.append(present)
        seen, told = submission.run(rates_of_groups, *arguments)
        assert_close(seen, expected)
        assert_close(told, expected)


@check(
    points=2,
    zh="MyStepLR 的状态存盘后，载入另一个调度器，次序接着走下去；载入时不动优化器。",
    hint="The count belongs into the state, step_size and gamma too, but no object such as the "
    "optimizer: torch.load refuses it.",
    hint_zh="状态里要有计数、step_size 和 gamma，但不能有优化器这样的对象：torch.load 会拒绝。",
)
def test_step_lr_goes_on_after_loading(submission, rng):
    """A saved MyStepLR goes on in another one where it was, and loading leaves the rates alone."""
    size, before, gamma = rng.integer(3, 6), rng.integer(4, 9), between(rng, 0.3, 0.8)
    rates, untouched = submission.run(rates_after_loading, 2.0, size, gamma, before, 9)
    expected = [2.0 * gamma ** (step // size) for step in range(1, before + 10)]
    assert_close(rates, expected)
    assert_close(untouched, [7.0])


@check(
    points=4,
    zh="五种优化器的一场赛跑所花的时间与普通写法相当，曲线也正确。",
    hint="All points go through the network in one call, and nothing is computed twice.",
    hint_zh="所有的点一次通过网络，同样的东西不要算两遍。",
)
def test_a_race_is_quick(timed, rng):
    """A race of five optimizers takes about as long as plain code, with the right curves."""
    shapes = {"hidden.weight": (20, 1), "hidden.bias": (20,)}
    shapes |= {"output.weight": (1, 20), "output.bias": (1,)}
    for run in timed:
        scale = {name: 1.0 if name.startswith("hidden") else 0.2 for name in shapes}
        state = {
            name: scale[name] * (2 * rng.rand(*shape, dtype=torch.float64) - 1)
            for name, shape in shapes.items()
        }
        x = torch.linspace(-1, 1, 100, dtype=torch.float64)[:, None]
        y = x**2 + 0.1 * rng.randn(100, 1, dtype=torch.float64)
        run.losses = run.submission.run(raced, state, x, y, CONTESTANTS, 12)
        run.samples = 12 * len(CONTESTANTS) * len(x)
        assert_equal(list(run.losses), list(CONTESTANTS))
        name = list(CONTESTANTS)[rng.integer(0, len(CONTESTANTS))]
        expected, _ = losses_by_torch(CONTESTANTS[name], relu_net, state, x, y, 12)
        assert_close(run.losses[name], expected, rtol=1e-5, atol=1e-7)
        start = (relu_net(state, x) - y).square().mean().item()
        for losses in run.losses.values():
            assert_equal(len(losses), 12)
            assert_close(losses[0], start, rtol=1e-6)
