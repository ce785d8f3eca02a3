"""Public checks of ex50_overfitting: the split, the curves, and the example of the README."""

import torch
from torch import nn
from torch.nn import functional

from grader.checks import (
    Mistake,
    assert_close,
    assert_equal,
    assert_tensor,
    check,
    probe,
    raises,
)

NAMES = ["train_accuracy", "train_loss", "val_accuracy", "val_loss"]


@probe
def layers_and_shape(student, hidden, dropout, x):
    """Return the kinds of the layers, the shapes of the state, and the shape of the scores."""
    model = student.build_mlp(hidden, dropout)
    state = {name: list(value.shape) for name, value in model.state_dict().items()}
    return [type(layer).__name__ for layer in model], state, model(x).shape


@probe
def short_run(student, train, val, epochs, device):
    """Return the curves of a linear layer that learns for some epochs."""
    torch.manual_seed(0)
    model = nn.Linear(train[0].shape[1], 3).to(device)
    return student.train_curve(model, train, val, epochs, lr=0.05)


@probe
def frozen_run(student, state, train, val, device):
    """Return the curves of a linear layer behind Dropout, at a learning rate of 0."""
    model = nn.Sequential(nn.Dropout(0.5), nn.Linear(train[0].shape[1], 3)).to(device)
    model.load_state_dict(state)
    return student.train_curve(model, train, val, 3, lr=0.0)


@check(
    points=1,
    zh="small_split 抽出 n 个样本，其余的归验证部分；每个样本恰好出现一次，标签不乱。",
    hint="One order of all places: the first n of it for training, the rest for validation.",
    hint_zh="把所有位置排成一个随机顺序：前 n 个用于训练，剩下的用于验证。",
)
def test_split_puts_each_sample_into_one_part(submission, rng):
    """small_split draws n samples and leaves all the others, each with its own label."""
    x, y = rng.permutation(90).float()[:, None, None].expand(90, 3, 2), rng.randint(0, 10, (90,))
    labels = dict(zip(x[:, 0, 0].tolist(), y.tolist(), strict=True))
    for options, n in [({}, 60), ({"n": 7, "seed": rng.seed()}, 7)]:
        parts = submission.small_split(x.contiguous(), y, **options)
        assert_equal([len(part_y) for _, part_y in parts], [n, 90 - n])
        drawn = torch.cat([part_x for part_x, _ in parts])
        assert_equal(tuple(drawn.shape), (90, 3, 2))
        names = drawn[:, 0, 0]
        assert_tensor(names.sort().values, torch.arange(90.0))
        expected = torch.tensor([labels[name] for name in names.tolist()])
        assert_tensor(torch.cat([part_y for _, part_y in parts]), expected)
        assert not torch.equal(names[:n], x[:n, 0, 0]), "the first samples, in their order"


@check(
    points=1,
    zh="build_mlp 恰有规定的五层，把 (6, 1, 8, 8) 的图像变成 (6, 10) 的分数。",
    hint="Flatten makes 64 numbers of a picture of 8 x 8; Dropout has no parameters.",
    hint_zh="Flatten 把 8 x 8 的图像变成 64 个数；Dropout 没有参数。",
)
def test_mlp_has_the_five_layers(submission):
    """build_mlp has the five layers of the task and turns pictures into scores (N, 10)."""
    answer = submission.on("cpu").run(layers_and_shape, 30, 0.25, torch.ones(6, 1, 8, 8))
    layers, state, shape = answer
    assert_equal(layers, ["Flatten", "Linear", "ReLU", "Dropout", "Linear"])
    expected = {"1.weight": [30, 64], "1.bias": [30], "4.weight": [10, 30], "4.bias": [10]}
    assert_equal(state, expected)
    assert_equal(shape, torch.Size([6, 10]))


@check(
    points=2,
    zh="train_curve 为每个 epoch 返回四个 float；训练损失下降，正确率在 0 到 1 之间。",
    hint="Four lists, filled after each step: loss.item(), and right answers by samples.",
    hint_zh="四个列表，每一步之后各添一个数：loss.item()，以及答对的个数除以样本数。",
)
def test_curves_have_a_number_for_each_epoch(submission, rng, device):
    """train_curve returns four floats for each epoch, and the training loss falls."""
    inputs = [rng.randn(count, 5) for count in (12, 4)]
    train, val = ((x, x[:, :3].argmax(1)) for x in inputs)
    curves = submission.run(short_run, train, val, 8, device)
    assert_equal(sorted(curves), NAMES)
    for name, values in curves.items():
        assert_equal([type(value).__name__ for value in values], ["float"] * 8)
        assert "loss" in name or all(0 <= value <= 1 for value in values), f"{name}: {values}"
    losses = curves["train_loss"]
    assert losses[-1] < losses[0], f"the training loss went from {losses[0]} to {losses[-1]}"


@check(
    points=2,
    zh="两部分都在评估模式下测量：dropout 不会混进曲线。",
    hint="model.eval() before measuring, and model.train() again before the next step.",
    hint_zh="测量之前 model.eval()，下一步之前再 model.train()。",
)
def test_curves_are_measured_in_evaluation_mode(submission, rng, device):
    """Both parts are measured in evaluation mode, so that dropout leaves no trace in the curves."""
    train, val = ((rng.randn(count, 6), torch.arange(count) % 3) for count in (11, 8))
    state = {"1.weight": rng.randn(3, 6), "1.bias": rng.randn(3)}
    curves = submission.run(frozen_run, state, train, val, device)
    expected = {}
    for part, (x, y) in (("train", train), ("val", val)):
        scores = functional.linear(x, state["1.weight"], state["1.bias"])
        expected[f"{part}_loss"] = [functional.cross_entropy(scores, y).item()] * 3
        expected[f"{part}_accuracy"] = [(scores.argmax(1) == y).double().mean().item()] * 3
    assert_equal(sorted(curves), NAMES)
    assert_close(curves, expected, rtol=1e-4)


@check(
    points=1,
    zh="early_stop 在几条短曲线上给出最好的 epoch，而不是停下来的那个。",
    hint="It stops `patience` epochs after the best one, and answers the best one.",
    hint_zh="训练在最好的 epoch 之后再过 patience 个才停，但返回的是最好的那个。",
)
def test_early_stop_gives_the_best_epoch(submission):
    """early_stop gives the best epoch of some short curves, not the one where it stops."""
    for losses, patience, best in [
        ([2.3, 1.3, 0.9, 0.95, 1.2], 2, 2),
        ([2.3, 1.3, 0.9, 0.95, 0.6], 1, 2),
        ([2.3, 1.3, 0.9, 0.95, 0.6], 2, 4),
        ([1.0, 2.0, 3.0, 0.5], 2, 0),
        ([1.0, 2.0, 3.0, 0.5], 3, 3),
        ([3.0, 2.0, 1.0], 1, 2),
    ]:
        answer = submission.early_stop(losses, patience)
        assert type(answer) is int, f"a {type(answer).__name__} instead of an int"
        mistake = Mistake(
            torch.tensor(min(best + patience, len(losses) - 1)),
            en="This is the epoch at which the training stops, not the best one so far.",
            zh="这是训练停下来的 epoch，不是到那时为止最好的 epoch。",
        )
        assert_tensor(torch.tensor(answer), torch.tensor(best), mistakes=[mistake])


@check(
    points=1,
    zh="diagnose 认出四种情形：发散、欠拟合、过拟合、良好。",
    hint="Ask the four questions in their order; both curves count.",
    hint_zh="按规定的顺序逐一判断；两条曲线都要看。",
)
def test_diagnose_knows_the_four_kinds(submission):
    """Diagnose names curves of the four kinds: diverged, underfit, overfit and good."""
    for train, val, name in [
        ([2.3, 1.1, 0.5, 0.2, 0.05], [2.3, 1.3, 0.9, 0.95, 1.2], "overfit"),
        ([2.3, 1.1, 0.5, 0.2, 0.05], [2.3, 1.2, 0.6, 0.3, 0.15], "good"),
        ([2.3, 2.2, 2.1, 2.0], [2.3, 2.3, 2.2, 2.2], "underfit"),
        ([2.3, 9.0, 80.0, float("nan")], [2.3, 12.0, 95.0, float("nan")], "diverged"),
    ]:
        assert_equal(submission.diagnose(train, val), name)


@check(
    points=1,
    zh="没有损失、长度不等、patience 小于 1 或 n 不合适时，抛出 ValueError。",
    hint="Ask about what cannot be answered first, and `raise ValueError(...)` yourself.",
    hint_zh="先检查无法回答的情形，自己 `raise ValueError(...)`。",
)
def test_what_cannot_be_answered_is_refused(submission, rng):
    """small_split, early_stop and diagnose raise ValueError for what cannot be answered."""
    for losses, patience in [([], 2), ([1.0, 0.5], 0), ([1.0], -1)]:
        with raises(ValueError):
            submission.early_stop(losses, patience)
    for train, val in [([], []), ([1.0, 0.9], [1.0]), ([1.0], [])]:
        with raises(ValueError):
            submission.diagnose(train, val)
    for n in (0, 12, 13, -3):
        with raises(ValueError):
            submission.small_split(rng.randn(12, 4), rng.randint(0, 3, (12,)), n)
