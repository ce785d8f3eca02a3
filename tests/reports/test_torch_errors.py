"""What the errors of PyTorch mean: each is provoked for real, and claimed by one entry alone."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterator
from re import _constants, _parser  # type: ignore[attr-defined]  # they parse what re compiles
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from grader.judge.results import Cause, Datum
from grader.reports.messages import placeholders
from grader.reports.torch_errors import explain_error, known_errors
from grader.text import LANGS
from tests.reports.cases import HOSTILE

X, INTEGERS = torch.ones(2, 3), torch.ones(2, 3, dtype=torch.int64)
CLASSES = torch.tensor([0, 2])
META = torch.ones(2, 3, device="meta")


def _weight() -> torch.Tensor:
    return torch.ones(3, requires_grad=True)


def _backward(loss: torch.Tensor) -> None:
    loss.backward()  # type: ignore[no-untyped-call]  # torch has no types for it


def _twice() -> None:
    loss = (_weight() ** 2).sum()
    _backward(loss)
    _backward(loss)


def _update() -> None:
    weight = _weight()
    weight -= 0.1


def _first_of_update() -> None:
    weight = _weight()
    weight[0] = 0


def _changes_what_backward_needs() -> None:
    y = _weight().exp()
    y += 1
    _backward(y.sum())


class _WithoutSuper(nn.Module):
    def __init__(self, part: Any) -> None:
        self.part = part


class _WithoutLayers(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = [nn.Linear(2, 2)]


class _Misspelt(nn.Module):
    def forward(self, x: torch.Tensor) -> Any:
        return self.fc(x)  # type: ignore[operator]  # the mistake


def _load(**changed: torch.Tensor | None) -> None:
    layer = nn.Linear(3, 4)
    state = layer.state_dict() | changed
    layer.load_state_dict({name: value for name, value in state.items() if value is not None})


def _nothing() -> Any:
    return None


def _unpack() -> None:
    _output, _state = _nothing()


def _unpack_fewer() -> None:
    _mean, _std = [X]  # type: ignore[misc]  # the mistake


def _unpack_more() -> None:
    _mean, _std = {"first": 1, "second": 2, "third": 3}


def _with_class() -> None:
    with torch.no_grad:  # type: ignore[attr-defined]  # the mistake
        pass


def _input() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.StringIO())
        input()


PROVOKED: dict[str, list[Callable[[], object]]] = {
    "matmul": [lambda: X @ X, lambda: nn.Linear(5, 4)(X), lambda: torch.mm(X, X)],
    "matmul_one_row": [lambda: nn.Linear(3, 4)(X.flatten())],
    "matmul_vector": [lambda: X @ torch.ones(4), lambda: torch.ones(3) @ torch.ones(4)],
    "matmul_batches": [
        lambda: torch.ones(2, 3, 4) @ torch.ones(2, 3, 4),
        lambda: torch.bmm(torch.ones(2, 3, 4), torch.ones(2, 5, 6)),
    ],
    "broadcast": [lambda: X + torch.ones(2), lambda: X.T - X],
    "conv_dims": [lambda: nn.Conv2d(1, 1, 3)(X), lambda: nn.Conv1d(1, 1, 3)(X[None, None])],
    "conv_channels": [
        lambda: nn.Conv2d(3, 8, 3)(torch.ones(2, 1, 9, 9)),
        lambda: nn.ConvTranspose2d(3, 8, 3)(torch.ones(2, 1, 9, 9)),
    ],
    "kernel_too_large": [
        lambda: nn.Conv2d(1, 1, 7)(torch.ones(1, 1, 5, 5)),
        lambda: nn.MaxPool2d(7)(torch.ones(1, 1, 5, 5)),
    ],
    "view_size": [lambda: X.T.view(6)],
    "reshape_size": [lambda: X.view(4), lambda: X.reshape(-1, 4)],
    "stack_sizes": [lambda: torch.stack([torch.ones(2), torch.ones(3)])],
    "cat_sizes": [lambda: torch.cat([X, torch.ones(2, 4)])],
    "cat_dims": [lambda: torch.cat([X, torch.ones(2)])],
    "batch_norm_single": [lambda: nn.BatchNorm1d(3)(torch.ones(1, 3))],
    "normalized_shape": [lambda: nn.LayerNorm(4)(X)],
    "matmul_dtype": [
        lambda: nn.Linear(3, 4)(X.double()),
        lambda: X @ INTEGERS.T,
        lambda: X @ torch.ones(3).double(),
        lambda: torch.ones(3) @ torch.ones(3).double(),
        lambda: torch.bmm(X[None], X.T[None].double()),
        lambda: nn.Conv2d(1, 1, 3)(torch.from_numpy(np.ones((1, 1, 5, 5)))),
        lambda: nn.Conv2d(1, 1, 3)(torch.ones(1, 1, 5, 5).byte()),
    ],
    "needs_float": [
        INTEGERS.mean,
        lambda: INTEGERS.softmax(0),
        lambda: functional.cross_entropy(INTEGERS, CLASSES),
    ],
    "in_place_dtype": [lambda: INTEGERS.clone().add_(0.5), lambda: INTEGERS.clone().div_(2)],
    "integer_gradient": [
        lambda: torch.tensor([1, 2], requires_grad=True),
        lambda: INTEGERS.clone().requires_grad_(),
    ],
    "device": [
        lambda: X + META,
        lambda: torch.cat([X, META]),
        lambda: nn.Linear(3, 4, device="meta")(X),
    ],
    "device_numpy": [META.numpy],
    "second_backward": [_twice],
    "leaf_in_place": [_update, _first_of_update],
    "modified_in_place": [_changes_what_backward_needs],
    "no_graph": [lambda: _backward(X.sum())],
    "not_scalar": [lambda: _backward(2 * _weight())],
    "numpy_grad": [lambda: _weight().numpy()],
    "unused_in_graph": [lambda: torch.autograd.grad(_weight().sum(), _weight())],
    "target_dtype": [
        lambda: functional.cross_entropy(X, torch.zeros(2)),
        lambda: functional.cross_entropy(X, torch.zeros(2, dtype=torch.int32)),
        lambda: functional.nll_loss(X, torch.zeros(2)),
    ],
    "target_range": [
        lambda: functional.cross_entropy(X, CLASSES + 1),
        lambda: functional.cross_entropy(X, CLASSES - 1),
    ],
    "target_dims": [lambda: functional.cross_entropy(X, CLASSES[:, None])],
    "batch_size": [lambda: functional.cross_entropy(X, torch.zeros(4, dtype=torch.int64))],
    "target_size": [
        lambda: functional.mse_loss(torch.ones(4, 1), torch.ones(4)),
        lambda: functional.binary_cross_entropy(torch.ones(4, 1), torch.ones(4)),
        lambda: functional.binary_cross_entropy_with_logits(torch.ones(4, 1), torch.ones(4)),
    ],
    "probability_input": [lambda: functional.binary_cross_entropy(2 * X, X)],
    "loss_dtype": [lambda: functional.binary_cross_entropy(X, INTEGERS)],
    "index_range": [lambda: X[2], lambda: X[torch.tensor([2])], lambda: X.gather(1, 9 * INTEGERS)],
    "embedding_range": [lambda: nn.Embedding(2, 3)(CLASSES), lambda: nn.Embedding(2, 3)(-CLASSES)],
    "embedding_dtype": [lambda: nn.Embedding(3, 2)(X)],
    "index_dtype": [lambda: X[torch.tensor([1.0])]],
    "mask_shape": [lambda: X[torch.tensor([True, False, True])]],
    "too_many_indices": [lambda: X[0, 0, 0], lambda: X.sum()[0]],
    "dim_range": [lambda: X.sum(2)],
    "ambiguous_truth": [lambda: bool(X > 0), lambda: bool(X.numpy() > 0)],
    "one_element": [X.item, lambda: float(X), lambda: int(X), lambda: float(X.numpy())],
    "probability_range": [
        lambda: nn.Dropout(50),
        lambda: functional.dropout(X, -0.1),
        lambda: torch.bernoulli(2 * X),
        lambda: torch.multinomial(-X, 1),
    ],
    "not_a_tensor": [lambda: torch.relu(3.0), lambda: nn.Linear(2, 2)([1.0, 2.0])],  # type: ignore[arg-type]  # the mistake
    "layer_for_tensor": [
        lambda: nn.Linear(2, 2)(nn.ReLU()),  # the mistake
        lambda: functional.linear(nn.Conv2d(1, 1, 1), X),  # type: ignore[arg-type]  # the mistake
        lambda: torch.relu(nn.ReLU),  # type: ignore[arg-type]  # the mistake
    ],
    "no_such_form": [
        lambda: torch.linspace(0, 1),
        lambda: X.sum("a"),  # type: ignore[call-overload]  # the mistake
        lambda: X.view(2.0),  # type: ignore[call-overload]  # the mistake
    ],
    "name": [lambda: int64],  # type: ignore[name-defined]  # noqa: F821  the mistake
    "key": [lambda: {"a": 1}["key"], lambda: {1: 1}[-3]],
    "arguments": [
        lambda: _weight(1),  # type: ignore[call-arg]  # the mistake
        lambda: _weight(x=1),  # type: ignore[call-arg]  # the mistake
        _backward,  # type: ignore[list-item]  # the mistake
        lambda: _backward(X, loss=X),  # type: ignore[misc]  # the mistake
        lambda: nn.Linear(2),  # type: ignore[call-arg]  # the mistake
        lambda: _raise(ValueError(), 1, 2),  # type: ignore[call-arg]  # the mistake
    ],
    "unpack": [_unpack_fewer, _unpack_more],
    "missing_call": [
        lambda: list(nn.Linear(2, 2).parameters),  # type: ignore[call-overload]  # the mistake
        lambda: X.size[0],  # type: ignore[index]  # the mistake
        lambda: _backward(X.sum),  # type: ignore[arg-type]  # the mistake
        lambda: X.item + 1,  # type: ignore[operator]  # the mistake
        lambda: 1 + X.item,  # type: ignore[operator]  # the mistake
        lambda: float(X.item),  # type: ignore[arg-type]  # the mistake
        lambda: torch.tensor(X.sum),
    ],
    "missing_call_with": [_with_class],
    "generator": [
        lambda: len(nn.Linear(2, 2).parameters()),  # type: ignore[arg-type]  # the mistake
        lambda: map(str, [1])[0],  # type: ignore[index]  # the mistake
    ],
    "input": [_input],
    "generator_attribute": [lambda: torch.Generator().randn(3)],  # type: ignore[attr-defined]  # the mistake
    "none": [
        lambda: _nothing().shape,
        lambda: _nothing()[0],
        lambda: _nothing() + 1,
        lambda: 1 + _nothing(),
        lambda: _nothing()(X),
        lambda: list(_nothing()),
        _unpack,
    ],
    "super_init": [
        lambda: _WithoutSuper(nn.Linear(2, 2)),
        lambda: _WithoutSuper(nn.Parameter(X)),
        lambda: nn.Module.register_buffer(nn.Module.__new__(nn.Module), "mask", X),
    ],
    "tensor_attribute": [lambda: X.stack, lambda: nn.Parameter(X).length],  # type: ignore[attr-defined]  # the mistake
    "torch_attribute": [lambda: torch.arrange, lambda: nn.functional.soft_max],  # type: ignore[attr-defined]  # the mistake
    "own_attribute": [lambda: _Misspelt()(X), lambda: nn.Linear(2, 2).weights],
    "no_forward": [lambda: _WithoutLayers()(X)],
    "not_a_parameter": [lambda: setattr(nn.Linear(2, 2), "weight", X)],
    "state_dict_keys": [
        lambda: _load(bias=None),
        lambda: _load(scale=X),
        lambda: _load(bias=None, scale=X, weight=X),
    ],
    "state_dict_size": [lambda: _load(weight=X), lambda: _load(weight=X, bias=X)],
    "empty_optimizer": [lambda: torch.optim.SGD(_WithoutLayers().parameters(), lr=0.1)],
    "optimizer_parameters": [lambda: torch.optim.SGD(_weight(), lr=0.1)],
    "optimizer_leaf": [lambda: torch.optim.SGD([2 * _weight()], lr=0.1)],
}
"""For each entry the mistakes that lead to its error."""

ELSEWHERE = [
    (
        "device",
        (
            "Expected all tensors to be on the same device, but found at least two devices, cuda:0 "
            "and cpu! (when checking argument for argument mat1 in method wrapper_CUDA_addmm)"
        ),
    ),
    (
        "device",
        (
            "Expected all tensors to be on the same device, but got mat2 is on cpu, different from "
            "other tensors on cuda:0 (when checking argument in method wrapper_CUDA_mm)"
        ),
    ),
    (
        "device",
        (
            "Tensor for argument #2 'mat2' is on CPU, but expected it to be on GPU (while checking "
            "arguments for mm)"
        ),
    ),
    ("matmul", "mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)"),
    ("needs_float", "\"log_softmax_lastdim_kernel_impl\" not implemented for 'Long'"),
    (
        "no_gpu",
        (
            "Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU and "
            "installed a driver from http://www.nvidia.com/Download/index.aspx"
        ),
    ),
    ("target_dtype", "expected scalar type Long but found Float"),
]
"""Errors as RuntimeErrors that other devices and versions of torch give."""

MISTAKES = [
    pytest.param(name, mistake, id=f"{name}-{number}")
    for name, mistakes in PROVOKED.items()
    for number, mistake in enumerate(mistakes, start=1)
]


def _claiming(kind: str, text: str) -> list[str]:
    return [
        known.name
        for known in known_errors()
        if kind in known.types and any(each.fullmatch(text) for each in known.patterns)
    ]


def _raised(mistake: Callable[[], object]) -> tuple[str, str]:
    """The type and the text of the exception that a mistake leads to; a warning counts as one."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        with pytest.raises(Exception) as caught:  # noqa: PT011  which one is what is asked
            mistake()
    return type(caught.value).__name__, str(caught.value)


@pytest.mark.parametrize(("name", "mistake"), MISTAKES)
def test_a_real_error_is_claimed_by_its_own_entry_alone(
    name: str, mistake: Callable[[], object]
) -> None:
    """The installed torch raises it, and both languages say what it means, in one line."""
    kind, text = _raised(mistake)
    assert _claiming(kind, text) == [name], (kind, text)
    meaning = explain_error(Cause("raised", {"type": kind, "text": text}))
    assert meaning is not None
    for lang in LANGS:
        assert not set("{}\n") & set(meaning[lang])


@pytest.mark.parametrize(("name", "text"), ELSEWHERE)
def test_other_devices_and_versions_are_known(name: str, text: str) -> None:
    """What cannot be provoked here is recognised by its words."""
    assert _claiming("RuntimeError", text) == [name]


def test_every_entry_is_tested() -> None:
    """No entry is without an error that leads to it."""
    assert {known.name for known in known_errors()} == {*PROVOKED, *dict(ELSEWHERE)}


class _Box:
    size = 1


ORDINARY: list[Callable[[], object]] = [
    lambda: list(range(3))[3],
    lambda: 1 / 0,
    lambda: int("one"),
    lambda: "a" + 1,  # type: ignore[operator]  # the mistake
    lambda: len(5),  # type: ignore[arg-type]  # the mistake
    lambda: [1].shape,  # type: ignore[attr-defined]  # the mistake
    lambda: _raise(ValueError("the shapes differ: (2, 3) and (3, 2)")),
    lambda: _raise(ValueError("Target 3 is out of bounds.")),
    lambda: _raise(RuntimeError("expected a tensor")),
    lambda: _raise(AssertionError()),
    lambda: _Box(1),  # type: ignore[call-arg]  # the mistake
]


def _raise(error: Exception) -> None:
    raise error


@pytest.mark.parametrize("mistake", ORDINARY)
def test_ordinary_errors_stay_without_explanation(mistake: Callable[[], object]) -> None:
    """A student's own words, and what Python says plainly, are left to speak for themselves."""
    kind, text = _raised(mistake)
    assert explain_error(Cause("raised", {"type": kind, "text": text})) is None


@pytest.mark.parametrize(
    "data", [{}, {"type": "RuntimeError"}, {"text": "a"}, {"type": None, "text": 3.0}]
)
def test_without_type_and_text_nothing_is_explained(data: dict[str, Any]) -> None:
    """A hidden check has no text, and a report that was read may hold anything."""
    assert explain_error(Cause("raised", data)) is None


def test_a_wrong_exception_in_place_of_a_wanted_one_gets_no_advice() -> None:
    """Where the task asks for an exception, advice to avoid it would contradict the task."""
    data: dict[str, Datum] = {"type": "KeyError", "text": "'b'", "expected": "IndexError"}
    assert explain_error(Cause("raised", data)) is not None
    assert explain_error(Cause("raised_other", data)) is None


@pytest.mark.parametrize("known", known_errors(), ids=lambda known: known.name)
def test_both_languages_use_what_every_pattern_gives(known: Any) -> None:
    """A sentence has no placeholder that a pattern leaves empty."""
    used = placeholders(known.meaning.en)
    assert placeholders(known.meaning.zh) == used
    for pattern in known.patterns:
        assert used <= set(pattern.groupindex)


def test_hostile_text_is_not_explained() -> None:
    """Neither controls nor markup get into an explanation by way of a name."""
    text = f"'Net' object has no attribute '{HOSTILE}'"
    assert explain_error(Cause("raised", {"type": "AttributeError", "text": text})) is None


def _repeats(parsed: Any) -> Iterator[tuple[int, Any]]:
    """The most repetitions and the body of each repetition of a parsed pattern, at any depth."""
    for operation, argument in parsed:
        if operation in (_constants.MAX_REPEAT, _constants.MIN_REPEAT):
            yield argument[1], argument[2]
        parts = argument if isinstance(argument, list | tuple) else [argument]
        for part in parts:
            for inner in part if isinstance(part, list) else [part]:
                if isinstance(inner, _parser.SubPattern):
                    yield from _repeats(inner)


@pytest.mark.parametrize("known", known_errors(), ids=lambda known: known.name)
def test_patterns_cannot_run_away(known: Any) -> None:
    """Every repetition is bounded and holds no other, so the time is bounded whatever the text."""
    for pattern in known.patterns:
        body = re.sub(r"\.\*$", "", pattern.pattern)
        assert ".*" not in body
        for most, inside in _repeats(_parser.parse(body)):
            assert most <= 150
            assert most == 1 or not list(_repeats(inside))
