"""Another right solution: loops over the kernel instead of the picture, gradients by formula."""

import itertools
from contextlib import suppress

import torch
from torch import Tensor, nn


def corr2d(X: Tensor, K: Tensor) -> Tensor:
    """Add up h * w shifted copies of the picture, each scaled by one number of the kernel."""
    if len(X.shape) != 2:
        raise ValueError("X must be 2-d")
    if len(K.shape) != 2:
        raise ValueError("K must be 2-d")
    (H, W), (h, w) = X.shape, K.shape
    if h > H or w > W:
        raise ValueError("K must not be larger than X")
    places = itertools.product(range(h), range(w))
    shifted = [K[a, b] * X[a : a + H - h + 1, b : b + W - w + 1] for a, b in places]
    return torch.stack(shifted).sum(dim=0)


class Conv2D(nn.Module):
    """Parameters that start like those of nn.Linear, from a uniform distribution."""

    def __init__(self, kernel_size: tuple[int, int]) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.empty(1).uniform_(-0.5, 0.5))
        self.weight = nn.Parameter(torch.empty(*kernel_size))
        nn.init.xavier_uniform_(self.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Return the bias plus corr2d(x, weight)."""
        return self.bias + corr2d(x, self.weight)


def conv_functional(
    x: Tensor,
    k: Tensor,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
) -> Tensor:
    """Put the kernels into an nn.Conv2d without bias."""
    try:
        (_, channels, _, _), (maps, _, *kernel_size) = x.shape, k.shape
        rows, columns = kernel_size
    except ValueError:
        raise ValueError("x and k must have four dimensions") from None
    layer = nn.Conv2d(channels, maps, (rows, columns), stride, padding, bias=False)
    layer.weight = nn.Parameter(k)
    return layer(x)


def make_conv(in_c: int, out_c: int, k: int | tuple[int, int]) -> nn.Conv2d:
    """Let the layer find its input channels, then give it its real size."""
    layer = nn.LazyConv2d(out_c, k)
    size = (k, k) if isinstance(k, int) else k
    layer(torch.zeros(1, in_c, *size))
    return layer


def conv_out_size(n: int, k: int, s: int = 1, p: int = 0, d: int = 1) -> int:
    """Count the places where the kernel can begin."""
    count = len(range(0, n + 2 * p - d * (k - 1), s))
    if count == 0:
        raise ValueError("the kernel finds no place")
    return count


def solve_padding(n_in: int, n_out: int, k: int, s: int = 1, d: int = 1) -> int:
    """Search all paddings that could do; n_out * s + d * k is more than enough."""
    for p in range(max(0, n_out * s) + d * k + 1):
        with suppress(ValueError):
            if conv_out_size(n_in, k, s, p, d) == n_out:
                return p
    raise ValueError(f"{n_in} never becomes {n_out}")


def learn_kernel(X: Tensor, Y: Tensor, steps: int, lr: float) -> Tensor:
    """Use the gradient in closed form: 2 * corr2d(X, error)."""
    (H, W), (rows, columns) = X.shape, Y.shape
    K = torch.zeros((H - rows + 1, W - columns + 1), dtype=X.dtype, device=X.device)
    for _ in range(steps):
        error = corr2d(X, K) - Y
        K = K - lr * 2 * corr2d(X, error)
    return K
