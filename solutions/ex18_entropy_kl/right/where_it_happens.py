"""Another right solution: takes logarithms only where something happens."""

import torch
from torch import Tensor


def _refuse(condition: object, why: str) -> None:
    if condition:
        raise ValueError(why)


def _refuse_all_but_distributions(p: Tensor) -> None:
    _refuse(torch.any(p < 0), "negative")
    _refuse(torch.any(torch.abs(1 - p.sum(dim=-1)) > 0.001), "the sum is not 1")


def information(p: Tensor) -> Tensor:
    """Change the base of the logarithm."""
    _refuse(torch.any(p < 0) or torch.any(p > 1), "outside [0, 1]")
    return torch.log(1 / p) / torch.log(torch.tensor(2.0, dtype=p.dtype, device=p.device))


def entropy(p: Tensor, base: float = 2) -> Tensor:
    """Put a 1 into each logarithm of what never happens."""
    _refuse_all_but_distributions(p)
    safe = torch.where(p > 0, p, torch.ones_like(p))
    return -(p * safe.log()).sum(dim=-1) / torch.tensor(base, dtype=p.dtype, device=p.device).log()


def cross_entropy_dist(P: Tensor, Q: Tensor) -> Tensor:
    """Do the same with Q."""
    _refuse(P.shape != Q.shape, "two shapes")
    _refuse_all_but_distributions(P)
    _refuse_all_but_distributions(Q)
    return torch.where(P > 0, P * -torch.where(P > 0, Q, 1.0).log(), 0.0).sum(dim=-1)


def kl_div(P: Tensor, Q: Tensor) -> Tensor:
    """Sum P * log(P / Q) where P is positive."""
    _refuse(P.shape != Q.shape, "two shapes")
    _refuse_all_but_distributions(P)
    _refuse_all_but_distributions(Q)
    happens = P > 0
    ratio = torch.where(happens, P, 1.0) / torch.where(happens, Q, 1.0)
    return (P * ratio.log()).sum(dim=-1)


def kl_loss(
    log_q: Tensor,
    p: Tensor,
    reduction: str = "batchmean",
    *,
    log_target: bool = False,
) -> Tensor:
    """Divide the sum by a number that depends on the reduction."""
    _refuse(log_q.shape != p.shape, "two shapes")
    _refuse(torch.any(log_q > 1e-5), "no logarithms of probabilities")
    _refuse(torch.any(p > 1e-5) if log_target else torch.any(p < 0), "not the promised target")
    weight = torch.exp(p) if log_target else p
    happens = weight > 0
    log_p = torch.where(happens, p if log_target else torch.log(p), 0.0)
    losses = weight * (log_p - torch.where(happens, log_q, 0.0))
    if reduction == "none":
        return losses
    _refuse(reduction not in ("sum", "mean", "batchmean"), "no such reduction")
    _refuse(reduction == "batchmean" and p.dim() < 2, "no batch")
    divisors = {"sum": 1, "mean": p.numel(), "batchmean": p.shape[0] if p.dim() else 1}
    return losses.sum() / divisors[reduction]
