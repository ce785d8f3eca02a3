"""Another right solution: works on the rows that are kept, and writes them back at the end."""

import torch
from torch import Tensor, nn

_REDUCTIONS = {"none": lambda losses: losses, "sum": torch.sum, "mean": torch.mean}


def _reduce(losses: Tensor, reduction: str) -> Tensor:
    try:
        return _REDUCTIONS[reduction](losses)
    except KeyError as error:
        raise ValueError("reduction is none, sum or mean") from error


def log_softmax(x: Tensor, dim: int) -> Tensor:
    """Use torch.logsumexp."""
    return x.sub(torch.logsumexp(x, dim).unsqueeze(dim))


def bce(p: Tensor, y: Tensor, weight: Tensor | None = None, reduction: str = "mean") -> Tensor:
    """Take torch.lerp between the two logarithms."""
    if p.shape != y.shape or not torch.all((p >= 0) & (p <= 1)):
        raise ValueError("p and y must have one shape, p probabilities")
    yes, no = (torch.clamp_min(torch.log(value), -100) for value in (p, 1 - p))
    losses = torch.lerp(-no, -yes, y)
    return _reduce(losses.mul(1 if weight is None else weight), reduction)


def bce_with_logits(
    z: Tensor,
    y: Tensor,
    pos_weight: Tensor | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Write the losses as (1 - y) * z plus a multiple of softplus(-z)."""
    if z.shape != y.shape:
        raise ValueError("z and y must have one shape")
    factor = 1 if pos_weight is None else 1 + (pos_weight - 1) * y
    return _reduce((1 - y) * z + factor * nn.functional.softplus(-z, threshold=40), reduction)


def cross_entropy(
    logits: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    label_smoothing: float = 0.0,
    reduction: str = "mean",
) -> Tensor:
    """Gather the scores of the kept rows."""
    if logits.dim() != 2 or target.shape != logits.shape[:1]:
        raise ValueError("logits (N, C) and target (N,) are needed")
    if not torch.is_floating_point(logits) or target.dtype is not torch.int64:
        raise ValueError("logits must be floats, target int64")
    rows = (target != ignore_index).nonzero()[:, 0]
    labels = target[rows]
    if len(labels) and (labels.min() < 0 or labels.max() >= logits.shape[1]):
        raise ValueError("no such class")
    costs = -log_softmax(logits[rows], 1)
    if weight is not None:
        costs = costs * weight
    sharp = costs.gather(1, labels[:, None])[:, 0]
    kept = (1 - label_smoothing) * sharp + label_smoothing * costs.mean(1)
    if reduction == "mean":
        return kept.sum() / (len(rows) if weight is None else weight[labels].sum())
    losses = torch.zeros_like(target, dtype=logits.dtype).index_put((rows,), kept)
    return _reduce(losses, reduction)
