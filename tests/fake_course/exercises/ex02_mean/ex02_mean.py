"""The mean of each row."""

from torch import Tensor


def row_mean(x: Tensor) -> Tensor:
    """Return the mean of each row of a matrix (m, n) as a column (m, 1)."""
    raise NotImplementedError
