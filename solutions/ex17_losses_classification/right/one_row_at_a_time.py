"""Another right solution: shifts by the largest score, and goes through rows one by one."""

import torch
from torch import Tensor


def log_softmax(x: Tensor, dim: int) -> Tensor:
    """Shift the largest score to 0, where exp cannot overflow."""
    shifted = x - x.amax(dim, keepdim=True)
    return shifted - torch.log(torch.exp(shifted).sum(dim, keepdim=True))


def bce(p: Tensor, y: Tensor, weight: Tensor | None = None, reduction: str = "mean") -> Tensor:
    """Set the logarithms that are too small to -100."""
    if reduction not in ("none", "sum", "mean"):
        raise ValueError(reduction)
    if p.size() != y.size() or bool((p.detach() != p.detach().clip(0, 1)).any()):
        raise ValueError("p does not fit")
    least = torch.full_like(p, -100.0)
    losses = -y * torch.maximum(p.log(), least)
    losses = losses - (1 - y) * torch.maximum(torch.log1p(-p), least)
    if weight is not None:
        losses = weight * losses
    return losses if reduction == "none" else getattr(torch, reduction)(losses)


def bce_with_logits(
    z: Tensor,
    y: Tensor,
    pos_weight: Tensor | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Write -log(sigmoid(z)) as log(exp(0) + exp(-z))."""
    if reduction not in ("none", "sum", "mean"):
        raise ValueError(reduction)
    if z.size() != y.size():
        raise ValueError("z and y differ")
    zero = torch.zeros_like(z)
    weight = 1 if pos_weight is None else pos_weight
    losses = weight * y * torch.logaddexp(zero, -z) + (1 - y) * torch.logaddexp(zero, z)
    return losses if reduction == "none" else getattr(torch, reduction)(losses)


def cross_entropy(
    logits: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    label_smoothing: float = 0.0,
    reduction: str = "mean",
) -> Tensor:
    """Collect the rows' losses in a list."""
    if reduction not in ("none", "sum", "mean"):
        raise ValueError(reduction)
    if logits.ndim != 2 or target.ndim != 1 or len(logits) != len(target):
        raise ValueError("logits (N, C) and target (N,) are needed")
    if not logits.dtype.is_floating_point or target.dtype != torch.long:
        raise ValueError("floats and class numbers are needed")
    classes = logits.shape[1]
    w = logits.new_ones(classes) if weight is None else weight
    losses, divisor = [], logits.new_zeros(())
    for row, label in zip(logits, target.tolist(), strict=True):
        if label == ignore_index:
            losses.append(0 * row.sum())
            continue
        if not 0 <= label < classes:
            raise ValueError(label)
        scores = log_softmax(row, 0)
        sharp, smooth = -w[label] * scores[label], -(w * scores).mean()
        losses.append((1 - label_smoothing) * sharp + label_smoothing * smooth)
        divisor += w[label]
    losses = torch.stack(losses) if losses else logits.new_zeros(0)
    if reduction == "none":
        return losses
    return losses.sum() if reduction == "sum" else losses.sum() / divisor
