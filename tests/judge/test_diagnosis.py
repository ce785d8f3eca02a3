"""Each diagnosis recognises its mistake and is silent about everything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.judge.diagnosis import Mistake, looks_like, named_mistake
from grader.judge.results import Cause
from grader.judge.tolerance import Tolerance, tolerance_for

Softmax: TypeAlias = Callable[[torch.Tensor, int], torch.Tensor]

# The time of one example says nothing about right or wrong.
many = settings(deadline=None, max_examples=50)

SEEDS = st.integers(0, 2**32 - 1)
DTYPES = st.sampled_from([torch.float32, torch.float64])
# No two sizes alike and none below 4: every mistake has one name only.
SHAPES = st.permutations([4, 5, 6, 7]).flatmap(
    lambda sizes: st.integers(1, 4).map(lambda ndim: tuple(sizes[:ndim]))
)
MATRICES = SHAPES.filter(lambda shape: len(shape) >= 2)


def random_tensor(shape: tuple[int, ...], seed: int, dtype: torch.dtype) -> torch.Tensor:
    """Normally distributed values."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def diagnose(
    actual: torch.Tensor, expected: torch.Tensor, sizes: tuple[int, ...] = ()
) -> tuple[Cause, ...]:
    """What `actual` looks like with the default tolerance."""
    return looks_like(
        actual, expected, tolerance=tolerance_for(expected.dtype, None, None), sizes=sizes
    )


def kinds(causes: tuple[Cause, ...]) -> list[str]:
    """The kinds of the causes, in order."""
    return [cause.kind for cause in causes]


@many
@given(SHAPES, SHAPES, SEEDS, DTYPES)
def test_nothing_fires_on_independent_values(
    shape: tuple[int, ...], other: tuple[int, ...], seed: int, dtype: torch.dtype
) -> None:
    """Random values look like nothing, of whatever shape."""
    expected = random_tensor(shape, seed, dtype)

    assert diagnose(random_tensor(shape, seed + 1, dtype), expected, (8,)) == ()
    assert diagnose(random_tensor(other, seed + 1, dtype), expected, (8,)) == ()


@many
@given(st.integers(2, 5), st.integers(2, 5), SEEDS, st.integers(20, 100))
def test_nothing_fires_on_independent_integers(
    rows: int, columns: int, seed: int, high: int
) -> None:
    """Whole numbers coincide more easily, and still nothing is claimed."""
    generator = torch.Generator().manual_seed(seed)
    expected = torch.randint(-high, high, (rows, columns), generator=generator)
    actual = torch.randint(-high, high, (rows, columns), generator=generator)

    assert diagnose(actual, expected) == ()


@many
@given(SHAPES, SEEDS, DTYPES)
def test_equal_tensors_look_like_nothing(
    shape: tuple[int, ...], seed: int, dtype: torch.dtype
) -> None:
    """No mistake is claimed where there is none."""
    expected = random_tensor(shape, seed, dtype)

    assert diagnose(expected.clone(), expected) == ()


@many
@given(MATRICES, SEEDS, DTYPES)
def test_transposed(shape: tuple[int, ...], seed: int, dtype: torch.dtype) -> None:
    """The last two dimensions swapped are a transposition."""
    expected = random_tensor(shape, seed, dtype)

    assert kinds(diagnose(expected.mT, expected)) == ["looks_transposed"]


@many
@given(st.integers(3, 6), SEEDS, DTYPES)
def test_transposed_square(size: int, seed: int, dtype: torch.dtype) -> None:
    """A square matrix keeps its shape when transposed, and is recognised all the same."""
    expected = random_tensor((size, size), seed, dtype)

    assert kinds(diagnose(expected.mT, expected)) == ["looks_transposed"]


def test_transposed_mask() -> None:
    """A causal mask that lets look ahead instead of back is a transposed one."""
    mask = torch.ones(6, 6).tril().bool()
    scores = torch.zeros(6, 6).masked_fill(~mask, -torch.inf)

    assert kinds(diagnose(mask.mT, mask)) == ["looks_transposed"]
    assert kinds(diagnose(scores.mT, scores)) == ["looks_transposed"]


@pytest.mark.parametrize("shape", [(4, 5, 6), (5, 5, 5)])
def test_permuted(shape: tuple[int, ...]) -> None:
    """Dimensions in another order are named as the argument of permute that made them."""
    expected = random_tensor(shape, 1, torch.float32)
    causes = diagnose(expected.permute(2, 0, 1), expected)

    assert causes == (Cause("looks_permuted", {"dims": "(2, 0, 1)"}),)


@many
@given(SHAPES, SEEDS, DTYPES, st.data())
def test_flipped(
    shape: tuple[int, ...], seed: int, dtype: torch.dtype, data: st.DataObject
) -> None:
    """Reversed dimensions are recognised, one or several."""
    dims = data.draw(st.sets(st.integers(0, len(shape) - 1), min_size=1).map(sorted))
    expected = random_tensor(shape, seed, dtype)

    causes = diagnose(expected.flip(dims), expected)

    assert causes == (Cause("looks_flipped", {"dims": ", ".join(map(str, dims))}),)


@many
@given(SHAPES, SEEDS, DTYPES, st.floats(0.01, 100).filter(lambda f: abs(f - 1) > 0.01))
def test_scaled(shape: tuple[int, ...], seed: int, dtype: torch.dtype, factor: float) -> None:
    """A constant factor is recognised with its size, whatever it is."""
    factor += 0.12345  # far from every size and its inverse
    expected = random_tensor(shape, seed, dtype)
    causes = diagnose(expected * -factor, expected)

    assert kinds(causes) == ["looks_scaled"]
    assert causes[0].data["factor"] == pytest.approx(-factor, rel=1e-5)


def test_a_factor_that_is_nearly_one_is_not_named() -> None:
    """It would read "times 1"."""
    expected = random_tensor((4, 5), 1, torch.float64)
    assert kinds(diagnose(expected * 1.0002, expected)) == []


@many
@given(SHAPES, SEEDS, DTYPES)
def test_negated(shape: tuple[int, ...], seed: int, dtype: torch.dtype) -> None:
    """The factor -1 is a wrong sign."""
    expected = random_tensor(shape, seed, dtype)

    assert kinds(diagnose(-expected, expected)) == ["looks_negated"]


@many
@given(MATRICES, SEEDS, DTYPES, st.sampled_from(["one dimension", "everything"]))
def test_sum_and_mean_over_a_dimension_of_the_shape(
    shape: tuple[int, ...], seed: int, dtype: torch.dtype, over: str
) -> None:
    """A factor that is a size of the tensor is a sum for a mean; its inverse, a mean for a sum."""
    expected = random_tensor(shape, seed, dtype)
    n = shape[-1] if over == "one dimension" else expected.numel()

    assert diagnose(expected * n, expected) == (Cause("looks_summed", {"n": n}),)
    assert diagnose(expected / n, expected) == (Cause("looks_averaged", {"n": n}),)


def test_sum_and_mean_of_a_loss() -> None:
    """A single number is recognised when the check says how many values it was made of."""
    values = random_tensor((8, 3), 2, torch.float32)

    assert diagnose(values.sum(), values.mean(), (24,)) == (Cause("looks_summed", {"n": 24}),)
    assert diagnose(values.mean(), values.sum(), (8, 24)) == (Cause("looks_averaged", {"n": 24}),)
    assert diagnose(values.sum() / 8, values.mean(), (24,)) == ()


@many
@given(SHAPES, SEEDS, DTYPES, st.floats(-5, 5).filter(lambda c: abs(c) > 0.01))
def test_offset(shape: tuple[int, ...], seed: int, dtype: torch.dtype, constant: float) -> None:
    """The same constant everywhere is recognised with its size."""
    expected = random_tensor(shape, seed, dtype)
    causes = diagnose(expected + constant, expected)

    assert kinds(causes) == ["looks_offset"]
    assert causes[0].data["constant"] == pytest.approx(constant, abs=1e-5)


@many
@given(
    st.permutations([6, 7, 8]),
    SEEDS,
    st.integers(0, 2),
    st.sampled_from([-2, -1, 1, 2]),
    st.sampled_from(["rolled in", "zero"]),
)
def test_shifted(shape: list[int], seed: int, dim: int, by: int, border: str) -> None:
    """A shift by one or two is recognised, whatever stands at the border."""
    expected = random_tensor(tuple(shape), seed, torch.float32)
    actual = expected.roll(by, dim)
    if border == "zero":
        actual.narrow(dim, 0 if by > 0 else shape[dim] + by, abs(by)).zero_()

    assert diagnose(actual, expected) == (Cause("looks_shifted", {"dim": dim, "by": by}),)


def test_equal_rows_with_a_wrong_border_are_not_shifted() -> None:
    """Where a shift changes nothing, it explains nothing."""
    expected = random_tensor((1, 6), 3, torch.float32).expand(5, 6)
    actual = expected.clone()
    actual[0] += torch.arange(6)

    assert diagnose(actual, expected) == ()


@many
@given(MATRICES, SEEDS, st.sampled_from([torch.softmax, torch.log_softmax]), st.data())
def test_softmax_over_another_axis(
    shape: tuple[int, ...], seed: int, softmax: Softmax, data: st.DataObject
) -> None:
    """Softmax and log_softmax over the wrong axis are recognised by their norms."""
    wanted, got = data.draw(st.permutations(range(len(shape))))[:2]
    logits = random_tensor(shape, seed, torch.float32)

    causes = diagnose(softmax(logits, got), softmax(logits, wanted))

    assert causes == (Cause("looks_softmax_other_axis", {"dim": got}),)


def test_softmax_of_other_logits_is_not_the_other_axis() -> None:
    """That columns add up to 1 is not enough: the values have to come from the same logits."""
    logits, others = (
        random_tensor((4, 5), 1, torch.float32),
        random_tensor((4, 5), 2, torch.float32),
    )

    assert diagnose(others.softmax(0), logits.softmax(1)) == ()


@many
@given(SHAPES, SEEDS, DTYPES)
def test_zero(shape: tuple[int, ...], seed: int, dtype: torch.dtype) -> None:
    """A result that nobody wrote into is all zeros."""
    expected = random_tensor(shape, seed, dtype)

    assert kinds(diagnose(torch.zeros_like(expected), expected)) == ["looks_zero"]


@pytest.mark.parametrize(
    ("actual", "kind", "how"),
    [
        (lambda x: x.unsqueeze(1), "looks_keepdim", None),
        (lambda x: x.flatten(), "looks_reshaped", None),
        (lambda x: x.reshape(5, 4), "looks_reshaped", None),
        (lambda x: x.mean(0), "looks_reduced", "mean"),
        (lambda x: x.sum(1), "looks_reduced", "sum"),
        (lambda x: x.mean(), "looks_reduced", "mean"),
        (lambda x: x.T, "looks_transposed", None),
    ],
)
def test_wrong_shapes(
    actual: Callable[[torch.Tensor], torch.Tensor], kind: str, how: str | None
) -> None:
    """Right values in the wrong shape are told by what was done to them."""
    expected = random_tensor((4, 5), 4, torch.float32)

    assert diagnose(actual(expected), expected) == (Cause(kind, {"how": how} if how else {}),)


def test_missing_dimension_and_missing_reduction() -> None:
    """The same, the other way round: squeezed, and not reduced."""
    values = random_tensor((4, 5), 4, torch.float32)

    assert kinds(diagnose(values, values[:, None])) == ["looks_squeezed"]
    assert diagnose(values, values.sum()) == (Cause("looks_unreduced", {"how": "sum"}),)
    assert diagnose(values, values.mean(1)) == (Cause("looks_unreduced", {"how": "mean"}),)


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (torch.tensor(6), torch.tensor(3)),
        (torch.tensor([0, 2]), torch.tensor([0, 1])),
        (torch.tensor([False, True]), torch.tensor([True, False])),
        (torch.full((4, 4), 3.0), torch.full((4, 4), 1.5)),
        (torch.zeros(8), torch.eye(8)[0]),
        (torch.tensor([1e-7, 2e-7, -1e-7]), torch.tensor([1.0, 2.0, -1.0]) * 7e-5),
    ],
)
def test_poor_evidence_is_kept_silent(actual: torch.Tensor, expected: torch.Tensor) -> None:
    """Few or equal values match too easily to blame a mistake."""
    assert diagnose(actual, expected) == ()


def test_wide_tolerance_makes_no_claims() -> None:
    """A tolerance as wide as the values lets everything match, so nothing is said."""
    expected, actual = (
        random_tensor((3, 4), 1, torch.float32),
        random_tensor((3, 4), 2, torch.float32),
    )

    assert looks_like(actual, expected, tolerance=Tolerance(0.0, 3.0)) == ()


@many
@given(
    st.sampled_from(
        [torch.bool, torch.uint8, torch.int64, torch.uint64, torch.float16, torch.bfloat16,
         torch.float8_e4m3fn, torch.float8_e5m2, torch.complex64, torch.complex128]
    ),
    st.lists(st.integers(0, 3), max_size=5).map(tuple),
    st.lists(st.integers(0, 3), max_size=5).map(tuple),
    st.sampled_from([0.0, 1.0, float("nan"), float("inf"), 300.0]),
)  # fmt: skip
def test_no_tensor_makes_it_raise(
    dtype: torch.dtype, shape: tuple[int, ...], other: tuple[int, ...], fill: float
) -> None:
    """Whatever dtype, shape and values come back, a diagnosis is given or none."""
    whole = not (dtype.is_floating_point or dtype.is_complex)
    actual = torch.full(shape, 3.0 if whole else fill, dtype=torch.float64).to(dtype)

    for expected in (torch.ones(other), torch.arange(6.0).reshape(2, 3), torch.ones(shape)):
        assert len(diagnose(actual, expected)) <= 1
        assert len(diagnose(expected, actual)) <= 1


def test_complex_values_are_diagnosed() -> None:
    """Complex tensors may be transposed, or scaled by a real factor; no other has a name."""
    expected = torch.complex(
        random_tensor((3, 4), 1, torch.float64), random_tensor((3, 4), 2, torch.float64)
    )

    assert kinds(diagnose(expected.mT, expected)) == ["looks_transposed"]
    assert kinds(diagnose(expected * -1, expected)) == ["looks_negated"]
    assert diagnose(expected.conj(), expected) == ()
    assert diagnose(expected * 1j, expected) == ()


def test_meta_empty_and_large_tensors_are_not_diagnosed() -> None:
    """No work is done where there are no values, or too many of them."""
    small = random_tensor((2, 3), 1, torch.float32)
    large = torch.zeros(1_000_001)

    assert diagnose(small.to("meta"), small) == ()
    assert diagnose(torch.empty(0, 2**58), small) == ()
    assert diagnose(large, large + 1) == ()


def test_named_mistake_gives_the_words_of_its_author() -> None:
    """The first value of the author's list that came back names the mistake."""
    right = random_tensor((3, 4), 1, torch.float32)
    mistakes = [
        Mistake(right * 7, en="Seven times.", zh="乘了七倍。"),
        Mistake(right.flip(0), en="The kernel is flipped.", zh="卷积核翻转了。"),
    ]
    tolerance = tolerance_for(torch.float32, None, None)

    assert named_mistake(right.flip(0), mistakes, tolerance) == (
        Cause("mistake", {"en": "The kernel is flipped.", "zh": "卷积核翻转了。"}),
    )
    assert named_mistake(right.flip(1), mistakes, tolerance) == ()


def test_named_mistake_may_lead_to_nan_and_to_another_shape() -> None:
    """A mistake is also recognised where it leads to NaN or changes the shape."""
    broken = torch.tensor([1.0, float("nan")])
    mistake = Mistake(broken, en="Zero divided by zero.", zh="零除以零。")

    tolerance = tolerance_for(torch.float32, None, None)
    assert kinds(named_mistake(broken.clone(), [mistake], tolerance)) == ["mistake"]
    assert named_mistake(broken[:1], [mistake], tolerance) == ()
