"""How far a value may be from the expected one, and what "equal" means element by element."""

from __future__ import annotations

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Tolerance:
    """A value is close when |actual - expected| <= atol + rtol * |expected|."""

    rtol: float
    atol: float

    def around(self, expected: torch.Tensor) -> torch.Tensor:
        """The largest allowed difference at each element."""
        return self.atol + self.rtol * expected.abs()


EXACT = Tolerance(0.0, 0.0)

# Wide enough for another order of the same operations, sums over some thousand elements included;
# narrow enough for the mistakes that the course asks about.
_DEFAULTS = {
    # Gradients and optimizer steps: an eps inside instead of outside the root differs by 1e-7.
    torch.float64: Tolerance(1e-9, 1e-10),
    torch.complex128: Tolerance(1e-9, 1e-10),
    # About 80 roundings of 1.2e-7; the absolute part is for sums that cancel.
    torch.float32: Tolerance(1e-5, 1e-5),
    torch.complex64: Tolerance(1e-5, 1e-5),
    # Half precision: four roundings (of 9.8e-4 and of 7.8e-3), absolute one.
    torch.float16: Tolerance(4e-3, 1e-3),
    torch.bfloat16: Tolerance(3e-2, 1e-2),
    # 8 bits: the neighbouring number, because a value may be rounded twice on its way.
    torch.float8_e4m3fn: Tolerance(0.125, 0.0),
    torch.float8_e5m2: Tolerance(0.25, 0.0),
}


def tolerance_for(dtype: torch.dtype, rtol: float | None, atol: float | None) -> Tolerance:
    """Return the given tolerance, completed by the dtype's; integers and bools are exact."""
    default = _DEFAULTS.get(dtype, EXACT)
    return Tolerance(
        rtol=default.rtol if rtol is None else rtol,
        atol=default.atol if atol is None else atol,
    )


def wide_dtype(dtype: torch.dtype) -> torch.dtype:
    """The dtype in which differences are taken; torch has no arithmetic for the narrow ones."""
    return torch.complex128 if dtype.is_complex else torch.float64


def close(
    actual: torch.Tensor, expected: torch.Tensor, tolerance: Tolerance, *, equal_nan: bool = False
) -> torch.Tensor:
    """Say for each element whether it is close enough; both have one shape and one dtype.

    An infinite value is close to itself only. NaN is close to nothing, unless `equal_nan`.
    """
    is_whole = not (expected.dtype.is_floating_point or expected.dtype.is_complex)
    if tolerance == EXACT and is_whole:
        # float64 would take large neighbours for equal; int64 keeps all 64 bits apart.
        return actual.to(torch.int64) == expected.to(torch.int64)
    wide = wide_dtype(expected.dtype)
    wide_actual, wide_expected = actual.to(wide), expected.to(wide)
    near = (wide_actual - wide_expected).abs() <= tolerance.around(wide_expected)
    good = (wide_actual == wide_expected) | (near & wide_expected.isfinite())
    if equal_nan:
        good |= wide_actual.isnan() & wide_expected.isnan()
    return good
