"""The comparisons of checks: what passes, what fails, and with which causes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.judge.compare import assert_close, assert_equal, assert_tensor
from grader.judge.failures import CheckFailed
from grader.judge.results import Cause

# The time of one example says nothing about right or wrong.
many = settings(deadline=None, max_examples=150)

NAN, INF = float("nan"), float("inf")
WIRE_DTYPES = [
    torch.bool,
    torch.uint8,
    torch.int8,
    torch.int16,
    torch.int32,
    torch.int64,
    torch.uint16,
    torch.uint32,
    torch.uint64,
    torch.float16,
    torch.bfloat16,
    torch.float32,
    torch.float64,
    torch.complex64,
    torch.complex128,
    torch.float8_e4m3fn,
    torch.float8_e5m2,
]


def causes_of(compare: Any, *args: Any, **options: Any) -> tuple[Cause, ...]:
    """The causes with which a comparison fails."""
    with pytest.raises(CheckFailed) as failure:
        compare(*args, **options)
    return failure.value.causes


def tensor_causes(actual: object, expected: torch.Tensor, **options: Any) -> tuple[Cause, ...]:
    """The causes with which assert_tensor fails."""
    return causes_of(assert_tensor, actual, expected, **options)


# ---------------------------------------------------------------- any value at all

shapes = st.lists(st.integers(0, 3), max_size=5).map(tuple)
tensors = st.builds(
    lambda shape, dtype, fill, device: (
        torch.full(shape, fill, dtype=torch.float64).to(dtype).to(device)
    ),
    shapes,
    st.sampled_from(WIRE_DTYPES),
    st.sampled_from([0.0, 1.0, 2.5]),
    st.sampled_from(["cpu", "meta"]),
)
arrays = st.builds(
    np.full,
    shapes,
    st.sampled_from([0, 1, 2.5]),
    st.sampled_from(["bool", "uint8", "int64", "uint16", "float16", "float32", "complex64"]),
)
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.text(max_size=5),
    st.binary(max_size=5),
    st.sampled_from([torch.float32, torch.device("cpu"), torch.Size([2, 3])]),
    tensors,
    arrays,
)
plain_values = st.recursive(
    leaves,
    lambda items: st.one_of(
        st.lists(items, max_size=4),
        st.lists(items, max_size=4).map(tuple),
        st.dictionaries(st.text(max_size=3), items, max_size=4),
    ),
    max_leaves=8,
)


@many
@given(st.sampled_from([assert_equal, assert_close, assert_tensor]), plain_values, plain_values)
def test_any_pair_of_values_passes_or_fails_with_causes(
    compare: Callable[[object, object], None], actual: object, expected: object
) -> None:
    """No plain value makes a comparison raise anything but CheckFailed with a readable text."""
    failure = None
    try:
        compare(actual, expected)
    except CheckFailed as error:
        failure = error

    assert failure is None or (failure.causes and str(failure).isprintable())


@many
@given(plain_values)
def test_a_value_equals_its_copy_unless_it_holds_nan(value: object) -> None:
    """Plain data compare equal to themselves; NaN, which equals nothing, is the exception."""
    if "nan" in repr(value):
        return

    assert_equal(value, value)
    assert_close(value, value)


@many
@given(tensors, tensors)
def test_assert_tensor_agrees_with_torch_on_exact_equality(
    actual: torch.Tensor, expected: torch.Tensor
) -> None:
    """With no tolerance a comparison passes exactly if shape, dtype, device and bits agree."""
    same_kind = (actual.shape, actual.dtype, actual.device) == (
        expected.shape,
        expected.dtype,
        expected.device,
    )
    wide = torch.complex128
    equal = same_kind and (actual.is_meta or torch.equal(actual.to(wide), expected.to(wide)))
    try:
        assert_tensor(actual, expected, rtol=0.0, atol=0.0)
    except CheckFailed:
        assert not equal
    else:
        assert equal


def test_deeply_nested_lists_compare_without_recursion() -> None:
    """Nesting deeper than Python's own stack is compared, and described, all the same."""
    actual: list[Any] = []
    expected: list[Any] = [0]
    for _ in range(20_000):
        actual, expected = [actual], [expected]

    causes = causes_of(assert_equal, actual, expected)

    assert [cause.kind for cause in causes] == ["item", "length"]
    assert causes_of(assert_tensor, actual, torch.ones(1)) == (
        Cause("not_a_tensor", {"got": "a list"}),
    )
    assert causes_of(assert_equal, actual, 3)[0].kind == "type"


# ---------------------------------------------------------------- tensors


@pytest.mark.parametrize(
    ("value", "got"),
    [
        ([1.0], "a list"),
        (1, "an int"),
        (True, "a bool"),
        ("x", "a str"),
        (b"", "bytes"),
        ({}, "a dict"),
        (np.ones(3, dtype=np.float32), "a NumPy array"),
        (torch.Size([3]), "a torch.Size"),
        (torch.float32, "a torch.dtype"),
        (torch.device("cpu"), "a torch.device"),
    ],
)
def test_other_types_are_named(value: object, got: str) -> None:
    """Where a tensor is asked for, another type is told by its name."""
    assert tensor_causes(value, torch.ones(3)) == (Cause("not_a_tensor", {"got": got}),)


def test_none_is_a_missing_gradient() -> None:
    """None where a tensor is expected has its own cause."""
    assert tensor_causes(None, torch.ones(3)) == (Cause("missing_gradient"),)


def test_expected_value_that_is_no_tensor_fails_the_check() -> None:
    """A check that compares two replies cannot be broken by making one of them no tensor."""
    causes = tensor_causes(torch.ones(3), [1.0, 1.0, 1.0])  # type: ignore[arg-type] # on purpose

    assert causes == (Cause("unusable", {"got": "a list"}),)


def test_shape_comes_before_dtype_and_values() -> None:
    """With several faults the shape is the one to mend first."""
    actual = torch.full((4, 3), NAN, dtype=torch.float64)

    assert tensor_causes(actual, torch.zeros(3, 4)) == (
        Cause("shape", {"expected": "(3, 4)", "got": "(4, 3)"}),
    )


def test_dtype_comes_before_device_and_values() -> None:
    """A wrong dtype is told without its module's name."""
    assert tensor_causes(torch.ones(2, dtype=torch.float64), torch.zeros(2)) == (
        Cause("dtype", {"expected": "float32", "got": "float64"}),
    )


def test_meta_tensors_are_compared_without_values() -> None:
    """On the meta device shape and dtype are all there is; the other device is a fault."""
    meta = torch.empty(2, 3, device="meta")
    assert_tensor(meta, torch.empty(2, 3, device="meta"))

    assert tensor_causes(torch.ones(2, 3), meta) == (
        Cause("device", {"expected": "meta", "got": "cpu"}),
    )
    assert tensor_causes(meta, torch.ones(2, 3)) == (
        Cause("device", {"expected": "cpu", "got": "meta"}),
    )


def test_requires_grad_and_strides_do_not_matter() -> None:
    """Only values count: an expected parameter or a view compares like a plain tensor."""
    assert_tensor(torch.ones(3, 2), torch.nn.Parameter(torch.ones(2, 3)).T)
    assert_tensor(torch.zeros(4, 4), torch.zeros(1).expand(4, 4))


# ---------------------------------------------------------------- plain data


@pytest.mark.parametrize(
    ("actual", "expected", "cause"),
    [
        (1, True, Cause("type", {"expected": "bool", "got": "int"})),
        (2.0, 2, Cause("type", {"expected": "int", "got": "float"})),
        ((1,), [1], Cause("type", {"expected": "list", "got": "tuple"})),
        (torch.Size([2]), (2,), Cause("type", {"expected": "tuple", "got": "torch.Size"})),
        (None, 0, Cause("type", {"expected": "int", "got": "None"})),
        (np.ones(1), torch.ones(1), Cause("type", {"expected": "tensor", "got": "NumPy array"})),
        (0.1 + 0.2, 0.3, Cause("value", {"expected": "0.3", "got": "0.30000000000000004"})),
        (NAN, NAN, Cause("value", {"expected": "nan", "got": "nan"})),
        ("ab", "abc", Cause("value", {"expected": "'abc'", "got": "'ab'"})),
        (list(range(7)), [1], Cause("length", {"expected": 1, "got": 7})),
        (["x" * 60] * 3, [], Cause("length", {"expected": 0, "got": 3})),
        (
            [1, 2],
            [1],
            Cause(
                "length",
                {"expected": 1, "got": 2, "expected_items": "[1]", "got_items": "[1, 2]"},
            ),
        ),
        ({"a": 1}, {"b": 1}, Cause("keys", {"missing": "'b'", "surplus": "'a'"})),
        ({"a": 1}, {"b": 1, "a": 1}, Cause("keys", {"missing": "'b'"})),
        ([1, [2, 3]], [1, [2, 4]], Cause("item", {"where": "[1][1]", "expected": "4", "got": "3"})),
        (
            np.ones(1, dtype=np.float32),
            np.ones(1),
            Cause("dtype", {"expected": "float64", "got": "float32"}),
        ),
        (np.ones((1, 2)), np.ones(2), Cause("shape", {"expected": "(2,)", "got": "(1, 2)"})),
    ],
)
def test_plain_data_differ(actual: object, expected: object, cause: Cause) -> None:
    """Types and values have to be exactly the expected ones."""
    assert causes_of(assert_equal, actual, expected) == (cause,)


def test_place_of_a_nested_fault_is_told_first() -> None:
    """A fault within containers is told with its place, then with its cause."""
    expected = {"out": [torch.zeros(2), torch.zeros(2)]}
    actual = {"out": [torch.zeros(2), torch.ones(2)]}

    where, fault = causes_of(assert_equal, actual, expected)

    assert where == Cause("item", {"where": "['out'][1]"})
    assert (fault.kind, fault.data["differing"]) == ("values", 2)


def test_order_of_keys_is_free() -> None:
    """Dicts with the same items are equal in whatever order they were filled."""
    assert_equal({"a": 1, "b": 2}, {"b": 2, "a": 1})


def test_long_strings_are_cut_around_their_first_difference() -> None:
    """Two long strings are shown where they differ, and shortly."""
    text = "x" * 5000
    (cause,) = causes_of(assert_equal, text + "1" + text, text + "2" + text)
    expected, got = str(cause.data["expected"]), str(cause.data["got"])

    assert "2" in expected
    assert "1" in got
    assert len(expected) < 100


def test_large_values_are_described_shortly() -> None:
    """A cause stays short however large the value is."""
    (cause,) = causes_of(assert_equal, {str(i): [0] * 1000 for i in range(2000)}, {})

    assert len(str(cause.data["surplus"])) < 200


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (1.0000001, 1.0),
        (1, 1.0),
        ([1.0, (2.0000001, "a")], [1, (2.0, "a")]),
        ({"loss": [0.1 + 0.2]}, {"loss": [0.3]}),
        (INF, INF),
        (np.array([1.0, 2.0]), np.array([1.0, 2.0000001])),
        (torch.tensor([1.0]), torch.tensor([1.0000001])),
    ],
)
def test_close_numbers_pass(actual: object, expected: object) -> None:
    """Numbers alone, in containers, tensors and arrays may be a rounding apart."""
    assert_close(actual, expected)


@pytest.mark.parametrize(
    ("actual", "expected"),
    [(1.1, 1.0), (NAN, 1.0), (NAN, NAN), (INF, 1.0), (-INF, INF), (1.0, INF)],
)
def test_other_numbers_fail(actual: float, expected: float) -> None:
    """A number too far away, NaN and a wrong infinity are told with the tolerance."""
    (cause,) = causes_of(assert_close, actual, expected, rtol=0.0, atol=0.01)

    assert cause.kind == "number"
    assert math.isnan(expected) or cause.data["expected"] == expected
    assert cause.data["tolerance"] == 0.01


@pytest.mark.parametrize(
    ("actual", "expected", "kinds"),
    [
        (True, 1.0, ["type"]),
        ("1", 1.0, ["type"]),
        ([1.0], [1.0, 2.0], ["length"]),
        ([1.0, 3.0], [1.0, 2.0], ["item"]),
        ([1.0, None], [1.0, 2.0], ["item", "type"]),
        (np.array([1.0]), np.array([2.0]), ["values"]),
    ],
)
def test_close_is_strict_about_the_rest(actual: object, expected: object, kinds: list[str]) -> None:
    """Only numbers may differ, and only a little."""
    assert [cause.kind for cause in causes_of(assert_close, actual, expected)] == kinds


def test_a_place_in_nested_dicts_stays_short() -> None:
    """However long the keys on the way, where a value stands is told within a line or two."""
    actual: Any = 1
    expected: Any = 2
    for _ in range(30):
        actual, expected = {"k" * 100: actual}, {"k" * 100: expected}
    (cause,) = causes_of(assert_equal, actual, expected)

    where = str(cause.data["where"])
    assert len(where) < 160
    assert where.startswith("['kkk")
    assert where.endswith("...")


@pytest.mark.parametrize("length", [100, (1 << 16) - 1, 1 << 16, (1 << 17) + 3])
def test_long_texts_are_quoted_where_they_begin_to_differ(length: int) -> None:
    """The place is found wherever it is, also when one text ends there."""
    same = "a" * length
    (cause,) = causes_of(assert_equal, same + "xz", same + "yz")
    (ended,) = causes_of(assert_equal, same, same + "y")

    assert dict(cause.data) == {
        "expected": "...'" + "a" * 15 + "yz'",
        "got": "...'" + "a" * 15 + "xz'",
    }
    assert ended.data["expected"] == "...'" + "a" * 15 + "y'"
