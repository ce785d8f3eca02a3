"""Exercise ex03_tensor_memory: which tensors share their numbers, and in which order they lie.

Add the imports that you need.
"""

import numpy as np
from torch import Tensor


def same_storage(a: Tensor, b: Tensor) -> bool:
    """Say whether a and b have their numbers in the same storage.

    Two views of one tensor do, also when they begin at different places, have no number in
    common or read the memory as different dtypes. Two tensors with equal numbers in two places
    do not.
    a, b: tensors of any shape and dtype with at least one element, on one device.
    """
    raise NotImplementedError


def storage_position(x: Tensor, index: tuple[int, ...]) -> int:
    """Return the place in the storage of x at which the element x[index] lies.

    Places are counted in elements, not in bytes; the first one of the storage is 0, also when x
    begins later.
    x: any tensor, contiguous or not. index: one int for each dimension, each from 0 to the size
    of the dimension - 1; () for a tensor without dimensions.
    """
    raise NotImplementedError


def column(x: Tensor, j: int) -> Tensor:
    """Return column j of the matrix x as a view: who writes to the result changes x.

    x: (H, W), any dtype, contiguous or not. 0 <= j < W.
    Returns a tensor (H,) of the same dtype and device that shares x's memory; gradients reach x.
    """
    raise NotImplementedError


def add_where(x: Tensor, mask: Tensor, amount: float) -> Tensor:
    """Add amount, in place, to the elements of x where mask is True, and return x itself.

    x: any shape, contiguous or not, a float or an integer dtype; it does not require a gradient.
    mask: a bool tensor of x's shape and device. amount: a number; an int when x has an integer
    dtype.
    """
    raise NotImplementedError


def safe_reshape_copy(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Return the elements of x in the given shape and in memory of their own.

    The elements keep their order: that of reading x row by row, the last index fastest, however x
    lies in memory.
    x: any shape and dtype, contiguous or not. shape: ints, of which one may be -1: its size
    follows from the number of elements.
    Returns a tensor of x's dtype and device that never shares memory with x; gradients reach x.
    Raises RuntimeError, as torch does, when x does not have the number of elements that shape asks
    for.
    """
    raise NotImplementedError


def chw_to_hwc(x: Tensor) -> Tensor:
    """Return the picture x of shape (C, H, W) as a view of shape (H, W, C).

    Element [c, h, w] of x is element [h, w, c] of the result.
    x: any dtype, contiguous or not. The result has the same dtype and device and shares x's
    memory; gradients reach x.
    Raises ValueError when x is not 3-d.
    """
    raise NotImplementedError


def hwc_to_chw(x: Tensor) -> Tensor:
    """Return the picture x of shape (H, W, C) as a view of shape (C, H, W): the way back.

    Element [h, w, c] of x is element [c, h, w] of the result.
    x: any dtype, contiguous or not. The result has the same dtype and device and shares x's
    memory; gradients reach x.
    Raises ValueError when x is not 3-d.
    """
    raise NotImplementedError


def ensure_batch(x: Tensor) -> Tensor:
    """Return x as a batch of pictures.

    x: one picture (C, H, W), which becomes a batch (1, C, H, W), a view of x; or a batch
    (N, C, H, W), which is returned as it is. Any dtype, contiguous or not; gradients reach x.
    Raises ValueError when x is neither 3-d nor 4-d.
    """
    raise NotImplementedError


def from_numpy_shared(a: np.ndarray) -> Tensor:
    """Return a tensor on the array's own memory: each sees what is written to the other.

    a: an array of numbers that torch knows too (float64, int32, uint8 ...), contiguous or not,
    but without negative steps: torch cannot share a[::-1], and what happens then is left open.
    Returns a CPU tensor of the array's shape and dtype.
    """
    raise NotImplementedError


def from_numpy_copy(a: np.ndarray) -> Tensor:
    """Return a tensor with the numbers of the array in memory of its own.

    a: an array of at least one dimension and of a dtype that torch knows too; contiguous or not,
    also with negative steps, as a[::-1] and a[:, ::-1] have.
    Returns a CPU tensor of the array's shape and dtype. Neither sees what is written to the other.
    """
    raise NotImplementedError


def num_flat_features(x: Tensor) -> int:
    """Return how many numbers each sample of the batch x has: the product of all sizes but N.

    x: (N, ...), at least one dimension; N may be 0. In a batch (N,) each sample is one number.
    Returns an int.
    """
    raise NotImplementedError
