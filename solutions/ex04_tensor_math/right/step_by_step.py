"""Another right solution: plain loops, methods instead of functions, sorting instead of max."""

import torch
from torch import Tensor


def add_four_ways(x: Tensor, y: Tensor) -> list[Tensor]:
    """Collect the sums one by one."""
    sums = [y + x]
    sums.append(torch.add(y, x))
    room = torch.zeros(x.shape, dtype=x.dtype, device=x.device)
    sums.append(torch.add(x, y, out=room))
    sums.append(y.add_(x))
    return sums


def broadcast_shape(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    """Build the shape from its end."""
    shape: tuple[int, ...] = ()
    for back in range(1, max(len(a), len(b)) + 1):
        one = a[-back] if back <= len(a) else 1
        other = b[-back] if back <= len(b) else 1
        if one == 1:
            one = other
        elif other not in {one, 1}:
            raise ValueError("the shapes do not fit")
        shape = (one, *shape)
    return shape


def outer_sum(a: Tensor, b: Tensor) -> Tensor:
    """Add through a new axis on each side."""
    return torch.add(a.unsqueeze(1), b.unsqueeze(0))


def join_channels(feats: list[Tensor]) -> Tensor:
    """Check each map against the first, then join from front to back."""
    if not feats:
        raise ValueError("no maps")
    first = feats[0]
    for feat in feats:
        if len(feat.shape) != 4 or len(first.shape) != 4:
            raise ValueError("a map has four dimensions")
        if feat[:, :0].shape != first[:, :0].shape:
            raise ValueError("the maps have different frames")
    joined = first
    for feat in feats[1:]:
        joined = torch.cat((joined, feat), 1)
    return joined


def matmul_loops(A: Tensor, B: Tensor) -> Tensor:
    """The three loops of a textbook."""
    try:
        (n, inner), (rows, m) = A.shape, B.shape
    except ValueError:
        raise ValueError("A and B must be matrices") from None
    if inner != rows:
        raise ValueError("columns of A and rows of B differ in number")
    C = torch.zeros(n, m, dtype=A.dtype, device=A.device)
    for i in range(n):
        for j in range(m):
            for k in range(inner):
                C[i, j] += A[i, k] * B[k, j]
    return C


def top1(logits: Tensor) -> tuple[Tensor, Tensor]:
    """Sort so that equal scores keep their order, and take the first of each."""
    values, index = logits.sort(dim=1, descending=True, stable=True)
    return values[:, 0], index[:, 0]


def p_norm(x: Tensor, p: float = 2, dim: int | None = None, *, keepdim: bool = False) -> Tensor:
    """torch.norm is deprecated but right, as long as the numbers are floats."""
    if not torch.is_floating_point(x):
        x = x.to(torch.float32)
    return torch.norm(x, p=p, dim=dim, keepdim=keepdim)
