"""Checks only the shapes and computes with whatever comes.

The notes call nn.KLDivLoss with probabilities and print -0.3335. A divergence is never negative, but
nothing here says so.
"""

import math

import torch
from torch import Tensor


def _check(*distributions: Tensor) -> None:
    for p in distributions:
        if p.shape != distributions[0].shape:
            raise ValueError("P and Q differ in shape")


def information(p: Tensor) -> Tensor:
    """Return the information content -log2(p), in bits."""
    return -p.log2()


def entropy(p: Tensor, base: float = 2) -> Tensor:
    """Return the entropy -sum of p * log(p)."""
    _check(p)
    return -torch.xlogy(p, p).sum(-1) / math.log(base)  # xlogy(0, 0) is 0


def cross_entropy_dist(P: Tensor, Q: Tensor) -> Tensor:
    """Return the cross entropy -sum of P * log(Q)."""
    _check(P, Q)
    return -torch.xlogy(P, Q).sum(-1)


def kl_div(P: Tensor, Q: Tensor) -> Tensor:
    """Return the KL divergence: what predicting Q costs more than predicting P."""
    return cross_entropy_dist(P, Q) - entropy(P, math.e)


def kl_loss(
    log_q: Tensor,
    p: Tensor,
    reduction: str = "batchmean",
    *,
    log_target: bool = False,
) -> Tensor:
    """Return the loss p * (log(p) - log_q), number by number or reduced."""
    if log_q.shape != p.shape:
        raise ValueError("log_q and p differ in shape")
    log_p, p = (p, p.exp()) if log_target else (p.log(), p)
    losses = (p * (log_p - log_q)).where(p > 0, 0)
    if reduction == "none":
        return losses
    if reduction == "sum":
        return losses.sum()
    if reduction == "mean":
        return losses.mean()
    if reduction == "batchmean":
        return losses.sum() / len(losses)
    raise ValueError(f"cannot reduce {tuple(losses.shape)} by {reduction!r}")
