"""Another right solution: masks of 0 and 1, einsum, and logaddexp."""

import torch
from torch import Tensor, nn


def _reduce(values: Tensor, reduction: str) -> Tensor:
    """Sum first; the mean is the sum divided by the number of losses."""
    if reduction not in {"none", "sum", "mean"}:
        raise ValueError(f"unknown reduction {reduction}")
    if reduction == "none":
        return values
    return values.sum() / (values.numel() if reduction == "mean" else 1)


def margin_ranking(
    x1: Tensor, x2: Tensor, y: Tensor, margin: float = 0.0, reduction: str = "mean"
) -> Tensor:
    """Use the larger of 0 and what is missing."""
    if len({x1.shape, x2.shape, y.shape}) > 1:
        raise ValueError("shapes differ")
    missing = y * (x2 - x1) + margin
    return _reduce(torch.maximum(missing, missing.new_tensor(0)), reduction)


def multilabel_margin(x: Tensor, y: Tensor, reduction: str = "mean") -> Tensor:
    """Turn the lists of labels into rows of 0 and 1; einsum adds up over all pairs."""
    if x.dim() != 2 or x.size() != y.size():
        raise ValueError("x and y are (N, C)")
    rows, columns = x.shape
    before = (y >= 0).long().cumprod(1).bool()
    slots = y.masked_fill(~before, columns)  # one column more, for all that is no label
    labels = x.new_zeros(rows, columns + 1).scatter(1, slots, 1.0)[:, :columns]
    hinges = nn.functional.relu(1 + x.unsqueeze(1) - x.unsqueeze(2))
    return _reduce(torch.einsum("nji,nj,ni->n", hinges, labels, 1 - labels) / columns, reduction)


def soft_margin(x: Tensor, y: Tensor, reduction: str = "mean") -> Tensor:
    """log(exp(0) + exp(-y * x))."""
    if x.shape != y.shape:
        raise ValueError("shapes differ")
    return _reduce(torch.logaddexp(torch.zeros_like(x), -y * x), reduction)


def multi_margin(
    x: Tensor,
    y: Tensor,
    p: int = 1,
    margin: float = 1.0,
    weight: Tensor | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Push the right class out of the way before the hinges, with a mask."""
    if x.dim() != 2 or y.dim() != 1 or x.size(0) != y.size(0):
        raise ValueError("x is (N, C), y is (N,)")
    if p not in {1, 2} or (weight is not None and weight.shape != (x.size(1),)):
        raise ValueError("p or weight is not as it should be")
    others = 1 - nn.functional.one_hot(y, x.size(1)).to(x.dtype)
    leads = x[torch.arange(len(x)), y].unsqueeze(1) - x
    hinges = nn.functional.relu(margin - leads).pow(p) * others
    factors = torch.ones_like(x[0]) if weight is None else weight
    return _reduce(factors[y] * hinges.mean(1), reduction)
