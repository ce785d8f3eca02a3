"""Hidden checks of ex45_checkpoint: training that goes on, a hostile file, a save that fails."""

import io
import os
from pathlib import Path

import torch
from torch import nn

from grader.checks import assert_equal, assert_tensor, check, probe


@probe
def new_training(state):
    """Return a model, an optimizer with momentum and a scheduler that counts."""
    model = nn.Linear(4, 3).double()
    model.load_state_dict(state)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    return model, optimizer, torch.optim.lr_scheduler.StepLR(optimizer, step_size=3, gamma=0.5)


@probe
def train(training, x, y, epochs):
    """Train for a number of epochs of one step each."""
    model, optimizer, scheduler = training
    for _ in range(epochs):
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()
        scheduler.step()


@probe
def interrupted_training(student, state, other, x, y):
    """Train 2 epochs, save, resume from other weights, train 2 more; return epoch and state."""
    training = new_training(state)
    train(training, x, y, 2)
    student.save_checkpoint("checkpoint.pt", *training, 2)
    resumed = new_training(other)
    epoch = student.resume("checkpoint.pt", *resumed)
    train(resumed, x, y, 2)
    return [epoch, dict(resumed[0].state_dict())]


@probe
def loaded_file(student, content):
    """Say whether load_weights raised, and whether the folder `ran` is there now."""
    Path("weights.pt").write_bytes(content)
    try:
        student.load_weights(nn.Linear(4, 3), "weights.pt", "cpu")
    except NotImplementedError:
        raise
    except Exception:  # noqa: BLE001  whatever refuses it is welcome
        return {"raised": True, "ran": Path("ran").exists()}
    return {"raised": False, "ran": Path("ran").exists()}


@probe
def state_after_a_failed_save(student, state, other):
    """Save, save again with a state that cannot be saved, resume: return the state that is back."""

    class Unsavable(nn.Linear):
        def get_extra_state(self):
            return (value for value in ())

    student.save_checkpoint("checkpoint.pt", *new_training(state), 1)
    _, optimizer, scheduler = new_training(other)
    try:
        student.save_checkpoint("checkpoint.pt", Unsavable(4, 3), optimizer, scheduler, 2)
    except NotImplementedError:
        raise
    except Exception:  # noqa: BLE001  whatever refuses it is welcome
        training = new_training(other)
        student.resume("checkpoint.pt", *training)
        return dict(training[0].state_dict())
    return None


class RunsWhenLoaded:
    """Makes a folder when a trusting torch.load reads it."""

    def __reduce__(self):
        return os.mkdir, ("ran",)


def random_state(rng):
    """Return the state of an nn.Linear(4, 3) in float64."""
    return {"weight": rng.randn(3, 4, dtype=torch.float64), "bias": rng.randn(3).double()}


@check(
    points=3,
    zh="保存并恢复后继续训练，与不中断的训练完全一致。",
    hint="The optimizer's momentum and the scheduler's count belong to the checkpoint.",
    hint_zh="优化器的动量和调度器的计数也要存进检查点。",
)
def test_resumed_training_equals_straight_training(submission, rng):
    """Training that is saved and resumed ends with the weights of training without a break."""
    state, other = random_state(rng), random_state(rng)
    x, y = rng.randn(8, 4, dtype=torch.float64), rng.randn(8, 3, dtype=torch.float64)
    model = nn.Linear(4, 3).double()
    model.load_state_dict(state)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=3, gamma=0.5)
    for _ in range(4):
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()
        scheduler.step()
    epoch, trained = submission.run(interrupted_training, state, other, x, y)
    assert_equal(epoch, 2)
    for name, expected in model.state_dict().items():
        assert_tensor(trained[name], expected)


@check(
    points=2,
    zh="load_weights 拒绝含有代码的文件，且不执行其中的代码。",
    hint="weights_only=True reads tensors and plain containers, and nothing that could act.",
    hint_zh="weights_only=True 只读取张量和普通容器，不会执行任何代码。",
)
def test_load_weights_runs_no_code_of_the_file(submission, rng):
    """load_weights refuses a file that holds code, and runs none of it."""
    content = io.BytesIO()
    torch.save({**random_state(rng), "note": RunsWhenLoaded()}, content)
    outcome = submission.run(loaded_file, content.getvalue())
    assert_equal(outcome, {"raised": True, "ran": False})


@check(
    points=2,
    zh="保存失败时报错，旧的检查点保持完好。",
    hint="Write to another file beside it first; os.replace swaps both in one step.",
    hint_zh="先写到旁边的另一个文件，再用 os.replace 一步替换。",
)
def test_a_failed_save_leaves_the_old_checkpoint(submission, rng):
    """A save that fails raises and leaves the checkpoint that was there before."""
    state, other = random_state(rng), random_state(rng)
    back = submission.run(state_after_a_failed_save, state, other)
    assert back is not None, "the save that cannot succeed raised nothing"
    for name in state:
        assert_tensor(back[name], state[name])
