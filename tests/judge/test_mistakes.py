"""Each kind of mistake, as students make it in code, is called by its own name and no other."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import torch
from torch.nn import functional

from grader.judge.compare import assert_tensor
from grader.judge.diagnosis import looks_like
from grader.judge.evidence import Pair
from grader.judge.failures import CheckFailed
from grader.judge.results import Cause, Datum
from grader.judge.shape_diagnoses import OF_SHAPES
from grader.judge.tolerance import tolerance_for
from grader.judge.value_diagnoses import OF_VALUES
from grader.reports.messages import catalogue

Draw = Callable[..., torch.Tensor]
"""Draws normally distributed values of a shape."""
Code = Callable[[Draw], torch.Tensor]


@dataclass(frozen=True)
class Slip:
    """What the task asks for, what a student writes instead, and what it looks like."""

    kind: str
    right: Code
    wrong: Code
    data: tuple[tuple[str, Datum], ...] = ()
    sizes: tuple[int, ...] = ()
    """What the check's author says of means and sums."""


def slip(kind: str, right: Code, wrong: Code, *sizes: int, **data: Datum) -> Slip:
    """A slip with its data as keywords."""
    return Slip(kind, right, wrong, tuple(data.items()), sizes)


def _picture(draw: Draw) -> torch.Tensor:
    return draw(6, 9)


def _correlated(picture: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
    return functional.conv2d(picture[None, None], kernel[None, None])[0, 0]


def _causal(draw: Draw, left: int, right: int) -> torch.Tensor:
    series, kernel = draw(1, 1, 20), draw(1, 1, 3)
    return functional.conv1d(functional.pad(series, (left, right)), kernel)[0, 0]


def _powers(draw: Draw, exponents: range) -> torch.Tensor:
    x = draw(7)
    return torch.stack([x**k for k in exponents], dim=1)


def _log_likelihood(draw: Draw) -> torch.Tensor:
    labels = torch.tensor([0, 2, 1, 2, 0])
    return draw(5, 3).log_softmax(1)[torch.arange(5), labels]


def _never_written(draw: Draw) -> torch.Tensor:
    out = torch.zeros(6)
    for value, row in zip(out, _picture(draw), strict=True):
        value = row.sum()  # noqa: F841, PLW2901  the mistake: it names something new
    return out


def _gradient(draw: Draw, share: float) -> torch.Tensor:
    features, weights, targets = draw(12, 4), draw(4), draw(12)
    return features.T @ (features @ weights - targets) * share


def _standardised(draw: Draw, correction: int) -> torch.Tensor:
    x = draw(10, 4)
    return (x - x.mean(0)) / x.std(0, correction=correction)


def _heads(draw: Draw) -> torch.Tensor:
    return draw(2, 5, 12).view(2, 5, 3, 4)


def _scores(draw: Draw, queries: int, *, swapped: bool) -> torch.Tensor:
    query, key = draw(queries, 8), draw(6, 8)
    return key @ query.T if swapped else query @ key.T


SLIPS = {
    # ---------------------------------------------------------------- the right shape
    "keys times queries": slip(
        "looks_transposed",
        lambda draw: _scores(draw, 6, swapped=False),
        lambda draw: _scores(draw, 6, swapped=True),
    ),
    "a true convolution": slip(
        "looks_flipped",
        lambda draw: _correlated(draw(5, 5), torch.eye(1)),
        lambda draw: _correlated(draw(5, 5).flip(0, 1), torch.eye(1)),
        dims="0, 1",
    ),
    "powers from the highest down": slip(
        "looks_flipped",
        lambda draw: _powers(draw, range(5)),
        lambda draw: _powers(draw, range(4, -1, -1)),
        dims="1",
    ),
    "scores not divided by the root of d": slip(
        "looks_scaled",
        lambda draw: _scores(draw, 5, swapped=False) / math.sqrt(8),
        lambda draw: _scores(draw, 5, swapped=False),
        factor=math.sqrt(8),
    ),
    "gradient of a sum for that of a mean": slip(
        "looks_summed",
        lambda draw: _gradient(draw, 2 / 12),
        lambda draw: _gradient(draw, 2),
        12,
        n=12,
    ),
    "mean over the classes for a sum": slip(
        "looks_averaged",
        lambda draw: (draw(6, 10) ** 2).sum(1),
        lambda draw: (draw(6, 10) ** 2).mean(1),
        10,
        n=10,
    ),
    "sum for a mean in a loss": slip(
        "looks_summed",
        lambda draw: functional.mse_loss(draw(8, 3), draw(8, 3)),
        lambda draw: functional.mse_loss(draw(8, 3), draw(8, 3), reduction="sum"),
        24,
        n=24,
    ),
    "bias added twice": slip(
        "looks_offset",
        lambda draw: draw(9, 4) @ draw(4) + 0.75,
        lambda draw: draw(9, 4) @ draw(4) + 0.75 + 0.75,
        constant=0.75,
    ),
    "padding on both sides of a causal convolution": slip(
        "looks_shifted",
        lambda draw: _causal(draw, 2, 0),
        lambda draw: _causal(draw, 1, 1),
        dim=0,
        by=-1,
    ),
    "softmax over the batch": slip(
        "looks_softmax_other_axis",
        lambda draw: draw(6, 4).softmax(1),
        lambda draw: draw(6, 4).softmax(0),
        dim=0,
    ),
    "log_softmax over the batch": slip(
        "looks_softmax_other_axis",
        lambda draw: draw(6, 4).log_softmax(1),
        lambda draw: draw(6, 4).log_softmax(0),
        dim=0,
    ),
    "likelihood without its minus": slip(
        "looks_negated",
        lambda draw: -_log_likelihood(draw),
        _log_likelihood,
    ),
    "result never written": slip("looks_zero", lambda draw: _picture(draw).sum(1), _never_written),
    "biased variance": slip(
        "looks_correction",
        lambda draw: draw(10, 4).var(0),
        lambda draw: draw(10, 4).var(0, correction=0),
        10,
        n=10,
    ),
    "unbiased standard deviation in a normalisation": slip(
        "looks_correction",
        lambda draw: _standardised(draw, 0),
        lambda draw: _standardised(draw, 1),
        n=10,
    ),
    "variance for a standard deviation": slip(
        "looks_power",
        lambda draw: draw(10, 4).std(0),
        lambda draw: draw(10, 4).var(0),
        missing="root",
    ),
    "error without its root": slip(
        "looks_power",
        lambda draw: functional.mse_loss(3 * draw(8, 3), draw(8, 3)).sqrt(),
        lambda draw: functional.mse_loss(3 * draw(8, 3), draw(8, 3)),
        missing="root",
    ),
    "norm where its square is wanted": slip(
        "looks_power",
        lambda draw: (draw(7, 5) ** 2).sum(1),
        lambda draw: draw(7, 5).norm(dim=1),
        missing="square",
    ),
    "softmax for log_softmax": slip(
        "looks_exponential",
        lambda draw: draw(6, 4).log_softmax(1),
        lambda draw: draw(6, 4).softmax(1),
        missing="log",
    ),
    "log-probabilities for probabilities": slip(
        "looks_exponential",
        lambda draw: draw(6, 4).softmax(1),
        lambda draw: draw(6, 4).log_softmax(1),
        missing="exp",
    ),
    "scores for probabilities": slip(
        "looks_logits",
        lambda draw: draw(6, 4).softmax(1),
        lambda draw: draw(6, 4),
        how="softmax",
        dim=1,
    ),
    "scores of one sample for log-probabilities": slip(
        "looks_logits",
        lambda draw: draw(6).log_softmax(0),
        lambda draw: draw(6),
        how="log_softmax",
        dim=0,
    ),
    "relu after the last layer": slip(
        "looks_clipped",
        lambda draw: draw(8, 5) @ draw(5, 3),
        lambda draw: (draw(8, 5) @ draw(5, 3)).relu(),
        relu="surplus",
    ),
    "no relu between the layers": slip(
        "looks_clipped",
        lambda draw: (draw(8, 5) @ draw(5, 3)).relu(),
        lambda draw: draw(8, 5) @ draw(5, 3),
        relu="missing",
    ),
    "leaky relu for relu": slip(
        "looks_clipped",
        lambda draw: draw(8, 5).relu(),
        lambda draw: functional.leaky_relu(draw(8, 5)),
        relu="missing",
    ),
    "view for permute": slip(
        "looks_regrouped",
        lambda draw: draw(6, 9, 3).permute(2, 0, 1),
        lambda draw: draw(6, 9, 3).view(3, 6, 9),
    ),
    "heads split without transpose": slip(
        "looks_regrouped",
        lambda draw: _heads(draw).transpose(1, 2),
        lambda draw: _heads(draw).reshape(2, 3, 5, 4),
    ),
    "permute for view": slip(
        "looks_regrouped",
        lambda draw: draw(3, 8).view(8, 3),
        lambda draw: draw(3, 8).T,
    ),
    # ---------------------------------------------------------------- another shape
    "queries times keys, other lengths": slip(
        "looks_transposed",
        lambda draw: _scores(draw, 5, swapped=False),
        lambda draw: _scores(draw, 5, swapped=True),
    ),
    "channels first, but turned": slip(
        "looks_permuted",
        lambda draw: draw(6, 9, 3).permute(2, 0, 1),
        lambda draw: draw(6, 9, 3).permute(2, 1, 0).permute(1, 2, 0),
        dims="(2, 1, 0)",
    ),
    "heads not brought to the front": slip(
        "looks_permuted",
        lambda draw: _heads(draw).transpose(1, 2),
        _heads,
        dims="(0, 2, 1, 3)",
    ),
    "keepdim too much": slip(
        "looks_keepdim",
        lambda draw: draw(6, 4).mean(1),
        lambda draw: draw(6, 4).mean(1, keepdim=True),
    ),
    "keepdim missing": slip(
        "looks_squeezed",
        lambda draw: draw(6, 4).amax(1, keepdim=True),
        lambda draw: draw(6, 4).amax(1),
    ),
    "batch flattened too": slip(
        "looks_reshaped",
        lambda draw: draw(4, 3, 5).flatten(1),
        lambda draw: draw(4, 3, 5).flatten(),
    ),
    "one loss per sample": slip(
        "looks_unreduced",
        lambda draw: functional.mse_loss(draw(8), draw(8)),
        lambda draw: functional.mse_loss(draw(8), draw(8), reduction="none"),
        how="mean",
    ),
    "mean over everything": slip(
        "looks_reduced",
        lambda draw: (draw(6, 4) ** 2).mean(1),
        lambda draw: (draw(6, 4) ** 2).mean(),
        how="mean",
    ),
}

ALSO = {
    "looks_transposed": {"looks_permuted", "looks_regrouped"},
    "looks_permuted": {"looks_reshaped"},
    "looks_keepdim": {"looks_reshaped", "looks_unreduced"},
    "looks_squeezed": {"looks_reshaped", "looks_reduced"},
    "looks_exponential": {"looks_logits"},
    "looks_logits": {"looks_offset"},
}
"""What another diagnosis may rightly say as well; the simpler one stands first and is told."""


def _drawn(code: Code, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return code(lambda *shape: torch.randn(shape, generator=generator))


def _told(actual: torch.Tensor, expected: torch.Tensor, sizes: tuple[int, ...]) -> list[Cause]:
    with pytest.raises(CheckFailed) as caught:
        assert_tensor(actual, expected, sizes=sizes)
    return [cause for cause in caught.value.causes if cause.kind.startswith("looks_")]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("case", SLIPS.values(), ids=SLIPS)
def test_a_mistake_is_called_by_its_own_name(case: Slip, seed: int) -> None:
    """A check tells one kind, with what it found out, whatever the inputs."""
    (cause,) = _told(_drawn(case.wrong, seed), _drawn(case.right, seed), case.sizes)
    assert cause.kind == case.kind
    assert cause.data == {
        key: pytest.approx(value, rel=1e-4) if isinstance(value, float) else value
        for key, value in case.data
    }


@pytest.mark.parametrize("case", SLIPS.values(), ids=SLIPS)
def test_no_other_diagnosis_takes_a_mistake_for_its_own(case: Slip) -> None:
    """Not only the first diagnosis that speaks is right: the others are silent."""
    actual, expected = _drawn(case.wrong, 1), _drawn(case.right, 1)
    pair = Pair(
        actual.double(), expected.double(), tolerance_for(expected.dtype, None, None), case.sizes
    )
    diagnoses = OF_VALUES if actual.shape == expected.shape else OF_SHAPES
    kinds = {cause.kind for diagnose in diagnoses if (cause := diagnose(pair))}
    assert kinds - ALSO.get(case.kind, set()) == {case.kind}


def test_every_kind_has_its_mistake() -> None:
    """No diagnosis is without code that leads to it."""
    known = {kind for kind in catalogue()["causes"] if kind.startswith("looks_")}
    assert {case.kind for case in SLIPS.values()} == known


SILENT: dict[str, tuple[Code, Code]] = {
    "another model's scores": (
        lambda draw: draw(6, 4).softmax(1),
        lambda draw: (draw(6, 4) + draw(6, 4)).softmax(1),
    ),
    "scores of another model": (
        lambda draw: draw(6, 4).softmax(1),
        lambda draw: draw(6, 4) + draw(6, 4),
    ),
    "noise near 1, where roots and squares hardly differ": (
        lambda draw: 1 + 1e-4 * draw(6, 4),
        lambda draw: 1 + 1e-4 * draw(6, 4) + 1e-4 * draw(6, 4),
    ),
    "noise near 0, where exp and 1 + x hardly differ": (
        lambda draw: 1e-4 * draw(6, 4),
        lambda draw: 1 + 1e-4 * draw(6, 4) + 1e-4 * draw(6, 4),
    ),
    "a border that is not written": (
        lambda draw: draw(6).abs() * torch.tensor([-1.0, -1, 1, 1, 1, 1]),
        lambda draw: draw(6).abs() * torch.tensor([0.0, 0, 1, 1, 1, 1]),
    ),
    "absolute values": (lambda draw: draw(8, 5), lambda draw: draw(8, 5).abs()),
    "rounded": (lambda draw: 10 * draw(8, 5), lambda draw: (10 * draw(8, 5)).round()),
    "cubes": (lambda draw: draw(8, 5), lambda draw: draw(8, 5) ** 3),
    "shuffled": (
        lambda draw: draw(4, 6),
        lambda draw: draw(4, 6).flatten()[torch.randperm(24)].view(4, 6),
    ),
    "dropout, kept values scaled by 1.25": (
        lambda draw: draw(10, 5),
        lambda draw: functional.dropout(draw(10, 5), 0.2),
    ),
    "independent probabilities": (
        lambda draw: draw(6, 4).sigmoid(),
        lambda draw: (draw(6, 4) + 2 * draw(6, 4)).sigmoid(),
    ),
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("right", "wrong"), SILENT.values(), ids=SILENT)
def test_what_has_no_name_is_left_unnamed(right: Code, wrong: Code, seed: int) -> None:
    """A wrong value that none of the mistakes explains is told as a difference only."""
    torch.manual_seed(seed)
    assert _told(_drawn(wrong, seed), _drawn(right, seed), (4, 5)) == []


def test_a_guessed_size_is_no_reason_for_a_variance() -> None:
    """0.75 is (n - 1) / n for the 4 columns, and the check says nothing of means over 4."""
    expected = _drawn(lambda draw: draw(6, 4), 1)
    tolerance = tolerance_for(expected.dtype, None, None)
    (guessed,) = looks_like(0.75 * expected, expected, tolerance=tolerance)
    (told,) = looks_like(0.75 * expected, expected, tolerance=tolerance, sizes=(4,))
    assert (guessed.kind, told.kind) == ("looks_scaled", "looks_correction")
