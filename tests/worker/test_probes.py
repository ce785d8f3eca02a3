"""The standard probes, each on a submission whose answer is known."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from grader import checks
from grader.judge.probes import Probe
from grader.judge.verdicts import Verdict
from tests.bench import Bench, Outcome, check

SUBMISSION = """
import torch
from torch import nn

def scale(x, by):
    return x * by

def detached(x):
    return (x * 2).detach()

def transposed(x):
    return x.T

def noise(n):
    return torch.randn(n)

class Layer(nn.Module):
    def __init__(self, n, frozen=0):
        super().__init__()
        self.linear = nn.Linear(n, 1)
        self.drop = nn.Dropout(0.5)
        if frozen:
            self.extra = nn.Parameter(torch.ones(frozen), requires_grad=False)

    def forward(self, x):
        return self.drop(self.linear(x))

def make_plain(n):
    return nn.Linear(n, 1)

class Forgetful(nn.Linear):
    def __init__(self, n):
        super().__init__(n, 1)
        self.hidden = [torch.randn(1)]

    def forward(self, x):
        return super().forward(x) + self.hidden[0]

class Descent(torch.optim.SGD):
    pass

def train(steps):
    model = nn.Linear(1, 1)
    nn.init.constant_(model.weight, steps)
    nn.init.zeros_(model.bias)
    return model
"""
STATE = {"weight": torch.tensor([[1.0, 2.0]]), "bias": torch.tensor([0.5])}
X = torch.tensor([[1.0, 1.0], [0.0, 2.0]])


def run(bench: Bench, probe: Probe, *args: Any, **options: Any) -> Any:
    """Run a standard probe in a check of its own and return its value."""
    outcome = outcome_of(bench, probe, *args, **options)
    assert not outcome.causes, outcome
    return outcome.value


def outcome_of(bench: Bench, probe: Probe, *args: Any, **options: Any) -> Outcome:
    """Run a standard probe in a check of its own."""
    with bench.grading(SUBMISSION) as grading:
        return check(grading, lambda it: it.run(probe, *args, **options))


def test_describe(bench: Bench) -> None:
    """It tells what kind of tensor came out."""
    assert run(bench, checks.describe, "transposed", [torch.zeros(2, 3)]) == {
        "shape": torch.Size([3, 2]),
        "dtype": torch.float32,
        "device": "cpu",
        "requires_grad": False,
        "is_contiguous": False,
    }


def test_gradients(bench: Bench) -> None:
    """Gradients of the weighted sum arrive at the arguments asked for."""
    a, b, weights = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0]), torch.tensor([1.0, 10.0])
    found = run(bench, checks.gradients, "scale", [a, b], wrt=[1, 0], upstream=weights)
    assert [value.tolist() for value in found] == [(a * weights).tolist(), (b * weights).tolist()]
    (plain,) = run(bench, checks.gradients, "scale", [a, b], wrt=[0])
    assert torch.equal(plain, b)


def test_gradients_that_do_not_arrive_are_none(bench: Bench) -> None:
    """A result without a graph is told apart from a gradient of zero."""
    assert run(bench, checks.gradients, "detached", [X], wrt=[0]) == [None]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_module_output_with_a_given_state(bench: Bench, dtype: torch.dtype) -> None:
    """The state is the judge's, so that the judge knows the output."""
    output = run(bench, checks.module_output, "make_plain", [2], [X.to(dtype)], state=STATE)
    assert torch.equal(output, torch.tensor([[3.5], [4.5]], dtype=dtype))


def test_module_gradients(bench: Bench) -> None:
    """They reach the inputs and every parameter that trains."""
    found = run(bench, checks.module_gradients, "make_plain", [2], [X], state=STATE)
    assert torch.equal(found["output"].flatten(), torch.tensor([3.5, 4.5]))
    assert torch.equal(found["inputs"][0], STATE["weight"].expand(2, 2))
    assert torch.equal(found["parameters"]["weight"], X.sum(0, keepdim=True))
    frozen = run(bench, checks.module_gradients, "Layer", [2, 3], [X])
    assert frozen["parameters"]["extra"] is None


def test_state_dict_and_parameter_count(bench: Bench) -> None:
    """A fresh module tells its parameters by name, those that train apart from the others."""
    assert set(run(bench, checks.state_dict, "make_plain", [2])) == {"weight", "bias"}
    counts = run(bench, checks.parameter_count, "Layer", [2, 5])
    assert counts == {"trainable": 3, "frozen": 5}


@pytest.mark.parametrize(("maker", "same"), [("make_plain", True), ("Forgetful", False)])
def test_state_dict_round_trip(bench: Bench, maker: str, same: bool) -> None:  # noqa: FBT001  a table's column
    """What is not in the state is missing after it was saved and loaded."""
    found = run(bench, checks.state_dict_round_trip, maker, [2], [X])
    assert torch.equal(found["before"], found["after"]) is same
    assert found["keys"] == ["weight", "bias"]


def test_train_and_eval(bench: Bench) -> None:
    """Dropout is seen in training mode and not in evaluation mode."""
    x = torch.ones(64, 2)
    found = run(bench, checks.train_and_eval, "Layer", [2], [x])
    assert not torch.equal(*found["train"])
    assert torch.equal(*found["eval"])


def test_same_seed(bench: Bench) -> None:
    """Two calls after the same seed agree for code that draws from torch's generator."""
    first, second = run(bench, checks.same_seed, "noise", [5], seed=3)
    assert torch.equal(first, second)
    torch.manual_seed(3)
    assert torch.equal(first, torch.randn(5))


def test_optimizer_steps(bench: Bench) -> None:
    """The parameters after each step are those of the gradients given."""
    start, gradients = [torch.ones(2)], [[torch.ones(2)], [torch.tensor([2.0, 0.0])]]
    history = run(bench, checks.optimizer_steps, "Descent", start, gradients, {"lr": 0.5})
    assert [step[0].tolist() for step in history] == [[0.5, 0.5], [-0.5, 0.5]]


def test_train_then_predict(bench: Bench) -> None:
    """The data to predict are sent after the training has ended."""

    def body(it: Any) -> Any:
        conversation = it.start(checks.train_then_predict, "train", [3])
        assert conversation.value is None
        return conversation.send([torch.tensor([[2.0]])])

    with bench.grading(SUBMISSION) as grading:
        outcome = check(grading, body)
    assert outcome.value.item() == 6.0


def test_a_name_that_is_missing_is_told_as_such(bench: Bench) -> None:
    """Standard probes find names as calls do."""
    outcome = outcome_of(bench, checks.module_output, "Layr", [2], [X])
    assert (outcome.verdict, outcome.kind) == (Verdict.FAILED, "missing_name")
    assert outcome.causes[0].data["near"] == "Layer"


def test_meta_tensors_go_in_and_come_out(bench: Bench) -> None:
    """`on("meta")` places the arguments, and what comes back is a meta tensor still."""
    with bench.grading(SUBMISSION) as grading:
        outcome = check(grading, lambda it: it.on("meta").scale(X, X))
    assert (outcome.value.device.type, outcome.value.shape) == ("meta", X.shape)


def test_parameters_cross_as_plain_tensors(bench: Bench) -> None:
    """A module's parameter arrives as the tensor that it holds."""
    with bench.grading("from torch import nn\ndef f(): return nn.Linear(1, 2).weight\n") as grading:
        value = check(grading, lambda it: it.f()).value
    assert type(value) is torch.Tensor
    assert not isinstance(value, nn.Parameter)
