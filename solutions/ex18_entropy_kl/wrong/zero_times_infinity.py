"""Writes p * log(p) as it stands, without a thought of p = 0.

0 * log(0) is 0 * -inf, and that is nan. One outcome that never happens spoils the whole sum, and in
training one such target spoils all weights.
"""

import math

import torch
from torch import Tensor


def _check(*distributions: Tensor) -> None:
    for p in distributions:
        if p.shape != distributions[0].shape:
            raise ValueError("P and Q differ in shape")
        if (p < 0).any() or ((p.sum(-1) - 1).abs() > 1e-3).any():
            raise ValueError("these are no distributions")


def information(p: Tensor) -> Tensor:
    """Return the information content -log2(p), in bits."""
    if ((p < 0) | (p > 1)).any():
        raise ValueError("probabilities are from 0 to 1")
    return -p.log2()


def entropy(p: Tensor, base: float = 2) -> Tensor:
    """Return the entropy -sum of p * log(p)."""
    _check(p)
    return -(p * p.log()).sum(-1) / math.log(base)


def cross_entropy_dist(P: Tensor, Q: Tensor) -> Tensor:
    """Return the cross entropy -sum of P * log(Q)."""
    _check(P, Q)
    return -(P * Q.log()).sum(-1)


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
    if (p < 0).any() or (log_q > 1e-5).any() or (log_target and (log_p > 1e-5).any()):
        raise ValueError("log_q has to be logarithms, and p what log_target says")
    losses = p * (log_p - log_q)
    if reduction == "none":
        return losses
    if reduction == "sum":
        return losses.sum()
    if reduction == "mean":
        return losses.mean()
    if reduction == "batchmean" and losses.dim() > 1:
        return losses.sum() / len(losses)
    raise ValueError(f"cannot reduce {tuple(losses.shape)} by {reduction!r}")
