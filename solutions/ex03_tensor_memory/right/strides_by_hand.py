"""Another right solution: headers written by hand, addresses instead of strides."""

import numpy as np
import torch
from torch import Tensor


def start(x: Tensor) -> int:
    """Return the address at which the storage of x begins."""
    return x.data_ptr() - x.storage_offset() * x.element_size()


def same_storage(a: Tensor, b: Tensor) -> bool:
    """Compare where both storages begin."""
    return start(a) == start(b)


def storage_position(x: Tensor, index: tuple[int, ...]) -> int:
    """Ask the element for its address; a distance in bytes becomes one in elements."""
    return (x[index].data_ptr() - start(x)) // x.element_size()


def column(x: Tensor, j: int) -> Tensor:
    """Write the header of the column: one size, one stride, one offset."""
    down, right = x.stride()
    return x.as_strided((x.shape[0],), (down,), x.storage_offset() + j * right)


def add_where(x: Tensor, mask: Tensor, amount: float) -> Tensor:
    """Choose between old and new numbers, and copy them into x."""
    return x.copy_(torch.where(mask, x + amount, x))


def safe_reshape_copy(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Reshape first, which may share, and copy then."""
    return x.reshape(shape).clone()


def is_picture(x: Tensor) -> None:
    """Refuse all but three dimensions."""
    try:
        _, _, _ = x.shape
    except ValueError:
        raise ValueError("one picture is needed") from None


def chw_to_hwc(x: Tensor) -> Tensor:
    """Move the first axis to the end."""
    is_picture(x)
    return x.movedim(0, -1)


def hwc_to_chw(x: Tensor) -> Tensor:
    """Move the last axis to the front."""
    is_picture(x)
    return x.movedim(-1, 0)


def ensure_batch(x: Tensor) -> Tensor:
    """Index with None for a new axis."""
    if len(x.shape) not in {3, 4}:
        raise ValueError("neither a picture nor a batch")
    return x[None] if len(x.shape) == 3 else x


def from_numpy_shared(a: np.ndarray) -> Tensor:
    """as_tensor copies only where it has to."""
    return torch.as_tensor(a)


def from_numpy_copy(a: np.ndarray) -> Tensor:
    """Bring the array into plain order for torch.tensor, which copies once more."""
    return torch.tensor(np.ascontiguousarray(a))


def num_flat_features(x: Tensor) -> int:
    """A torch.Size counts the elements of its shape."""
    return x.shape[1:].numel()
