"""Another right solution: transposes two axes at a time, counts in loops, uses masks as numbers."""

import numpy as np
import torch
from torch import Tensor


def same_storage(a: Tensor, b: Tensor) -> bool:
    """Collect the addresses; one storage has one."""
    return len({x.untyped_storage().data_ptr() for x in (a, b)}) == 1


def storage_position(x: Tensor, index: tuple[int, ...]) -> int:
    """Walk along one dimension after the other."""
    place = x.storage_offset()
    for dim, i in enumerate(index):
        place += i * x.stride(dim)
    return place


def column(x: Tensor, j: int) -> Tensor:
    """Row j of the transpose."""
    return x.t()[j]


def add_where(x: Tensor, mask: Tensor, amount: float) -> Tensor:
    """Add amount times 1 or 0."""
    x += mask * amount
    return x


def safe_reshape_copy(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Copy row by row into memory in plain order, where view works."""
    return x.clone(memory_format=torch.contiguous_format).view(shape)


def chw_to_hwc(x: Tensor) -> Tensor:
    """Swap (C, H, W) to (H, C, W) to (H, W, C)."""
    if x.ndim != 3:
        raise ValueError("x must be (C, H, W)")
    return x.transpose(0, 1).transpose(1, 2)


def hwc_to_chw(x: Tensor) -> Tensor:
    """Swap (H, W, C) to (H, C, W) to (C, H, W)."""
    if x.ndim != 3:
        raise ValueError("x must be (H, W, C)")
    return x.transpose(1, 2).transpose(0, 1)


def ensure_batch(x: Tensor) -> Tensor:
    """Match the shape."""
    match tuple(x.shape):
        case (_, _, _):
            return torch.unsqueeze(x, dim=0)
        case (_, _, _, _):
            return x
        case shape:
            raise ValueError(f"{shape} is no picture and no batch")


def from_numpy_shared(a: np.ndarray) -> Tensor:
    """Exchange the memory by the protocol that numpy and torch both speak."""
    return torch.from_dlpack(a)


def from_numpy_copy(a: np.ndarray) -> Tensor:
    """Make an empty array of the same kind, fill it, and let torch have it."""
    own = np.empty(a.shape, a.dtype)
    own[...] = a
    return torch.from_numpy(own)


def num_flat_features(x: Tensor) -> int:
    """Multiply in a loop, as the first tutorials of PyTorch did."""
    features = 1
    for size in x.size()[1:]:
        features *= size
    return features
