"""Stretches a kernel of k to d * k numbers.

d - 1 zeros behind every number, the last one too: the kernel is larger than it should be, and the
result of the convolution smaller.
"""

import torch
from torch import Tensor, nn


def _pair(value: int | tuple[int, int]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else value


def same_padding(k: int, d: int = 1) -> int:
    """Return the padding on each side with which a convolution of stride 1 keeps the size."""
    lost = d * (k - 1)
    if lost % 2:
        raise ValueError(f"{lost} cannot be shared equally by two sides")
    return lost // 2


def pad_then_conv(x: Tensor, w: Tensor, p: int | tuple[int, int], mode: str) -> Tensor:
    """Widen the pictures by p on every side, then convolve them with stride 1."""
    if mode not in ("zeros", "reflect", "replicate", "circular"):
        raise ValueError(f"unknown mode {mode!r}")
    rows, columns = _pair(p)
    name = "constant" if mode == "zeros" else mode
    padded = nn.functional.pad(x, (columns, columns, rows, rows), mode=name)
    return nn.functional.conv2d(padded, w)


def strided_from_dense(y: Tensor, s: int | tuple[int, int]) -> Tensor:
    """Pick out of the result y of a convolution with stride 1 the result with stride s."""
    rows, columns = _pair(s)
    return y[:, :, ::rows, ::columns]


def dilate_kernel(w: Tensor, d: int) -> Tensor:
    """Write the kernels out at full size: d - 1 zeros between neighbouring numbers."""
    rows, columns = w.shape[2:]
    spread = w.new_zeros(*w.shape[:2], d * rows, d * columns)
    spread[:, :, ::d, ::d] = w
    return spread


def _plain_conv(x: Tensor, w: Tensor) -> Tensor:
    windows = x.unfold(2, w.shape[2], 1).unfold(3, w.shape[3], 1)
    return torch.einsum("nchwij,ocij->nohw", windows, w)


def grouped_conv(x: Tensor, w: Tensor, groups: int) -> Tensor:
    """Convolve each group of input maps with its own kernels: stride 1, no padding."""
    if x.shape[1] != groups * w.shape[1] or w.shape[0] % groups:
        raise ValueError(f"{x.shape[1]} and {w.shape[0]} maps do not make {groups} groups")
    return torch.cat(list(map(_plain_conv, x.chunk(groups, 1), w.chunk(groups))), 1)


def transposed_out_size(n: int, k: int, s: int = 1, p: int = 0, op: int = 0, d: int = 1) -> int:
    """Return the output size, along one direction, of a transposed convolution."""
    if op >= max(s, d):
        raise ValueError(f"an output padding of {op} is too large")
    size = (n - 1) * s + d * (k - 1) + 1 + op - 2 * p
    if size < 1:
        raise ValueError("nothing is left")
    return size


def conv_transpose(
    x: Tensor, w: Tensor, stride: int = 1, padding: int = 0, output_padding: int = 0
) -> Tensor:
    """Put a copy of the kernel down for every number of x, scaled by it, and add up all copies."""
    if x.shape[1] != w.shape[0]:
        raise ValueError(f"{x.shape[1]} maps, but kernels for {w.shape[0]}")
    (H, W), (h, width) = x.shape[2:], w.shape[2:]
    rows = transposed_out_size(H, h, stride, padding, output_padding) + 2 * padding
    columns = transposed_out_size(W, width, stride, padding, output_padding) + 2 * padding
    canvas = x.new_zeros(len(x), w.shape[1], rows, columns)
    for a in range(h):
        for b in range(width):
            places = canvas[:, :, a : a + H * stride : stride, b : b + W * stride : stride]
            places += torch.einsum("nchw,co->nohw", x, w[:, :, a, b])
    return canvas[:, :, padding : rows - padding, padding : columns - padding]
