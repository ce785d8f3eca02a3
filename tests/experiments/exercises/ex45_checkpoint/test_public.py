"""Public checks of ex45_checkpoint: weights through a file, and a snapshot."""

import torch
from torch import nn

from grader.checks import Mistake, assert_equal, assert_tensor, check, probe

CHANGED = ("The snapshot has changed together with the model.", "snapshot 随模型一起变了。")


@probe
def weights_through_a_file(student, state, other):
    """Save a model, return what torch.load reads and what a second model is after load_weights."""
    first, second = nn.Linear(5, 3), nn.Linear(5, 3)
    first.load_state_dict(state)
    second.load_state_dict(other)
    student.save_weights(first, "weights.pt")
    student.load_weights(second, "weights.pt", "cpu")
    return [dict(torch.load("weights.pt")), dict(second.state_dict())]


@probe
def snapshot_and_then_a_step(student, state):
    """Return the snapshot of a model that has changed since."""
    model = nn.Linear(5, 3)
    model.load_state_dict(state)
    kept = student.snapshot(model)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(2.0)
    return dict(kept)


def random_state(rng):
    """Return the state of an nn.Linear(5, 3)."""
    return {"weight": rng.randn(3, 5), "bias": rng.randn(3)}


@check(
    points=2,
    zh="权重写入文件，torch.load 能读出，load_weights 能装回模型。",
    hint="torch.save(model.state_dict(), path) and model.load_state_dict(torch.load(path)).",
    hint_zh="torch.save(model.state_dict(), path)，再 model.load_state_dict(torch.load(path))。",
)
def test_weights_survive_a_file(submission, rng):
    """Weights go through a file: torch.load reads them and load_weights puts them back."""
    state, other = random_state(rng), random_state(rng)
    read, loaded = submission.run(weights_through_a_file, state, other)
    assert_equal(read, state)
    assert_equal(loaded, state)


@check(
    points=2,
    zh="继续训练不会改变 snapshot 的结果。",
    hint="state_dict() shares memory with the model: clone every tensor.",
    hint_zh="state_dict() 与模型共享内存，请逐个 clone。",
)
def test_snapshot_stays_when_training_goes_on(submission, rng):
    """A snapshot does not change when training goes on."""
    state = random_state(rng)
    kept = submission.run(snapshot_and_then_a_step, state)
    assert_equal(sorted(kept), sorted(state))
    for name, value in state.items():
        assert_tensor(kept[name], value, mistakes=[Mistake(2 * value, *CHANGED)])
