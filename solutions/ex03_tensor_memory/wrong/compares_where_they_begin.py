"""data_ptr of the tensors.

It is the address of a tensor's first element, not of its storage. x[1:] begins later than x and
counts as a stranger, although it shares every number.
"""

import math
import operator

import numpy as np
import torch
from torch import Tensor


def same_storage(a: Tensor, b: Tensor) -> bool:
    """Say whether a and b have their numbers in the same storage."""
    return a.data_ptr() == b.data_ptr()


def storage_position(x: Tensor, index: tuple[int, ...]) -> int:
    """Return the place in the storage of x at which the element x[index] lies."""
    return x.storage_offset() + sum(map(operator.mul, index, x.stride()))


def column(x: Tensor, j: int) -> Tensor:
    """Return column j of the matrix x as a view: who writes to the result changes x."""
    return x[:, j]


def add_where(x: Tensor, mask: Tensor, amount: float) -> Tensor:
    """Add amount, in place, to the elements of x where mask is True, and return x itself."""
    x[mask] += amount
    return x


def safe_reshape_copy(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Return the elements of x in the given shape and in memory of their own."""
    return x.clone().reshape(shape)


def chw_to_hwc(x: Tensor) -> Tensor:
    """Return the picture x of shape (C, H, W) as a view of shape (H, W, C)."""
    if x.dim() != 3:
        raise ValueError(f"a picture (C, H, W) is 3-d, this is {x.dim()}-d")
    return x.permute(1, 2, 0)


def hwc_to_chw(x: Tensor) -> Tensor:
    """Return the picture x of shape (H, W, C) as a view of shape (C, H, W): the way back."""
    if x.dim() != 3:
        raise ValueError(f"a picture (H, W, C) is 3-d, this is {x.dim()}-d")
    return x.permute(2, 0, 1)


def ensure_batch(x: Tensor) -> Tensor:
    """Return x as a batch of pictures."""
    if x.dim() == 3:
        return x.unsqueeze(0)
    if x.dim() == 4:
        return x
    raise ValueError(f"a picture is 3-d and a batch 4-d, this is {x.dim()}-d")


def from_numpy_shared(a: np.ndarray) -> Tensor:
    """Return a tensor on the array's own memory: each sees what is written to the other."""
    return torch.from_numpy(a)


def from_numpy_copy(a: np.ndarray) -> Tensor:
    """Return a tensor with the numbers of the array in memory of its own."""
    return torch.from_numpy(a.copy())  # a copy of numpy's has no negative steps


def num_flat_features(x: Tensor) -> int:
    """Return how many numbers each sample of the batch x has: the product of all sizes but N."""
    return math.prod(x.shape[1:])
