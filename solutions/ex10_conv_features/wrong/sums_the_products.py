"""Adds the products up and does not divide.

A convolution does just that; but then a perfect match of nine numbers scores 9 and one of four
scores 4, and scores of different features cannot be compared.
"""

import torch
from torch import Tensor, nn


def to_signs(picture: Tensor) -> Tensor:
    """Turn a picture of 0 (paper) and 1 (ink) into one of -1 and 1."""
    return 2 * picture.float() - 1


def match_feature(img: Tensor, feature: Tensor) -> Tensor:
    """Score how well the feature fits at every place of a picture: the mean of the products."""
    if img.dim() < 2 or feature.dim() != 2:
        raise ValueError("a picture and a 2-d feature are needed")
    h, w = feature.shape
    if h > img.shape[-2] or w > img.shape[-1]:
        raise ValueError("the feature is larger than the picture")
    windows = img.unfold(-2, h, 1).unfold(-2, w, 1)
    return (windows * feature).sum((-2, -1))


def best_match(img: Tensor, feature: Tensor) -> tuple[float, tuple[int, int]]:
    """Find the place where the feature fits best."""
    scores = match_feature(img, feature)
    return scores.max().item(), divmod(scores.argmax().item(), scores.shape[1])


def receptive_field(layers: list[tuple[int, ...]]) -> int:
    """Return how many rows of the picture one number behind all these layers depends on."""
    field = jump = 1
    for k, s, *dilation in layers:
        field += sum(dilation or [1]) * (k - 1) * jump
        jump *= s
    return field


def measured_rf(model: nn.Module, size: int) -> int:
    """Measure the receptive field of a model by the gradients of its input."""
    picture = next(model.parameters()).new_ones(1, 1, size, size).requires_grad_()
    maps = model(picture)
    middle = maps[:, :, maps.shape[2] // 2, maps.shape[3] // 2].sum()
    (slopes,) = torch.autograd.grad(middle, picture)
    rows = slopes[0, 0].any(1).nonzero()
    return (rows[-1] - rows[0]).item() + 1


def make_downsampler(kind: str, c: int) -> nn.Module:
    """Return a layer that halves pictures (N, c, H, W)."""
    if kind == "pool":
        return nn.MaxPool2d(2)
    if kind == "conv":
        return nn.Conv2d(c, c, 3, stride=2, padding=1)
    raise ValueError(f"unknown kind {kind!r}")
