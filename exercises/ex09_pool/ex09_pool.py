"""Exercise ex09_pool: pooling from scratch and fast, PyTorch's pooling layers, and unpooling.

Add the imports that you need.
"""

from torch import Tensor, nn


def pool2d(X: Tensor, size: tuple[int, int], mode: str = "max", stride: int = 1) -> Tensor:
    """Pool every picture of X: one number for each window, its largest or its average.

    X: (..., H, W), float32 or float64. The last two dimensions are the picture; whatever stands
    before them, nothing included, are pictures side by side, each pooled on its own.
    size: the window, (h, w) = (rows, columns). mode: "max" or "avg". stride: how many places the
    window moves at a time, down as well as to the right.
    Returns (..., (H - h) // stride + 1, (W - w) // stride + 1) of X's dtype, on X's device;
    gradients reach X.
    Raises ValueError for any other mode, when X has fewer than two dimensions, and when the
    window is higher or wider than the picture.

    Written from scratch, without PyTorch's own pooling. Speed counts here: on a batch of pictures,
    up to 3 times the time of a solution that treats all windows at once earns all points for it,
    up to 10 times earns half of them, and more earns none. A Python loop over the windows takes far
    longer.
    """
    raise NotImplementedError


def max_pool(
    x: Tensor, k: int, stride: int | None = None, padding: int = 0, *, ceil_mode: bool = False
) -> Tensor:
    """Max-pool a batch of pictures as torch.nn.functional.max_pool2d does.

    x: (N, C, H, W). k: the window is k x k. stride: None means k, so that the windows lie side by
    side. padding: so many rows and columns on every side, which are never the largest of a window.
    Without ceil_mode a window has to lie within the padded picture. With ceil_mode it may hang over
    the lower and the right edge, where nothing is added to it; but a window that would start below
    or to the right of the picture, in the padding or beyond it, is left out.
    Returns (N, C, H', W') of x's dtype and device; gradients reach x. PyTorch's own pooling is
    allowed here and in everything below.
    Raises ValueError when padding is more than half of k.
    """
    raise NotImplementedError


def avg_pool(
    x: Tensor,
    k: int,
    stride: int | None = None,
    padding: int = 0,
    *,
    count_include_pad: bool = True,
) -> Tensor:
    """Average-pool a batch of pictures as torch.nn.functional.avg_pool2d does.

    x, k and stride as in max_pool. padding: so many rows and columns of zeros on every side, at
    most half of k. count_include_pad: whether these zeros count when a window's sum is divided by
    how many numbers it has (then it is always divided by k * k), or only the picture's numbers.
    Returns (N, C, H', W') of x's dtype and device.
    """
    raise NotImplementedError


def global_avg(x: Tensor) -> Tensor:
    """Return the average of every map: (N, C, H, W) becomes (N, C), whatever the numbers are."""
    raise NotImplementedError


def pool_with_indices(x: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """Max-pool with windows of k x k side by side, and tell where the largest numbers stood.

    x: (N, C, H, W). Rows and columns that do not fill a window are left out.
    Returns (values, indices), both (N, C, H // k, W // k). indices is int64; a number in row i and
    column j of its map has the index i * W + j. If a window has its largest number several times,
    any of their places will do.
    """
    raise NotImplementedError


def unpool(y: Tensor, idx: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Put the numbers of y back where pool_with_indices found them; zeros everywhere else.

    y and idx: (N, C, H', W'), values and indices as pool_with_indices returns them; no place occurs
    twice in a map. shape: (N, C, H, W), a tuple or a torch.Size: the shape before the pooling.
    Returns a tensor of this shape, of y's dtype and on y's device; gradients reach y.
    """
    raise NotImplementedError


class PoolNet(nn.Module):
    """Max pooling k x k with ceil_mode, its stride being k; then the average of every map.

    It has nothing to learn: no parameters, and an empty state_dict.
    """

    def __init__(self, k: int = 3) -> None:
        """Remember the window's size k."""
        super().__init__()
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """Turn pictures (N, C, H, W) of any size into (N, C)."""
        raise NotImplementedError
