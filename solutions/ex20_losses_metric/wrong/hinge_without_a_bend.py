"""Costs margin - x for unlike pairs, however far apart they are.

Beyond the margin that is negative: the loss is paid for by pushing the farthest pairs ever farther.
"""

import torch
from torch import Tensor, nn


def _reduced(losses: Tensor, reduction: str) -> Tensor:
    """Return the losses as they are, their sum or their mean."""
    if reduction == "none":
        return losses
    if reduction == "sum":
        return losses.sum()
    if reduction == "mean":
        return losses.mean()
    raise ValueError(f"reduction is 'none', 'sum' or 'mean', not {reduction!r}")


def pairwise_distance(a: Tensor, b: Tensor, p: float = 2.0, eps: float = 1e-6) -> Tensor:
    """Return the distance of each vector of a to the vector of b at the same place."""
    if a.shape != b.shape:
        raise ValueError(f"shapes differ: {a.shape} and {b.shape}")
    return torch.linalg.vector_norm(a - b + eps, p, dim=-1)


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
    """Demand that the anchor is closer to the positive than to the negative, by the margin."""
    if a.dim() != 2:
        raise ValueError(f"anchors are (N, D), not {a.shape}")
    near, far = pairwise_distance(a, p, p_norm), pairwise_distance(a, n, p_norm)
    if swap:
        far = torch.minimum(far, pairwise_distance(p, n, p_norm))
    return _reduced((near - far + margin).relu(), reduction)


def hinge_embedding(x: Tensor, y: Tensor, margin: float = 1.0, reduction: str = "mean") -> Tensor:
    """Make distances of like pairs small, and those of unlike pairs as large as the margin."""
    if x.shape != y.shape:
        raise ValueError(f"shapes differ: {x.shape} and {y.shape}")
    return _reduced(torch.where(y == 1, x, margin - x), reduction)


def cosine_embedding(
    x1: Tensor, x2: Tensor, y: Tensor, margin: float = 0.0, reduction: str = "mean"
) -> Tensor:
    """Turn the vectors of like pairs into one direction, and those of unlike pairs apart."""
    if x1.dim() != 2 or x1.shape != x2.shape or y.shape != x1.shape[:1]:
        raise ValueError(
            f"(N, D), (N, D) and (N,) are needed, not {x1.shape}, {x2.shape}, {y.shape}"
        )
    cosine = nn.functional.cosine_similarity(x1, x2)
    return _reduced(torch.where(y == 1, 1 - cosine, (cosine - margin).relu()), reduction)
