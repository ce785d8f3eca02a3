"""Another right solution: one row after the other, each with the functions of linear algebra."""

import torch
from torch import Tensor, nn


def _reduce(losses: Tensor, reduction: str) -> Tensor:
    """Call the method of that name."""
    if reduction not in ("none", "sum", "mean"):
        raise ValueError(reduction)
    return losses if reduction == "none" else getattr(losses, reduction)()


def pairwise_distance(a: Tensor, b: Tensor, p: float = 2.0, eps: float = 1e-6) -> Tensor:
    """Measure the vectors one by one."""
    if a.shape != b.shape:
        raise ValueError("a and b must have one shape")
    differences = (a - b).add(eps).reshape(-1, a.shape[-1])
    distances = [torch.linalg.norm(row, ord=p) for row in differences]
    return torch.stack(distances).reshape(a.shape[:-1]) if distances else a.new_zeros(a.shape[:-1])


def triplet(
    a: Tensor,
    p: Tensor,
    n: Tensor,
    margin: float = 1.0,
    p_norm: float = 2.0,
    *,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    """Choose the smaller distance with torch.where."""
    if a.dim() != 2 or p.shape != a.shape or n.shape != a.shape:
        raise ValueError("three tensors (N, D) are needed")
    far = pairwise_distance(a, n, p=p_norm)
    if swap:
        across = pairwise_distance(p, n, p=p_norm)
        far = torch.where(across < far, across, far)
    return _reduce(nn.functional.relu(pairwise_distance(a, p, p=p_norm) + margin - far), reduction)


def hinge_embedding(x: Tensor, y: Tensor, margin: float = 1.0, reduction: str = "mean") -> Tensor:
    """Use that the hinge of an unlike pair is max(margin, x) - x."""
    if x.shape != y.shape:
        raise ValueError("x and y must have one shape")
    return _reduce(torch.where(y == -1, x.clamp(min=margin) - x, x), reduction)


def cosine_embedding(
    x1: Tensor, x2: Tensor, y: Tensor, margin: float = 0.0, reduction: str = "mean"
) -> Tensor:
    """Give every vector the length 1 first; normalize leaves zeros as they are."""
    if x1.dim() != 2 or x1.shape != x2.shape or y.shape != (x1.shape[0],):
        raise ValueError("(N, D), (N, D) and (N,) are needed")
    first, second = nn.functional.normalize(x1, dim=1), nn.functional.normalize(x2, dim=1)
    cosine = torch.einsum("nd,nd->n", first, second)
    return _reduce(torch.where(y == 1, 1 - cosine, (cosine - margin).clamp(min=0)), reduction)
