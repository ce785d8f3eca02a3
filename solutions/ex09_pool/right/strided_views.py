"""Another right solution: windows by as_strided, and torch's layers for everything else."""

import torch
from torch import Tensor, nn


def pool2d(X: Tensor, size: tuple[int, int], mode: str = "max", stride: int = 1) -> Tensor:
    """Look at the picture's memory as if the windows stood in it."""
    reduced = {"max": torch.amax, "avg": torch.mean}.get(mode)
    if reduced is None:
        raise ValueError(f"unknown mode: {mode}")
    if len(X.shape) < 2:
        raise ValueError("a picture has two dimensions")
    *lead, H, W = X.shape
    h, w = size
    if h > H or w > W:
        raise ValueError("the window is larger than the picture")
    *lead_steps, down, right = X.stride()
    shape = (*lead, 1 + (H - h) // stride, 1 + (W - w) // stride, h, w)
    steps = (*lead_steps, down * stride, right * stride, down, right)
    return reduced(X.as_strided(shape, steps), dim=(-1, -2))


def max_pool(
    x: Tensor, k: int, stride: int | None = None, padding: int = 0, *, ceil_mode: bool = False
) -> Tensor:
    """Make the layer and call it."""
    try:
        return nn.MaxPool2d(k, stride, padding, ceil_mode=ceil_mode)(x)
    except RuntimeError as error:
        raise ValueError("the padding is too large") from error


def avg_pool(
    x: Tensor,
    k: int,
    stride: int | None = None,
    padding: int = 0,
    *,
    count_include_pad: bool = True,
) -> Tensor:
    """Make the layer and call it."""
    return nn.AvgPool2d(k, stride, padding, count_include_pad=count_include_pad)(x)


def global_avg(x: Tensor) -> Tensor:
    """Ask for maps of one number each."""
    return nn.Flatten()(nn.AdaptiveAvgPool2d(1)(x))


def pool_with_indices(x: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """Have the layer return both."""
    values, indices = nn.MaxPool2d(k, return_indices=True)(x)
    return values, indices


def unpool(y: Tensor, idx: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Tell MaxUnpool2d a window that fits the shape."""
    rows, columns = shape[2] // y.shape[2], shape[3] // y.shape[3]
    return nn.MaxUnpool2d((rows, columns))(y, idx, output_size=list(shape))


class PoolNet(nn.Sequential):
    """Three layers in a row."""

    def __init__(self, k: int = 3) -> None:
        pool = nn.MaxPool2d(kernel_size=k, stride=k, ceil_mode=True)
        super().__init__(pool, nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten())
