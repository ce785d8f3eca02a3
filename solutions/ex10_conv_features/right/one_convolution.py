"""Another right solution: torch's convolution, intervals from behind, a Jacobian."""

import torch
from torch import Tensor, nn


def to_signs(picture: Tensor) -> Tensor:
    """Choose between two numbers."""
    return torch.where(picture != 0, 1.0, -1.0)


def match_feature(img: Tensor, feature: Tensor) -> Tensor:
    """Use the feature, divided by its size, as the kernel of a convolution."""
    if img.ndim < 2 or feature.ndim != 2:
        raise ValueError("wrong dimensions")
    if any(n < k for n, k in zip(img.shape[-2:], feature.shape, strict=True)):
        raise ValueError("the feature does not fit")
    pictures = img.reshape(-1, 1, *img.shape[-2:])
    kernel = (feature / feature.numel()).reshape(1, 1, *feature.shape)
    scores = nn.functional.conv2d(pictures, kernel)
    return scores.reshape(img.shape[:-2] + scores.shape[-2:])


def best_match(img: Tensor, feature: Tensor) -> tuple[float, tuple[int, int]]:
    """Look for the places where the maximum stands and take the last one."""
    scores = match_feature(img, feature)
    best = scores.amax()
    row, column = (scores == best).nonzero()[-1].tolist()
    return float(best), (row, column)


def receptive_field(layers: list[tuple[int, ...]]) -> int:
    """Ask from behind how many rows of its input a layer needs for so many of its output."""
    rows = 1
    for layer in reversed(layers):
        k, s = layer[:2]
        d = layer[2] if len(layer) > 2 else 1
        rows = (rows - 1) * s + d * (k - 1) + 1
    return rows


def measured_rf(model: nn.Module, size: int) -> int:
    """Take the Jacobian of the middle numbers and look where a row of it is not zero."""
    parameter = next(model.parameters())
    picture = torch.randn(1, 1, size, size, dtype=parameter.dtype, device=parameter.device)

    def middle(x: Tensor) -> Tensor:
        maps = model(x)
        height, width = maps.shape[-2:]
        return maps[0, :, height // 2, width // 2]

    jacobian = torch.autograd.functional.jacobian(middle, picture)
    touched = [row for row in range(size) if bool((jacobian[:, 0, 0, row].abs().sum() > 0).item())]
    return max(touched) - min(touched) + 1


def make_downsampler(kind: str, c: int) -> nn.Module:
    """Look the kind up in a table."""
    table = {
        "pool": lambda: nn.MaxPool2d(kernel_size=2, stride=2),
        "conv": lambda: nn.Conv2d(c, c, (3, 3), (2, 2), (1, 1), bias=True),
    }
    if kind not in table:
        raise ValueError(kind)
    return table[kind]()
