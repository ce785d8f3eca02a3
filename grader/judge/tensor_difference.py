"""In what one tensor differs from another: shape, dtype, device, then values."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np
import torch

from grader.judge.excerpt import dtype_text, shape_text
from grader.judge.results import Cause, Datum
from grader.judge.tolerance import EXACT, Tolerance, close, wide_dtype

_CHUNK = 1 << 14
"""Elements compared at once: their wide copies and differences stay in the cache of a core."""

_Test: TypeAlias = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""Says for each element of actual and expected whether something holds."""


def tensor_causes(
    actual: torch.Tensor, expected: torch.Tensor, tolerance: Tolerance, *, equal_nan: bool = False
) -> tuple[Cause, ...]:
    """Say what is wrong, the first of shape, dtype, device and values; nothing if all is right."""
    if actual.shape != expected.shape:
        return (_pair("shape", shape_text(expected.shape), shape_text(actual.shape)),)
    if actual.dtype != expected.dtype:
        return (_pair("dtype", dtype_text(expected.dtype), dtype_text(actual.dtype)),)
    if actual.is_meta != expected.is_meta:
        return (_pair("device", expected.device.type, actual.device.type),)
    if expected.is_meta:
        return ()
    return _value_causes(
        actual.reshape(-1),
        expected.reshape(-1).cpu(),
        expected.shape,
        tolerance,
        equal_nan=equal_nan,
    )


def _pair(kind: str, expected: Datum, got: Datum) -> Cause:
    return Cause(kind, {"expected": expected, "got": got})


def _value_causes(
    actual: torch.Tensor,
    expected: torch.Tensor,
    shape: torch.Size,
    tolerance: Tolerance,
    *,
    equal_nan: bool,
) -> tuple[Cause, ...]:
    """Compare two flat tensors; `shape` is theirs before they were made flat."""

    def differs(a: torch.Tensor, e: torch.Tensor) -> torch.Tensor:
        return ~close(a, e, tolerance, equal_nan=equal_nan)

    def is_nan(a: torch.Tensor, e: torch.Tensor) -> torch.Tensor:
        return _isnan(a) & ~(_isnan(e) & equal_nan)

    def is_infinite(a: torch.Tensor, e: torch.Tensor) -> torch.Tensor:
        return _isinf(a) & ~_isinf(e)

    count, first = _places(actual, expected, differs)
    if not count:
        return ()
    causes = []
    for kind, test in (("nan", is_nan), ("infinite", is_infinite)):
        strange, place = _places(actual, expected, test)
        if strange:
            where = {"index": _index_text(place, shape)} if shape else {}
            causes.append(Cause(kind, {**where, "count": strange}))
    return tuple(causes) or (
        _difference(actual, expected, shape, tolerance, first=first, count=count),
    )


def _difference(
    actual: torch.Tensor,
    expected: torch.Tensor,
    shape: torch.Size,
    tolerance: Tolerance,
    *,
    first: int,
    count: int,
) -> Cause:
    """Describe differing values: where the first is, how large the worst is."""
    wanted, got = _scalar(expected[first]), _scalar(actual[first])
    values: dict[str, Datum] = {"expected": wanted, "got": got}
    worst, allowed = _worst(actual, expected, tolerance)
    if isinstance(wanted, int) and isinstance(got, int):
        # Differences are taken in float64, where large neighbours are the same.
        worst = max(int(worst), abs(wanted - got))
    if shape:
        place: dict[str, Datum] = {"index": _index_text(first, shape)}
        size = {"worst": worst, "tolerance": allowed}
        return Cause(
            "values", {**place, **values, **size, "differing": count, "total": expected.numel()}
        )
    # A tensor without dimensions has no index: it reads like a plain number.
    if tolerance == EXACT:
        return Cause("value", values)
    return Cause("number", {**values, "tolerance": allowed})


def _places(
    actual: torch.Tensor,
    expected: torch.Tensor,
    test: _Test,
) -> tuple[int, int]:
    """Count where a test holds, and find the first place (0 if there is none)."""
    count, first = 0, 0
    for start, (a, e) in enumerate(_chunks(actual, expected)):
        holds = test(a, e)
        here = int(holds.sum())
        if here and not count:
            first = start * _CHUNK + int(holds.to(torch.uint8).argmax())
        count += here
    return count, first


def _worst(
    actual: torch.Tensor, expected: torch.Tensor, tolerance: Tolerance
) -> tuple[float, float]:
    """Return the largest difference, NaN left out, and the tolerance at its place."""
    wide = wide_dtype(expected.dtype)
    worst, allowed = 0.0, tolerance.atol
    for a, e in _chunks(actual, expected):
        wide_expected = e.to(wide)
        difference = (a.to(wide) - wide_expected).abs().nan_to_num(nan=0.0, posinf=math.inf)
        place = int(difference.argmax())
        if difference[place] > worst:
            worst = float(difference[place])
            if wide_expected[place].isfinite():
                allowed = float(tolerance.around(wide_expected[place]))
    return worst, allowed


def _chunks(
    actual: torch.Tensor, expected: torch.Tensor
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    for start in range(0, expected.numel(), _CHUNK):
        yield actual[start : start + _CHUNK], expected[start : start + _CHUNK]


def _isnan(values: torch.Tensor) -> torch.Tensor:
    return values.to(wide_dtype(values.dtype)).isnan()


def _isinf(values: torch.Tensor) -> torch.Tensor:
    return values.to(wide_dtype(values.dtype)).isinf()


def _scalar(element: torch.Tensor) -> Datum:
    value = element.item()
    return f"{value:.6g}" if isinstance(value, complex) else value


def _index_text(place: int, shape: torch.Size) -> str:
    index = tuple(int(i) for i in np.unravel_index(place, tuple(shape)))
    return str(index[0]) if len(index) == 1 else str(index)
