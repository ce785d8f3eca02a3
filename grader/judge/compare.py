"""Comparisons for checks: each returns silently or raises CheckFailed with its causes.

`actual` was rebuilt from bytes and may be any plain value; nothing about it can make a comparison
raise anything else. That holds for `expected` as well, because a check may compare two replies of
one submission: an error in the judge would cost the submission nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import torch

from grader.judge.diagnosis import Mistake, looks_like, named_mistake
from grader.judge.excerpt import (
    item_texts,
    keys_text,
    phrase,
    type_name,
    value_text,
    value_texts,
)
from grader.judge.failures import CheckFailed
from grader.judge.results import Cause
from grader.judge.tensor_difference import tensor_causes
from grader.judge.tolerance import EXACT, Tolerance, tolerance_for


def assert_tensor(
    actual: object,
    expected: torch.Tensor,
    *,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = False,
    mistakes: Sequence[Mistake] = (),
    sizes: Sequence[int] = (),
) -> None:
    """Demand a tensor of the expected shape, dtype, device kind (meta or not) and values.

    A tolerance that is not given is the dtype's (see `tolerance.py`); integers and bools are exact.
    NaN equals nothing, unless `equal_nan`. `mistakes` are values that known mistakes lead to, each
    with its sentence; `sizes` are numbers of values that a mean or a sum may have run over.
    """
    __tracebackhide__ = True
    if not isinstance(expected, torch.Tensor):
        _fail(Cause("unusable", {"got": phrase(expected)}))
    if actual is None:
        _fail(Cause("missing_gradient"))
    if not isinstance(actual, torch.Tensor):
        _fail(Cause("not_a_tensor", {"got": phrase(actual)}))
    actual, expected = actual.detach(), expected.detach()
    tolerance = tolerance_for(expected.dtype, rtol, atol)
    causes = tensor_causes(actual, expected, tolerance, equal_nan=equal_nan)
    if not causes:
        return
    known = named_mistake(actual, mistakes, tolerance)
    if not known and causes[0].kind in ("shape", "values", "number", "value"):
        known = looks_like(actual, expected, tolerance=tolerance, sizes=sizes)
    raise CheckFailed(causes + known)


def assert_equal(actual: object, expected: object) -> None:
    """Demand plain data of exactly the same types and values, tensors and arrays included.

    True is not 1, 2.0 is not 2, a tuple is not a list; the order of a dict's keys is free.
    """
    __tracebackhide__ = True
    _compare_plain(actual, expected, EXACT)


def assert_close(
    actual: object, expected: object, *, rtol: float = 1e-5, atol: float = 1e-5
) -> None:
    """Demand numbers within a tolerance, alone or within lists, tuples and dicts.

    Like `assert_equal`, except that numbers (also those in tensors and arrays) need to be close
    only, and that an int may stand for a float. The tolerances suit float32.
    """
    __tracebackhide__ = True
    _compare_plain(actual, expected, Tolerance(rtol, atol))


def _fail(cause: Cause) -> NoReturn:
    raise CheckFailed((cause,))


# ---------------------------------------------------------------- plain data


_LONGEST_PLACE = 150
"""Characters of a place: the keys of 32 nested dicts could fill a page."""


@dataclass(frozen=True)
class _Place:
    """Where an item stands within nested containers."""

    container: _Place | None
    key: object

    def __str__(self) -> str:
        keys = []
        place: _Place | None = self
        while place is not None:
            keys.append(f"[{value_text(place.key)}]")
            place = place.container
        text = "".join(reversed(keys))
        return text if len(text) <= _LONGEST_PLACE else text[:_LONGEST_PLACE] + "..."


def _compare_plain(actual: object, expected: object, tolerance: Tolerance) -> None:
    """Compare two values and all that they contain, outermost first; raise at the first fault."""
    # A stack of iterators instead of recursion: no nesting can exhaust Python's own stack.
    rest: list[Iterator[tuple[_Place | None, Any, Any]]] = [iter([(None, actual, expected)])]
    while rest:
        item = next(rest[-1], None)
        if item is None:
            rest.pop()
            continue
        place, got, wanted = item
        causes = _plain_causes(got, wanted, tolerance)
        if causes:
            raise CheckFailed(causes if place is None else _at(place, causes))
        rest.append(_items(place, got, wanted))


def _items(
    place: _Place | None, actual: Any, expected: Any
) -> Iterator[tuple[_Place | None, Any, Any]]:
    """The pairs of items of two containers of one type and length."""
    if isinstance(expected, dict):
        for key in expected:
            yield _Place(place, key), actual[key], expected[key]
    elif isinstance(expected, (list, tuple)):
        for index, pair in enumerate(zip(actual, expected, strict=True)):
            yield _Place(place, index), *pair


def _at(place: _Place, causes: tuple[Cause, ...]) -> tuple[Cause, ...]:
    """Put before the causes where they apply; a wrong value is said in the same sentence."""
    where = {"where": str(place)}
    first = causes[0]
    if first.kind in ("value", "number"):
        told = {key: first.data[key] for key in ("expected", "got")}
        return (Cause("item", {**where, **told}), *causes[1:])
    return (Cause("item", where), *causes)


def _plain_causes(actual: Any, expected: Any, tolerance: Tolerance) -> tuple[Cause, ...]:
    """Compare two values, but not the items that they contain."""
    if isinstance(expected, torch.Tensor) and isinstance(actual, torch.Tensor):
        return tensor_causes(actual.detach(), expected.detach(), tolerance)
    if tolerance != EXACT and _is_number(actual) and _is_number(expected):
        return _number_causes(actual, expected, tolerance)
    if type(actual) is not type(expected):
        return (Cause("type", {"expected": type_name(expected), "got": type_name(actual)}),)
    return _same_type_causes(actual, expected, tolerance)


def _same_type_causes(actual: Any, expected: Any, tolerance: Tolerance) -> tuple[Cause, ...]:
    if isinstance(expected, np.ndarray):
        return _array_causes(actual, expected, tolerance)
    if isinstance(expected, dict):
        return _key_causes(actual, expected)
    if isinstance(expected, (list, tuple)):
        return () if len(actual) == len(expected) else (_length_cause(actual, expected),)
    if actual == expected:
        return ()
    wanted, got = value_texts(expected, actual)
    return (Cause("value", {"expected": wanted, "got": got}),)


def _length_cause(actual: Sequence[object], expected: Sequence[object]) -> Cause:
    lengths = {"expected": len(expected), "got": len(actual)}
    return Cause("length", {**lengths, **item_texts(expected, actual)})


def _is_number(value: object) -> bool:
    return type(value) in (int, float)


def _number_causes(actual: float, expected: float, tolerance: Tolerance) -> tuple[Cause, ...]:
    allowed = tolerance.atol
    if math.isfinite(expected):
        allowed += tolerance.rtol * abs(expected)
        if abs(actual - expected) <= allowed:
            return ()
    if actual == expected:
        return ()
    return (
        Cause(
            "number",
            {"expected": float(expected), "got": float(actual), "tolerance": allowed},
        ),
    )


def _key_causes(actual: dict[str, Any], expected: dict[str, Any]) -> tuple[Cause, ...]:
    data = {
        "missing": keys_text(expected.keys() - actual.keys()),
        "surplus": keys_text(actual.keys() - expected.keys()),
    }
    told = {name: text for name, text in data.items() if text}
    return (Cause("keys", told),) if told else ()


def _array_causes(actual: Any, expected: Any, tolerance: Tolerance) -> tuple[Cause, ...]:
    if actual.dtype != expected.dtype:
        data = {"expected": str(expected.dtype), "got": str(actual.dtype)}
        return (Cause("dtype", data),)
    # A copy in plain order: torch takes neither negative strides nor read-only memory.
    return tensor_causes(
        torch.from_numpy(np.array(actual, order="C")),
        torch.from_numpy(np.array(expected, order="C")),
        tolerance,
    )
