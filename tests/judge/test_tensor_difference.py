"""In what a wrong tensor differs from the expected one, and how that is told."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from grader.judge.compare import assert_tensor
from grader.judge.diagnosis import Mistake
from grader.judge.failures import CheckFailed
from grader.judge.results import Cause

NAN, INF = float("nan"), float("inf")


def tensor_causes(actual: object, expected: torch.Tensor, **options: Any) -> tuple[Cause, ...]:
    """The causes with which assert_tensor fails."""
    with pytest.raises(CheckFailed) as failure:
        assert_tensor(actual, expected, **options)
    return failure.value.causes


def test_first_difference_worst_difference_and_counts() -> None:
    """A wrong value is told by its place, both numbers, the worst error and how many there are."""
    expected = torch.arange(12, dtype=torch.float64).reshape(3, 4)
    actual = expected.clone()
    actual[1, 2] += 0.5
    actual[2, 0] -= 2

    (cause,) = tensor_causes(actual, expected, rtol=0.0, atol=0.25)

    assert cause == Cause(
        "values",
        {
            "index": "(1, 2)",
            "expected": 6.0,
            "got": 6.5,
            "worst": 2.0,
            "tolerance": 0.25,
            "differing": 2,
            "total": 12,
        },
    )


def test_difference_behind_the_first_chunk_is_found() -> None:
    """Large tensors are compared to their end, and places are counted from their beginning."""
    expected = torch.zeros(7, 10_001, dtype=torch.int64)
    actual = expected.clone()
    actual[5, 9_999] = 3
    actual[6, 10_000] = -4

    (cause,) = tensor_causes(actual, expected)

    assert (cause.data["index"], cause.data["got"]) == ("(5, 9999)", 3)
    assert (cause.data["worst"], cause.data["differing"]) == (4, 2)


@pytest.mark.parametrize(
    ("dtype", "passes", "fails"),
    [
        (torch.float64, 1e-10, 1e-7),
        (torch.float32, 5e-6, 1e-4),
        (torch.complex64, 5e-6, 1e-4),
        (torch.float16, 1e-3, 1e-2),
        (torch.bfloat16, 1e-2, 0.1),
        (torch.float8_e4m3fn, 0.125, 0.25),
        (torch.float8_e5m2, 0.25, 0.5),
        (torch.int32, 0, 1),
    ],
)
def test_default_tolerance_is_the_dtypes(dtype: torch.dtype, passes: float, fails: float) -> None:
    """Rounding passes, the mistakes that the course asks about do not."""
    one = torch.ones(3, dtype=torch.float64)
    assert_tensor((one + passes).to(dtype), one.to(dtype))

    assert tensor_causes((one + fails).to(dtype), one.to(dtype))[0].kind == "values"


def test_one_tolerance_may_be_given_alone() -> None:
    """The tolerance that is not given stays the dtype's."""
    expected = torch.full((3,), 100.0)
    assert_tensor(expected + 0.5, expected, rtol=0.01)
    assert_tensor(expected + 0.5, expected, atol=1.0)
    assert_tensor(
        torch.tensor([7], dtype=torch.uint8), torch.tensor([8], dtype=torch.uint8), atol=1
    )

    assert tensor_causes(expected + 5, expected, atol=1.0)[0].kind == "values"


@pytest.mark.parametrize("dtype", [torch.int64, torch.uint64])
def test_large_neighbours_are_different(dtype: torch.dtype) -> None:
    """Integers are exact beyond the 53 bits of a float64."""
    expected = torch.tensor([2**62, 2**62], dtype=torch.int64).to(dtype)
    actual = torch.tensor([2**62, 2**62 + 1], dtype=torch.int64).to(dtype)

    (cause,) = tensor_causes(actual, expected)

    assert (cause.data["expected"], cause.data["got"]) == (2**62, 2**62 + 1)
    assert (cause.data["worst"], cause.data["tolerance"]) == (1, 0)


def test_nan_and_infinity_come_before_values() -> None:
    """Values that are no numbers are counted, each with the first place."""
    actual = torch.tensor([[1.0, INF, NAN], [NAN, 2.0, -INF]])

    assert tensor_causes(actual, torch.zeros(2, 3)) == (
        Cause("nan", {"index": "(0, 2)", "count": 2}),
        Cause("infinite", {"index": "(0, 1)", "count": 2}),
    )
    assert tensor_causes(torch.tensor(NAN), torch.tensor(1.0)) == (Cause("nan", {"count": 1}),)


def test_expected_infinity_has_to_come_back() -> None:
    """Infinity equals itself only, with its sign, however wide the tolerance is."""
    expected = torch.tensor([-INF, 1.0])
    assert_tensor(torch.tensor([-INF, 1.0]), expected)

    for wrong in (INF, -1e30):
        (cause,) = tensor_causes(torch.tensor([wrong, 1.0]), expected, rtol=0.5)
        assert (cause.kind, cause.data["worst"], cause.data["differing"]) == ("values", INF, 1)


def test_nan_equals_nothing_unless_asked_for() -> None:
    """NaN passes only with equal_nan, and only at the same places."""
    values = torch.tensor([1.0, NAN, 3.0])
    assert_tensor(values.clone(), values, equal_nan=True)

    assert tensor_causes(values.clone(), values) == (Cause("nan", {"index": "1", "count": 1}),)
    assert tensor_causes(values.roll(1), values, equal_nan=True)[0] == Cause(
        "nan", {"index": "2", "count": 1}
    )
    (cause,) = tensor_causes(torch.tensor([1.0, 2.0, 3.0]), values, equal_nan=True)
    assert (cause.kind, cause.data["index"], cause.data["got"]) == ("values", "1", 2.0)


def test_tensor_without_dimensions_reads_like_a_number() -> None:
    """A scalar has no index: its cause is that of a plain number or value."""
    (number,) = tensor_causes(torch.tensor(1.5), torch.tensor(1.25), rtol=0.0, atol=0.1)
    (value,) = tensor_causes(torch.tensor(3), torch.tensor(4))

    assert number == Cause("number", {"expected": 1.25, "got": 1.5, "tolerance": 0.1})
    assert value == Cause("value", {"expected": 4, "got": 3})


def test_complex_values_are_told_as_text() -> None:
    """Causes hold plain data only, so a complex number becomes text."""
    (cause,) = tensor_causes(torch.tensor([1 + 2j, 0]), torch.tensor([1 + 2.5j, 0]))

    assert (cause.data["expected"], cause.data["got"]) == ("1+2.5j", "1+2j")


def test_empty_tensors_are_equal() -> None:
    """Without values there is nothing to differ, whatever the dimensions."""
    assert_tensor(torch.empty(0, 3), torch.empty(0, 3))
    assert_tensor(torch.empty(0, 2**58), torch.empty(0, 2**58))

    assert tensor_causes(torch.empty(3, 0), torch.empty(0, 3))[0].kind == "shape"


def test_diagnosis_follows_the_difference() -> None:
    """What it looks like stands after the values or the shape that are wrong."""
    expected = torch.randn(3, 4, generator=torch.Generator().manual_seed(1))

    transposed = tensor_causes(expected.T, expected)
    summed = tensor_causes(expected * 8, expected, sizes=[8])

    assert [cause.kind for cause in transposed] == ["shape", "looks_transposed"]
    assert [cause.kind for cause in summed] == ["values", "looks_summed"]


def test_named_mistake_takes_the_place_of_a_guess() -> None:
    """Where the author knows the mistake, nothing else is claimed."""
    expected = torch.randn(3, 4, generator=torch.Generator().manual_seed(1))
    mistake = Mistake(expected * 2, en="Padded twice.", zh="填充了两次。")

    causes = tensor_causes(expected * 2, expected, mistakes=[mistake])
    other = tensor_causes(expected * 5, expected, mistakes=[mistake])

    assert causes[1:] == (Cause("mistake", {"en": "Padded twice.", "zh": "填充了两次。"}),)
    assert [cause.kind for cause in other] == ["values", "looks_scaled"]
