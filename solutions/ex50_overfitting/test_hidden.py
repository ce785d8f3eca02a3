"""Hidden checks of ex50_overfitting: exact curves, the best epoch, and 60 digits against 600."""

import contextlib
import itertools
import math

import torch
from torch import nn
from torch.nn import functional

from grader.checks import (
    assert_close,
    assert_equal,
    assert_tensor,
    check,
    probe,
    train_and_eval,
)


@probe
def splits(student, x, y, n, seeds):
    """Return the training labels for each seed, and whether the global generator moved."""
    found, moved = [], []
    for number, seed in enumerate(seeds):
        torch.manual_seed(number)
        before = torch.get_rng_state()
        arguments = [] if seed is None else [seed]
        (_, train_y), _ = student.small_split(x, y, n, *arguments)
        moved.append(not torch.equal(before, torch.get_rng_state()))
        found.append(train_y)
    return found, moved


@probe
def network(state, device):
    """Return a network of BatchNorm and two linear layers with this state, in float64."""
    layers = [nn.BatchNorm1d(5), nn.Linear(5, 6), nn.Tanh(), nn.Linear(6, 4)]
    model = nn.Sequential(*layers).to(device, torch.float64)
    model.load_state_dict(state)
    return model


@probe
def curves_and_state(student, state, train, val, epochs, options, device):
    """Return the curves and the state that train_curve leaves."""
    model = network(state, device)
    curves = student.train_curve(model, train, val, epochs, **options)
    return curves, dict(model.state_dict())


@probe
def augmented_run(student, state, train, val, epochs, device):
    """Return the curves, the state, and the inputs that came to be augmented."""
    seen = []

    def augment(x):
        seen.append(x.detach().clone())
        return x * (1.0 + len(seen)) - 0.5

    model = network(state, device)
    pairs = [(x.to(device), y.to(device)) for x, y in (train, val)]
    curves = student.train_curve(model, *pairs, epochs, lr=0.03, augment=augment)
    return curves, dict(model.state_dict()), seen, pairs


@probe
def calls_of_the_model(student, state, train, val, epochs, options, device):
    """Return (mode, mode of a layer, graph) of each call, and all modes at the end."""
    model, calls = network(state, device).eval(), []
    model.register_forward_hook(
        lambda *_: calls.append([model.training, model[0].training, torch.is_grad_enabled()])
    )
    student.train_curve(model, train, val, epochs, **options)
    return calls, [module.training for module in model.modules()]


@probe
def places_in_train_curve(student, train, val, device):
    """Return the devices of a layer's weight and input, as train_curve calls it."""
    seen = []

    class Watched(nn.Linear):
        """A layer that notes where its input is."""

        def forward(self, x):
            seen.extend([self.weight.device.type, x.device.type])
            raise InterruptedError  # the rest may need values, and meta has none

    with contextlib.suppress(InterruptedError):
        student.train_curve(Watched(5, 4).to(device), train, val, 1)
    return seen


@probe
def digits_twice(student, pictures, labels, sizes, seed, device):
    """Train on few pictures and on many; then give the scores of pictures that come now."""
    torch.set_num_threads(1)  # small tensors: threads would only wait for each other
    models, found = [], []
    for number in sizes:
        train, val = student.small_split(pictures, labels, number, seed)
        torch.manual_seed(seed)
        model = student.build_mlp(64).to(device)
        curves = student.train_curve(model, train, val, 40, lr=0.01)
        verdict = student.diagnose(curves["train_loss"], curves["val_loss"])
        found.append({"verdict": verdict, "train": train, "curves": curves})
        models.append(model)
    unseen = yield None
    for model, each in zip(models, found, strict=True):
        with torch.no_grad():
            each["unseen"] = model(unseen.to(device))
            each["known"] = model(each["train"][0].to(device))
    return found


def random_state(rng):
    """Return random numbers for the parameters and averages of the network."""

    def draw(*shape):
        return rng.randn(*shape, dtype=torch.float64)

    return {
        "0.weight": draw(5),
        "0.bias": draw(5),
        "0.running_mean": draw(5),
        "0.running_var": 0.5 + rng.rand(5, dtype=torch.float64),
        "0.num_batches_tracked": torch.tensor(7),
        "1.weight": draw(6, 5) / 2,
        "1.bias": draw(6),
        "3.weight": draw(4, 6) / 2,
        "3.bias": draw(4),
    }


def random_part(rng, count):
    """Return inputs that the network takes, and classes."""
    return rng.randn(count, 5, dtype=torch.float64), rng.randint(0, 4, (count,))


def trained(state, train, val, epochs, lr=1e-3, weight_decay=0.0, augment=None):
    """Return the curves of each epoch and the state after it, as the task describes them."""
    layers = [nn.BatchNorm1d(5), nn.Linear(5, 6), nn.Tanh(), nn.Linear(6, 4)]
    model = nn.Sequential(*layers).double()
    model.load_state_dict(state)
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=weight_decay)
    names = ("train_loss", "train_accuracy", "val_loss", "val_accuracy")
    curves, states = {name: [] for name in names}, []
    for epoch in range(epochs):
        model.train()
        x = augment(train[0], epoch) if augment else train[0]
        optimizer.zero_grad()
        functional.cross_entropy(model(x), train[1]).backward()
        optimizer.step()
        model.eval()
        for part, (x, y) in (("train", train), ("val", val)):
            scores = model(x).detach()
            curves[f"{part}_loss"].append(functional.cross_entropy(scores, y).item())
            right = (scores.argmax(1) == y).double().mean()
            curves[f"{part}_accuracy"].append(right.item())
        states.append({name: value.clone() for name, value in model.state_dict().items()})
    return curves, states


def assert_state(actual, expected):
    """Compare the states of two networks in float64."""
    assert_equal(sorted(actual), sorted(expected))
    for name, value in expected.items():
        assert_tensor(actual[name], value, rtol=1e-6, atol=1e-8)


def falls_and_rises(rng):
    """Return a state, train, val and the best epoch of a validation loss that falls, then rises."""
    while True:
        state, train = random_state(rng), random_part(rng, 10)
        state["3.weight"] /= 4
        state["3.bias"] /= 4
        wrong = torch.arange(10) % 3 == 0  # the others are right: both at once cannot be learned
        val = train[0] + 0.3 * rng.randn(10, 5, dtype=torch.float64), (train[1] + wrong.long()) % 4
        losses = trained(state, train, val, 40, lr=0.05)[0]["val_loss"]
        best = losses.index(min(losses))
        steps = [abs(after / before - 1) for before, after in itertools.pairwise(losses)]
        falls = losses[: best + 1] == sorted(losses[: best + 1], reverse=True)
        if 3 <= best <= 20 and falls and min(steps[: best + 12]) > 1e-6:
            return state, train, val, best


def digits():
    """Return 900 pictures and 360 others, each with its labels: the same ones every time."""
    from sklearn.datasets import load_digits  # not above: imports travel with the probes

    data = load_digits()
    pictures = torch.tensor(data.images / 16, dtype=torch.float32)[:, None]
    order = torch.randperm(len(pictures), generator=torch.Generator().manual_seed(3))
    order = order[:1260]
    return pictures[order].split([900, 360]), torch.tensor(data.target)[order].split([900, 360])


@check(
    points=1,
    zh="抽到哪些样本只由 seed 决定；全局随机数发生器没有被动过。",
    hint="torch.Generator().manual_seed(seed) is a generator of your own; randperm takes it.",
    hint_zh="torch.Generator().manual_seed(seed) 是自己的发生器，randperm 可以用它。",
)
def test_split_depends_on_the_seed_alone(submission, rng):
    """Which samples are drawn depends on the seed alone; the global generator stays untouched."""
    x, y, seed = rng.randn(80, 3), rng.permutation(80), rng.seed()
    seeds = [seed, seed + 1, seed, 0, None]
    parts, moved = submission.on("cpu").run(splits, x, y, 50, seeds)
    first, other, again, zero, default = (sorted(part.tolist()) for part in parts)
    assert_equal(again, first)
    assert_equal(default, zero)
    assert first != other, "the same samples for two seeds"
    assert_equal(moved, [False] * 5)


@check(
    points=1,
    zh="载入同样的参数后，build_mlp 的网络在两种模式下都算出正确的分数，dropout 的位置也对。",
    hint="Dropout stands between the ReLU and the last layer, with the probability that is given.",
    hint_zh="Dropout 放在 ReLU 和最后一层之间，概率就是给定的那个。",
)
def test_mlp_computes_the_scores(submission, rng):
    """A network of build_mlp gives the right scores in both modes, and drops in the right place."""
    x = rng.rand(5, 1, 8, 8)
    state = {"1.weight": rng.randn(20, 64), "1.bias": rng.randn(20)}
    state |= {"4.weight": rng.randn(10, 20), "4.bias": rng.randn(10)}
    hidden = functional.linear(x.flatten(1), state["1.weight"], state["1.bias"]).relu()
    scores = functional.linear(hidden, state["4.weight"], state["4.bias"])
    bias = state["4.bias"].expand(5, 10)
    for arguments, dropped in [([20], scores), ([20, 0.0], scores), ([20, 1.0], bias)]:
        told = submission.on("cpu").run(train_and_eval, "build_mlp", arguments, [x], state)
        assert_tensor(told["eval"][0], scores, rtol=1e-4, atol=1e-4)
        assert_tensor(told["train"][0], dropped.contiguous(), rtol=1e-4, atol=1e-4)


@check(
    points=3,
    zh="曲线和最后的权重，正是每个 epoch 用全部训练数据走一步 AdamW 得到的，默认设置也一样。",
    hint="One optimizer for the whole run, with lr and weight_decay; measure after the step.",
    hint_zh="整个训练只建一个优化器，传入 lr 和 weight_decay；测量在更新之后。",
)
def test_curves_are_those_of_adamw(submission, rng, device):
    """Curves and weights are those of one step of AdamW per epoch, with the whole of train."""
    for options, epochs in [
        ({}, 3),
        ({"lr": 0.02, "weight_decay": 4.0}, 6),
        ({"lr": 0.04}, 1),
    ]:
        state, train, val = random_state(rng), random_part(rng, 9), random_part(rng, 4)
        answer = submission.run(curves_and_state, state, train, val, epochs, options, device)
        curves, states = trained(state, train, val, epochs, **options)
        assert_close(answer[0], curves, rtol=1e-5, atol=1e-7)
        assert_state(answer[1], states[-1])


@check(
    points=1,
    zh="验证数据不参与训练：换一份验证数据，训练曲线和权重都不变。",
    hint="Only train may reach backward(), and no statistics may be learned from val.",
    hint_zh="只有 train 能用于 backward()；BatchNorm 的统计量也不能从 val 里学。",
)
def test_validation_data_have_no_part_in_the_training(submission, rng, device):
    """Validation data have no part in the training: with others the weights become the same."""
    state, train, options = random_state(rng), random_part(rng, 8), {"lr": 0.05}
    answers = [
        submission.run(curves_and_state, state, train, val, 5, options, device)
        for val in (random_part(rng, 6), random_part(rng, 11))
    ]
    assert_state(answers[1][1], answers[0][1])
    for name in ("train_loss", "train_accuracy"):
        assert_close(answers[1][0][name], answers[0][0][name])


@check(
    points=2,
    zh="augment 在每一步只作用于训练输入；测量用的是原来的输入，数据本身不变。",
    hint="augment belongs to the step alone. What goes into the measurements is x as it came.",
    hint_zh="augment 只属于更新那一步；测量时送进去的是原来的 x。",
)
def test_augmentation_belongs_to_the_step(submission, rng, device):
    """augment gets the inputs of train anew for each step, and the measurements get none of it."""
    state, train, val = random_state(rng), random_part(rng, 7), random_part(rng, 5)
    answer = submission.run(augmented_run, state, train, val, 4, device)
    curves, states = trained(
        state, train, val, 4, lr=0.03, augment=lambda x, epoch: x * (2.0 + epoch) - 0.5
    )
    assert_equal(len(answer[2]), 4)
    for seen in answer[2]:
        assert_tensor(seen, train[0])
    assert_close(answer[0], curves, rtol=1e-5, atol=1e-7)
    assert_state(answer[1], states[-1])
    for kept, given in zip(answer[3], (train, val), strict=True):
        for actual, expected in zip(kept, given, strict=True):
            assert_tensor(actual, expected)


@check(
    points=3,
    zh="给了 patience，训练及时停下，模型回到验证损失最低的那个 epoch；epoch 用完时也一样。",
    hint="state_dict() gives the tensors themselves, and they go on changing: keep clones.",
    hint_zh="state_dict() 给出的就是那些张量本身，它们还会继续变化：要保存 clone。",
)
def test_patience_brings_back_the_best_epoch(submission, rng, device):
    """With patience the training stops in time, and the model is that of the best epoch again."""
    state, train, val, best = falls_and_rises(rng)
    curves, states = trained(state, train, val, 40, lr=0.05)
    for patience, epochs in [(1, 40), (5, 40), (9, best + 3), (2, best + 1), (30, 2)]:
        options = {"lr": 0.05, "patience": patience}
        told, left = submission.run(curves_and_state, state, train, val, epochs, options, device)
        count = min(epochs, best + patience + 1)
        assert_equal(len(told["val_loss"]), count)
        expected = {name: values[:count] for name, values in curves.items()}
        assert_close(told, expected, rtol=1e-5, atol=1e-7)
        assert_state(left, states[min(best, epochs - 1)])


@check(
    points=1,
    zh="每个 epoch 只有一步在训练模式下并建立计算图，测量都不建图；最后模型处于评估模式。",
    hint="One call in training mode for the step; the others under eval() and no_grad().",
    hint_zh="更新那一步调用模型一次，处于训练模式；其余都在 eval() 和 no_grad() 之下。",
)
def test_modes_and_graphs(submission, rng, device):
    """Each epoch has one call in training mode; measuring builds no graph, and eval mode stays."""
    state, train, val = random_state(rng), random_part(rng, 7), random_part(rng, 5)
    for options in ({}, {"patience": 9}):
        answer = submission.run(calls_of_the_model, state, train, val, 3, options, device)
        calls, after = answer
        assert_equal([call for call in calls if any(call)], [[True] * 3] * 3)
        assert len(calls) > 3, "measured in training mode"
        assert_equal(after, [False] * 5)


@check(
    points=1,
    zh="train_curve 把数据移到模型所在的设备上。",
    hint="next(model.parameters()).device says where the model is; x.to(...) returns a moved x.",
    hint_zh="next(model.parameters()).device 说明模型在哪里；x.to(...) 返回移动后的张量。",
)
def test_data_move_to_the_device_of_the_model(submission, rng, other_device):
    """train_curve moves the data to the device of the model."""
    train, val = (rng.randn(3, 5), rng.randint(0, 4, (3,))), (rng.randn(2, 5), torch.tensor([0, 1]))
    seen = submission.on("cpu").run(places_in_train_curve, train, val, other_device)
    assert_equal(seen, [other_device] * 2)


@check(
    points=2,
    zh="不论曲线怎样起伏，有相等的值或 nan，early_stop 都给出正确的 epoch。",
    hint="Count from the best epoch; nan < x is never true, and equal is not below.",
    hint_zh="从最好的 epoch 数起；nan < x 永远不成立，相等也不算更低。",
)
def test_early_stop_on_any_curve(submission, rng):
    """early_stop is right for curves that go up and down, with equal numbers and with nan."""
    for patience in (1, 2, 3, 5):
        for _ in range(12):
            losses = (rng.randint(1, 9, (14,)) / 4).tolist()
            if patience > 1:
                losses[rng.integer(1, 14)] = math.nan
                losses[rng.integer(1, 14)] = math.inf
            best, waited = 0, 0
            for epoch in range(1, 14):
                waited += 1
                if losses[epoch] < losses[best]:
                    best, waited = epoch, 0
                if waited == patience:
                    break
            assert_equal(submission.early_stop(losses, patience), best)
    assert_equal(submission.early_stop([0.7], 1), 0)


@check(
    points=2,
    zh="diagnose 在各个界限附近也判断正确：哪个条件在先，就用哪个名字。",
    hint="Every limit is a share of the first training loss, or of the lowest validation loss.",
    hint_zh="各个界限都是第一个训练损失的若干分之一，或者最低验证损失的若干倍。",
)
def test_diagnose_near_its_limits(submission, rng):
    """Diagnose is right near its limits, for losses of any size, and asks in the given order."""
    nan, inf = math.nan, math.inf
    for _ in range(2):
        unit = 0.05 + 4 * rng.rand(1).item()
        for train, val, name in [
            ([1, 0.51], [1, 3], "underfit"),
            ([1, 0.49], [1, 0.58], "good"),
            ([1, 0.49], [1, 0.6], "overfit"),
            ([1, 0.5], [1, 0.55], "good"),
            ([1, 0.2, 0.1], [1, 0.3, 0.18], "good"),
            ([1, 0.2, 0.1], [1, 0.2, 0.195], "good"),
            ([1, 0.2, 0.1], [1, 0.16, 0.19], "good"),
            ([1, 0.2, 0.1], [1, 0.155, 0.19], "overfit"),
            ([1, 0.2, 0.1], [0.3, 0.25, 0.21], "overfit"),
            ([1, 0.05, 0.02], [1, 0.04, 0.05], "overfit"),
            ([1, 0.3, 0.2], [1, 0.15, 0.1], "good"),
            ([1, 3, 1.01], [1, 0.5, 0.4], "diverged"),
            ([1, 3, 0.99], [1, 0.5, 0.4], "underfit"),
            ([1, nan, 0.1], [1, 0.2, 0.1], "diverged"),
            ([1, 0.2, 0.1], [inf, 0.2, 0.1], "diverged"),
            ([1, 0.2, 0.1], [1, 0.2, nan], "diverged"),
            ([inf, 0.2, 0.1], [1, 0.2, 0.1], "diverged"),
            ([1], [1], "underfit"),
        ]:
            curves = [[unit * value for value in curve] for curve in (train, val)]
            assert_equal(submission.diagnose(*curves), name)
    for train, val in [([10.0, 2.0], [10.0, 3.0]), ([20.0, 4.0, 5.5], [20.0, 5.0, 6.0])]:
        assert_equal(submission.diagnose(train, val), "good")  # on a limit is not above it


@check(
    points=3,
    zh="学 60 张数字时背得滚瓜烂熟，诊断为过拟合；学 600 张时，没见过的图像大多也认对。",
    hint="If this alone fails, look at the shapes and labels that small_split hands on.",
    hint_zh="如果只有这一项不通过，看看 small_split 给出的形状和标签。",
)
def test_sixty_digits_are_learned_by_heart(submission, rng, device):
    """60 digits are learned by heart, and called overfit; 600 are enough to read most others."""
    pictures, labels = digits()
    # Other names for the digits, and all pictures turned or not: nobody can know the answers.
    names, turn = rng.permutation(10), rng.integer(0, 4)
    images, unseen = (part.rot90(turn, (2, 3)).contiguous() for part in pictures)
    answers, expected = (names[part] for part in labels)
    sizes, seed = [60, 600], rng.seed()
    conversation = submission.start(digits_twice, images, answers, sizes, seed, device)
    few, many = conversation.send(unseen)
    shares = []
    for each, count in ((few, 60), (many, 600)):
        assert_equal(tuple(each["known"].shape), (count, 10))
        assert_equal(tuple(each["unseen"].shape), (360, 10))
        known = (each["known"].argmax(1) == each["train"][1]).double().mean().item()
        assert_close(each["curves"]["train_accuracy"][-1], known, atol=1.5 / count)
        shares.append((each["unseen"].argmax(1) == expected).double().mean().item())
        assert known >= 0.93, f"{known:.3f} of its own pictures"
    assert shares[0] >= 0.6, f"{shares[0]:.3f} of unseen pictures, learned from 60"
    assert shares[1] >= 0.87, f"{shares[1]:.3f} of unseen pictures, learned from 600"
    assert_equal(few["verdict"], "overfit")
