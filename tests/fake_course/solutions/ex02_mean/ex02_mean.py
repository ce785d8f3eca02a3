"""The mean of each row."""

from torch import Tensor


def row_mean(x: Tensor) -> Tensor:
    """Return the mean of each row of a matrix (m, n) as a column (m, 1)."""
    if x.dim() != 2:
        raise ValueError("a matrix is expected")
    return x.mean(dim=1, keepdim=True)
