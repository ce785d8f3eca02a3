"""Two loops over the windows, as one would do it on paper.

Every answer is right. But each turn of the loop costs some microseconds, however little there is to
compute in it, and a picture has as many windows as pixels.
"""

from torch import Tensor, nn


def pool2d(X: Tensor, size: tuple[int, int], mode: str = "max", stride: int = 1) -> Tensor:
    """Pool every picture of X: one number for each window, its largest or its average."""
    if mode not in ("max", "avg"):
        raise ValueError(f"mode is 'max' or 'avg', not {mode!r}")
    h, w = size
    if X.dim() < 2 or h > X.shape[-2] or w > X.shape[-1]:
        raise ValueError(f"a window {(h, w)} does not fit a picture {tuple(X.shape)}")
    rows, columns = (X.shape[-2] - h) // stride + 1, (X.shape[-1] - w) // stride + 1
    Y = X.new_zeros(*X.shape[:-2], rows, columns)
    for i in range(rows):
        for j in range(columns):
            top, left = i * stride, j * stride
            window = X[..., top : top + h, left : left + w]
            if mode == "max":
                Y[..., i, j] = window.amax((-2, -1))
            else:
                Y[..., i, j] = window.mean((-2, -1))
    return Y


def max_pool(
    x: Tensor, k: int, stride: int | None = None, padding: int = 0, *, ceil_mode: bool = False
) -> Tensor:
    """Max-pool a batch of pictures as torch.nn.functional.max_pool2d does."""
    if 2 * padding > k:
        raise ValueError(f"a padding of {padding} is more than half of {k}")
    return nn.functional.max_pool2d(x, k, stride, padding, ceil_mode=ceil_mode)


def avg_pool(
    x: Tensor,
    k: int,
    stride: int | None = None,
    padding: int = 0,
    *,
    count_include_pad: bool = True,
) -> Tensor:
    """Average-pool a batch of pictures as torch.nn.functional.avg_pool2d does."""
    return nn.functional.avg_pool2d(x, k, stride, padding, count_include_pad=count_include_pad)


def global_avg(x: Tensor) -> Tensor:
    """Return the average of every map: (N, C, H, W) becomes (N, C), whatever the numbers are."""
    return x.mean((2, 3))


def pool_with_indices(x: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """Max-pool with windows of k x k side by side, and tell where the largest numbers stood."""
    return nn.functional.max_pool2d(x, k, return_indices=True)


def unpool(y: Tensor, idx: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Put the numbers of y back where pool_with_indices found them; zeros everywhere else."""
    places = y.new_zeros(shape).flatten(2)
    return places.scatter(2, idx.flatten(2), y.flatten(2)).view(shape)


class PoolNet(nn.Module):
    """Max pooling k x k with ceil_mode, its stride being k; then the average of every map."""

    def __init__(self, k: int = 3) -> None:
        super().__init__()
        self.pool = nn.MaxPool2d(k, ceil_mode=True)

    def forward(self, x: Tensor) -> Tensor:
        """Turn pictures (N, C, H, W) of any size into (N, C)."""
        return global_avg(self.pool(x))
