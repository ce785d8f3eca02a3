"""Another right solution: loops over rows, labels and classes, as the formulas are written."""

import itertools

import torch
from torch import Tensor


def _finish(losses: Tensor, how: str) -> Tensor:
    """Choose by a dict; an unknown word is a ValueError."""
    ways = {"none": losses.clone, "sum": losses.sum, "mean": losses.mean}
    try:
        return ways[how]()
    except KeyError:
        raise ValueError(how) from None


def margin_ranking(
    x1: Tensor, x2: Tensor, y: Tensor, margin: float = 0.0, reduction: str = "mean"
) -> Tensor:
    """Keep what is missing where something is missing."""
    if x1.shape != y.shape or x2.shape != y.shape:
        raise ValueError("three tensors of one shape are needed")
    missing = margin - y * (x1 - x2)
    return _finish(torch.where(missing > 0, missing, torch.zeros_like(missing)), reduction)


def multilabel_margin(x: Tensor, y: Tensor, reduction: str = "mean") -> Tensor:
    """Take the labels of a row up to the first -1, and compare each with each other class."""
    if x.ndim != 2 or y.shape != x.shape:
        raise ValueError("two tensors (N, C) are needed")
    losses = []
    for scores, entries in zip(x, y.tolist(), strict=True):
        labels = list(itertools.takewhile(lambda entry: entry >= 0, entries))
        others = set(range(len(entries))).difference(labels)
        loss = scores.new_zeros(())
        for j, i in itertools.product(labels, others):
            loss = loss + torch.clamp(1 - scores[j] + scores[i], min=0)
        losses.append(loss / len(entries))
    return _finish(torch.stack(losses), reduction)


def soft_margin(x: Tensor, y: Tensor, reduction: str = "mean") -> Tensor:
    """Split off the positive part, so that exp never sees a positive number."""
    if tuple(x.shape) != tuple(y.shape):
        raise ValueError("two tensors of one shape are needed")
    t = -y * x
    return _finish(t.clamp(min=0) + torch.log1p(torch.exp(-t.abs())), reduction)


def multi_margin(
    x: Tensor,
    y: Tensor,
    p: int = 1,
    margin: float = 1.0,
    weight: Tensor | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Add up the hinges of a row, one class after the other."""
    if x.ndim != 2 or y.ndim != 1 or len(y) != len(x):
        raise ValueError("x is (N, C) and y is (N,)")
    if p != 1 and p != 2:  # noqa: PLR1714, as the sentence says it
        raise ValueError("p is 1 or 2")
    if weight is not None and (weight.ndim != 1 or len(weight) != x.shape[1]):
        raise ValueError("weight is (C,)")
    losses = []
    for scores, right in zip(x, y.tolist(), strict=True):
        others = [i for i in range(len(scores)) if i != right]
        hinges = [torch.clamp(margin - scores[right] + scores[i], min=0) ** p for i in others]
        loss = sum(hinges, scores.new_zeros(())) / len(scores)
        losses.append(loss if weight is None else weight[right] * loss)
    return _finish(torch.stack(losses), reduction)
