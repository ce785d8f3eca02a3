"""torch.broadcast_shapes and A @ B.

Both do the work that was to be written, and both refuse what does not fit with a RuntimeError.
"""

import torch
from torch import Tensor


def add_four_ways(x: Tensor, y: Tensor) -> list[Tensor]:
    """Add x and y in four ways and return a list of the four results, in this order."""
    total = torch.empty_like(x)
    torch.add(x, y, out=total)
    return [x + y, torch.add(x, y), total, y.add_(x)]


def broadcast_shape(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of the sum of a tensor of shape a and one of shape b."""
    return tuple(torch.broadcast_shapes(a, b))


def outer_sum(a: Tensor, b: Tensor) -> Tensor:
    """Return the table of all sums: element [i, j] is a[i] + b[j]."""
    return a[:, None] + b


def join_channels(feats: list[Tensor]) -> Tensor:
    """Join feature maps along their channels, in the order of the list."""
    frames = {(feat.shape[:1], feat.shape[2:]) for feat in feats}
    if len(frames) != 1 or feats[0].dim() != 4:
        raise ValueError("one or more maps (N, C, H, W) with the same N, H and W are needed")
    return torch.cat(feats, dim=1)


def matmul_loops(A: Tensor, B: Tensor) -> Tensor:
    """Return the matrix product of A and B without a matrix product of torch."""
    return A @ B


def top1(logits: Tensor) -> tuple[Tensor, Tensor]:
    """Return the largest score of each sample and the class that it belongs to."""
    values, index = logits.max(dim=1)
    return values, index


def p_norm(x: Tensor, p: float = 2, dim: int | None = None, *, keepdim: bool = False) -> Tensor:
    """Return the p-norm of x: the sum of |x| ** p, and of that the p-th root."""
    if not x.is_floating_point():
        x = x.to(torch.get_default_dtype())
    return torch.linalg.vector_norm(x, p, dim=dim, keepdim=keepdim)
