"""Another right solution: the formulas as they stand, and shapes instead of loops."""

import math

import torch
from torch import Tensor


def add_four_ways(x: Tensor, y: Tensor) -> list[Tensor]:
    """Start with an empty tensor for out=, which may grow; add in place by +=."""
    first, second = x + y, torch.add(input=x, other=y)
    third = torch.add(x, y, out=torch.empty(0, dtype=x.dtype, device=x.device))
    y += x
    return [first, second, third, y]


def broadcast_shape(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    """Fill up with ones, then drop the ones of each pair."""
    dims = max(len(a), len(b))
    pairs = zip((1,) * (dims - len(a)) + a, (1,) * (dims - len(b)) + b, strict=True)
    shape = []
    for pair in pairs:
        sizes = set(pair) - {1}
        if len(sizes) > 1:
            raise ValueError(f"{a} and {b} cannot be broadcast")
        shape.append(sizes.pop() if sizes else 1)
    return tuple(shape)


def outer_sum(a: Tensor, b: Tensor) -> Tensor:
    """Write both shapes down."""
    n, m = len(a), len(b)
    return a.view(n, 1).expand(n, m) + b.view(1, m).expand(n, m)


def join_channels(feats: list[Tensor]) -> Tensor:
    """Make room for all channels and put the maps into it."""
    if len(feats) == 0 or any(feat.ndim != 4 for feat in feats):
        raise ValueError("4-d maps are needed")
    n, _, h, w = feats[0].shape
    if any((feat.size(0), feat.size(2), feat.size(3)) != (n, h, w) for feat in feats):
        raise ValueError("the maps differ in more than their channels")
    joined = feats[0].new_empty(n, sum(feat.size(1) for feat in feats), h, w)
    begin = 0
    for feat in feats:
        joined[:, begin : begin + feat.size(1)] = feat
        begin += feat.size(1)
    return joined


def matmul_loops(A: Tensor, B: Tensor) -> Tensor:
    """Let all products stand in a block (n, l, m) and sum over its middle."""
    if not A.ndim == B.ndim == 2:
        raise ValueError("two matrices are needed")
    if A.size(1) != B.size(0):
        raise ValueError("the inner sizes differ")
    return (A[:, :, None] * B[None, :, :]).sum(dim=1)


def top1(logits: Tensor) -> tuple[Tensor, Tensor]:
    """Find the class first, then pick its score."""
    index = logits.argmax(dim=1)
    return logits.gather(1, index.unsqueeze(1)).squeeze(1), index


def p_norm(x: Tensor, p: float = 2, dim: int | None = None, *, keepdim: bool = False) -> Tensor:
    """The formula, and the largest |x| for infinity."""
    if x.dtype in {torch.float16, torch.bfloat16, torch.float32, torch.float64}:
        size = x.abs()
    else:
        size = x.float().abs()
    if p == math.inf:
        return size.amax(dim=() if dim is None else dim, keepdim=keepdim)
    return size.pow(p).sum(dim=dim, keepdim=keepdim).pow(1 / p)
