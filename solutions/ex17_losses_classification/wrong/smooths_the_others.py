"""Gives the smoothing to the other classes only: label_smoothing / (C - 1) each.

That is the other way to smooth labels; PyTorch's spreads it over all C classes, so that the right
one gets 1 - label_smoothing + label_smoothing / C.
"""

import torch
from torch import Tensor, nn


def _reduced(losses: Tensor, reduction: str) -> Tensor:
    if reduction == "none":
        return losses
    if reduction == "sum":
        return losses.sum()
    if reduction == "mean":
        return losses.mean()
    raise ValueError(f"unknown reduction {reduction!r}")


def log_softmax(x: Tensor, dim: int) -> Tensor:
    """Return the logarithm of softmax along dim."""
    return x - x.logsumexp(dim, keepdim=True)


def bce(p: Tensor, y: Tensor, weight: Tensor | None = None, reduction: str = "mean") -> Tensor:
    """Return the binary cross entropy of probabilities."""
    if p.shape != y.shape:
        raise ValueError(f"{tuple(p.shape)} and {tuple(y.shape)} differ")
    if ((p < 0) | (p > 1)).any():
        raise ValueError("p must be within [0, 1]; raw scores go to bce_with_logits")
    losses = -(y * p.log().clamp(min=-100) + (1 - y) * (1 - p).log().clamp(min=-100))
    return _reduced(losses if weight is None else losses * weight, reduction)


def bce_with_logits(
    z: Tensor,
    y: Tensor,
    pos_weight: Tensor | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Return the binary cross entropy of raw scores."""
    if z.shape != y.shape:
        raise ValueError(f"{tuple(z.shape)} and {tuple(y.shape)} differ")
    positive = y if pos_weight is None else y * pos_weight
    # logsigmoid(-z) is log(1 - sigmoid(z)), and neither of the two ever meets log(0).
    log_p, log_rest = nn.functional.logsigmoid(z), nn.functional.logsigmoid(-z)
    return _reduced(-(positive * log_p + (1 - y) * log_rest), reduction)


def cross_entropy(
    logits: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    label_smoothing: float = 0.0,
    reduction: str = "mean",
) -> Tensor:
    """Return the cross entropy of raw scores and class numbers."""
    if logits.dim() != 2 or not logits.is_floating_point():
        raise ValueError("logits must be scores of shape (N, C)")
    if target.dtype != torch.int64 or target.shape != logits.shape[:1]:
        raise ValueError("target must be int64 class numbers of shape (N,)")
    classes = logits.shape[1]
    kept = target != ignore_index
    if ((target < 0) | (target >= classes))[kept].any():
        raise ValueError(f"a target is not from 0 to {classes - 1}")
    weight = logits.new_ones(classes) if weight is None else weight
    target = target.where(kept, 0)  # any class will do: an ignored row counts nothing
    # An int64 tensor times a float would be float32, whatever the dtype of the scores is.
    hot = nn.functional.one_hot(target, classes).to(logits.dtype)
    q = (1 - label_smoothing) * hot + label_smoothing / max(classes - 1, 1) * (1 - hot)
    losses = -(q * weight * log_softmax(logits, 1)).sum(1) * kept
    if reduction == "mean":
        return losses.sum() / (weight[target] * kept).sum()
    return _reduced(losses, reduction)
