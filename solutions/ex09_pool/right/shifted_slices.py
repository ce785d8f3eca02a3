"""Another right solution: one shifted slice for each place of the window, and all by hand."""

import itertools

import torch
from torch import Tensor, nn


def _slices(X: Tensor, size: tuple[int, int], stride: int) -> list[Tensor]:
    """Return, for each place in the window, the numbers that all windows have there."""
    (H, W), (h, w) = X.shape[-2:], size
    rows, columns = H - h + 1, W - w + 1
    return [
        X[..., a : a + rows : stride, b : b + columns : stride]
        for a, b in itertools.product(range(h), range(w))
    ]


def pool2d(X: Tensor, size: tuple[int, int], mode: str = "max", stride: int = 1) -> Tensor:
    """Keep the larger of each two slices, or add them up."""
    if mode not in {"max", "avg"}:
        raise ValueError("no such mode")
    if X.ndim < 2 or any(k > n for k, n in zip(size, X.shape[-2:], strict=True)):
        raise ValueError("the window does not fit")
    result, *others = _slices(X, size, stride)
    for other in others:
        result = torch.maximum(result, other) if mode == "max" else result + other
    return result if mode == "max" else result / (size[0] * size[1])


def _places(n: int, k: int, stride: int, padding: int, *, ceil_mode: bool) -> int:
    """Count the windows along one direction."""
    room = n + 2 * padding - k
    places = room // stride + 1
    if ceil_mode and room % stride and places * stride < n + padding:
        places += 1
    return places


def max_pool(
    x: Tensor, k: int, stride: int | None = None, padding: int = 0, *, ceil_mode: bool = False
) -> Tensor:
    """Put minus infinity around the picture, as far as the last window reaches, and pool."""
    if padding > k / 2:
        raise ValueError("too much padding")
    stride = k if stride is None else stride
    H, W = x.shape[2:]
    below, right = (
        (_places(n, k, stride, padding, ceil_mode=ceil_mode) - 1) * stride + k - n - padding
        for n in (H, W)
    )
    padded = nn.functional.pad(x, (padding, right, padding, below), value=-torch.inf)
    return pool2d(padded, (k, k), "max", stride)


def avg_pool(
    x: Tensor,
    k: int,
    stride: int | None = None,
    padding: int = 0,
    *,
    count_include_pad: bool = True,
) -> Tensor:
    """Average the picture with its zeros, and divide by the share of the window that counts."""
    stride = stride or k
    averages = pool2d(nn.functional.pad(x, [padding] * 4), (k, k), "avg", stride)
    if count_include_pad:
        return averages
    inside = nn.functional.pad(torch.ones_like(x), [padding] * 4)
    return averages / pool2d(inside, (k, k), "avg", stride)


def global_avg(x: Tensor) -> Tensor:
    """Add up every map and divide by its size."""
    return x.sum(dim=(-1, -2)) / (x.shape[-1] * x.shape[-2])


def pool_with_indices(x: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """Find the largest place within each window, then count it through the map."""
    H, W = x.shape[2:]
    values, place = torch.stack(_slices(x, (k, k), k)).max(dim=0)
    top = torch.arange(0, H - k + 1, k, device=x.device)[:, None]
    left = torch.arange(0, W - k + 1, k, device=x.device)
    return values, (top + place // k) * W + left + place % k


def unpool(y: Tensor, idx: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Write each number to the row and column that its index means."""
    N, C, _, W = shape
    maps = torch.arange(N * C, device=y.device).view(N, C, 1, 1)
    picture = torch.zeros(tuple(shape), dtype=y.dtype, device=y.device)
    return picture.index_put((maps // C, maps % C, idx // W, idx % W), y)


class PoolNet(nn.Module):
    """Only numbers are remembered."""

    def __init__(self, k: int = 3) -> None:
        super().__init__()
        self.k = k

    def forward(self, x: Tensor) -> Tensor:
        """Pool, then average."""
        return global_avg(max_pool(x, self.k, ceil_mode=True))
