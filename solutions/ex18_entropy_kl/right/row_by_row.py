"""Another right solution: goes through the distributions one by one, and through their outcomes."""

import math

import torch
from torch import Tensor


def information(p: Tensor) -> Tensor:
    """Use the entropy's own building block, p * -log(p), the other way round."""
    if p.numel() and not (p.min() >= 0 and p.max() <= 1):
        raise ValueError("no probabilities")
    return p.log() / -math.log(2)


def _summed(rows: list[Tensor], others: list[Tensor], like: Tensor) -> Tensor:
    """Sum p * -log(q) for each pair of rows, over the outcomes that happen."""
    sums = []
    for p, q in zip(rows, others, strict=True):
        total = 0 * p.sum()
        for outcome in p.nonzero()[:, 0].tolist():
            total = total - p[outcome] * q[outcome].log()
        sums.append(total)
    flat = torch.stack(sums) if sums else like.new_zeros(0)
    return flat.reshape(like.shape[:-1])


def _rows(p: Tensor) -> list[Tensor]:
    rows = list(p.reshape(math.prod(p.shape[:-1]), p.shape[-1]))
    for row in rows:
        if min(row.tolist()) < 0 or not math.isclose(row.sum().item(), 1, abs_tol=1e-3):
            raise ValueError("no distribution")
    return rows


def entropy(p: Tensor, base: float = 2) -> Tensor:
    """Divide the nats by log(base)."""
    rows = _rows(p)
    return _summed(rows, rows, p) / math.log(base)


def cross_entropy_dist(P: Tensor, Q: Tensor) -> Tensor:
    """Pair the rows."""
    if P.shape != Q.shape:
        raise ValueError("P and Q differ")
    return _summed(_rows(P), _rows(Q), P)


def kl_div(P: Tensor, Q: Tensor) -> Tensor:
    """Subtract what no prediction can avoid."""
    return cross_entropy_dist(P, Q) - entropy(P, base=math.e)


def kl_loss(
    log_q: Tensor,
    p: Tensor,
    reduction: str = "batchmean",
    *,
    log_target: bool = False,
) -> Tensor:
    """Fill in the losses only where the target is positive."""
    reductions = {"none": lambda x: x, "sum": torch.sum, "mean": torch.mean}
    reductions["batchmean"] = lambda x: x.flatten(1).sum(1).mean()
    if reduction not in reductions or (reduction == "batchmean" and p.ndim == 1):
        raise ValueError("no such reduction")
    if log_q.shape != p.shape or (log_q > 1e-5).any():
        raise ValueError("log_q does not fit")
    if bool((p > 1e-5).any()) if log_target else bool((p < 0).any()):
        raise ValueError("p does not fit log_target")
    target = p.exp() if log_target else p
    happens = target > 0
    losses = torch.zeros_like(log_q)
    losses[happens] = target[happens] * (target[happens].log() - log_q[happens])
    return reductions[reduction](losses)
