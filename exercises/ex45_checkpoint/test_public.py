"""Public checks of ex45_checkpoint: weights, a whole model, a checkpoint, a snapshot."""

import pickle
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from grader.checks import Mistake, assert_equal, assert_tensor, check, probe


@probe
def normed(state, device):
    """Return a network with a BatchNorm: 4 to 3 to 2, with this state."""
    model = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Linear(3, 2))
    model.to(device, state["0.weight"].dtype).load_state_dict(state)
    return model


@probe
def saved_and_loaded(student, state, other, device):
    """Save a network, load the file into one with another state, return that one's state."""
    student.save_weights(normed(state, device), Path("weights.pt"))
    model = normed(other, device)
    student.load_weights(model, "weights.pt", device)
    return model.state_dict()


@probe
def names_and_tensors(student, state, device):
    """Return what torch.load finds in the file of save_weights."""
    student.save_weights(normed(state, device), "weights.pt")
    return dict(torch.load("weights.pt"))


@probe
def refusal(student, state, renamed, device):
    """Return the text of the RuntimeError for a file with some other names; None without one."""
    torch.save({renamed.get(name, name): value for name, value in state.items()}, "weights.pt")
    try:
        student.load_weights(normed(state, device), "weights.pt", device)
    except RuntimeError as error:
        return str(error)
    return None


@probe
def whole_model(student, state, x, device):
    """Return whether torch.load refuses the file of save_whole, and the loaded model's output."""
    student.save_whole(normed(state, device).eval(), "whole.pt")
    try:
        torch.load("whole.pt")
        refused = False
    except pickle.UnpicklingError:
        refused = True
    return refused, student.load_whole_trusted("whole.pt")(x.cpu())


@probe
def trainer(weight, lr):
    """Return a layer, SGD with momentum, and a scheduler that halves the rate after 3 epochs."""
    model = nn.Linear(*weight.t().shape, bias=False).to(weight.dtype)
    model.load_state_dict({"weight": weight})
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    return model, optimizer, torch.optim.lr_scheduler.StepLR(optimizer, step_size=3, gamma=0.5)


@probe
def train(model, optimizer, scheduler, x, y, epochs):
    """Train for some epochs of one step each."""
    for _ in range(epochs):
        loss = functional.mse_loss(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()


@probe
def contents_of_a_checkpoint(student, weight, x, y):
    """Return what torch.load finds in a checkpoint after two epochs, and the weight."""
    everything = trainer(weight, 0.5)
    train(*everything, x, y, 2)
    student.save_checkpoint("checkpoint.pt", *everything, 2)
    checkpoint = torch.load("checkpoint.pt")
    return list(checkpoint), checkpoint["epoch"], dict(checkpoint["model"]), everything[0].weight


@probe
def stopped_and_resumed(student, weight, other, x, y):
    """Train for 2 epochs, save; resume with fresh objects, train for 2 more."""
    everything = trainer(weight, 0.5)
    train(*everything, x, y, 2)
    student.save_checkpoint("checkpoint.pt", *everything, 2)
    everything = trainer(other, 0.5)
    epoch = student.resume("checkpoint.pt", *everything)
    train(*everything, x, y, 2)
    return epoch, everything[0].weight


@probe
def snapshot_and_training(student, weight, x, y):
    """Return a snapshot that was made before an epoch of training."""
    everything = trainer(weight, 0.5)
    copy = student.snapshot(everything[0])
    train(*everything, x, y, 1)
    return copy


def random_state(rng, dtype):
    """Return a random state for normed."""
    return {
        "0.weight": rng.randn(3, 4, dtype=dtype),
        "0.bias": rng.randn(3, dtype=dtype),
        "1.weight": rng.randn(3, dtype=dtype),
        "1.bias": rng.randn(3, dtype=dtype),
        "1.running_mean": rng.randn(3, dtype=dtype),
        "1.running_var": 0.5 + rng.rand(3, dtype=dtype),
        "1.num_batches_tracked": torch.tensor(rng.integer(3, 1000)),
        "2.weight": rng.randn(2, 3, dtype=dtype),
        "2.bias": rng.randn(2, dtype=dtype),
    }


def assert_state(actual, expected):
    """Compare two states, tensor by tensor."""
    assert_equal(sorted(actual), sorted(expected))
    for name, value in expected.items():
        assert_tensor(actual[name], value, rtol=0, atol=0)


def trained(weight, x, y, *, momentum_kept=True, place_kept=True):
    """Return the weight after four steps; after two of them something may be forgotten."""
    buffer = torch.zeros_like(weight)
    for epoch in range(4):
        if epoch == 2 and not momentum_kept:
            buffer = torch.zeros_like(weight)
        rate = 0.25 if epoch == 3 and place_kept else 0.5
        buffer = 0.9 * buffer + 2 * (x @ weight.t() - y).t() @ x / y.numel()
        weight = weight - rate * buffer
    return weight


def random_task(rng):
    """Return two weights, samples and targets."""
    weight, other = rng.randn(2, 3, 5, dtype=torch.float64)
    return weight, other, rng.randn(8, 5, dtype=torch.float64), rng.randn(8, 3, dtype=torch.float64)


@check(
    points=2,
    zh="权重存进文件再读回来，所有参数和缓冲区都完全相同。",
    hint="A BatchNorm has more than parameters. Which method of a module gives everything?",
    hint_zh="BatchNorm 里不只有参数。模块的哪个方法能给出全部状态？",
)
def test_weights_come_back_from_a_file(submission, rng, device):
    """What save_weights has written, load_weights brings back: every parameter and buffer."""
    for dtype in (torch.float32, torch.float64):
        state, other = random_state(rng, dtype), random_state(rng, dtype)
        assert_state(submission.run(saved_and_loaded, state, other, device), state)


@check(
    points=1,
    zh="save_weights 的文件用默认的 torch.load 就能读，里面是 state_dict：名字与张量。",
    hint="torch.save writes any object: hand it the state_dict and not the model.",
    hint_zh="torch.save 什么对象都能写：交给它的应该是 state_dict，而不是模型。",
)
def test_file_holds_the_state_dict(submission, rng, device):
    """The file of save_weights opens with a plain torch.load and holds names and tensors."""
    state = random_state(rng, torch.float32)
    assert_state(submission.run(names_and_tensors, state, device), state)


@check(
    points=1,
    zh="文件里的名字与模型不符时，load_weights 抛出 RuntimeError，并说出缺少和多余的名字。",
    hint="load_state_dict says all of this by itself, unless strict=False silences it.",
    hint_zh="这些话 load_state_dict 自己就会说，除非用 strict=False 让它闭嘴。",
)
def test_wrong_names_are_refused(submission, rng, device):
    """load_weights raises RuntimeError that names what is missing and what is unexpected."""
    state, renamed = (
        random_state(rng, torch.float32),
        {"0.bias": "head.bias", "2.weight": "tail.matrix"},
    )
    text = submission.run(refusal, state, renamed, device)
    assert text is not None, "no RuntimeError was raised"
    for name in ("0.bias", "2.weight", "head.bias", "tail.matrix"):
        assert name in text, f"{name} does not stand in the text of the error"


@check(
    points=2,
    zh="save_whole 存的整个模型，默认的 torch.load 不肯读，load_whole_trusted 能读回，输出相同。",
    hint="Which argument tells torch.load that the file can be trusted?",
    hint_zh="用哪个参数可以告诉 torch.load 这个文件是可信的？",
)
def test_whole_model_comes_back(submission, rng, device):
    """A plain torch.load refuses the file of save_whole; load_whole_trusted gives the model."""
    state, x = random_state(rng, torch.float32), rng.randn(6, 4)
    inner = functional.linear(x, state["0.weight"], state["0.bias"])
    norms = [state[f"1.{name}"] for name in ("running_mean", "running_var", "weight", "bias")]
    inner = functional.batch_norm(inner, *norms)
    refused, output = submission.run(whole_model, state, x, device)
    assert_equal(refused, expected=True)
    expected = functional.linear(inner, state["2.weight"], state["2.bias"])
    assert_tensor(output, expected, rtol=1e-4, atol=1e-4)


@check(
    points=2,
    zh="检查点用默认的 torch.load 就能读，恰有五项：model、optimizer、scheduler、epoch、rng。",
    hint="A dict with five entries; three of them are the state_dict of something.",
    hint_zh="一个有五项的字典，其中三项是各自的 state_dict。",
)
def test_checkpoint_has_five_entries(submission, rng):
    """A checkpoint opens with a plain torch.load: model, optimizer, scheduler, epoch and rng."""
    weight, _, x, y = random_task(rng)
    arguments = submission.on("cpu").run(contents_of_a_checkpoint, weight, x, y)
    names, epoch, model, after = arguments
    assert_equal(sorted(names), ["epoch", "model", "optimizer", "rng", "scheduler"])
    assert_equal(epoch, 2)
    assert_state(model, {"weight": after})


@check(
    points=3,
    zh="训练 2 个 epoch，存盘，恢复后再训练 2 个，结果与连续训练 4 个 epoch 相同。",
    hint="The momentum stands in the optimizer, the place in the schedule in the scheduler.",
    hint_zh="动量在优化器里，学习率走到哪一步在 scheduler 里。",
)
def test_two_and_two_epochs_are_four(submission, rng):
    """Two epochs, a file, and two more epochs lead where four epochs lead."""
    weight, other, x, y = random_task(rng)
    mistakes = [
        Mistake(
            trained(weight, x, y, momentum_kept=False),
            en="This is the result when the momentum is lost. It is in the optimizer's state.",
            zh="这是丢了动量的结果。动量存在优化器的状态里。",
        ),
        Mistake(
            trained(weight, x, y, place_kept=False),
            en="The schedule has begun anew: the rate is to be halved after 3 epochs in all.",
            zh="学习率计划从头开始了：应从训练开始数起，满 3 个 epoch 才减半。",
        ),
    ]
    epoch, resumed = submission.on("cpu").run(stopped_and_resumed, weight, other, x, y)
    assert_equal(epoch, 2)
    assert_tensor(resumed, trained(weight, x, y), mistakes=mistakes)


@check(
    points=2,
    zh="之后继续训练，快照不会跟着变。",
    hint="The tensors of a state_dict are those of the model. What makes a copy of a tensor?",
    hint_zh="state_dict 里的张量就是模型自己的张量。怎样得到张量的副本？",
)
def test_snapshot_stays(submission, rng):
    """A snapshot stays as it is when the training goes on."""
    weight, _, x, y = random_task(rng)
    step = weight - (x @ weight.t() - y).t() @ x / y.numel()
    mistake = Mistake(
        step,
        en="This is the weight after the training: the snapshot shares its memory with the model.",
        zh="这是训练之后的权重：快照与模型共用了内存。",
    )
    copy = submission.on("cpu").run(snapshot_and_training, weight, x, y)
    assert_equal(sorted(copy), ["weight"])
    assert_tensor(copy["weight"], weight, mistakes=[mistake])
