"""Another right solution: the layer pads, one einsum for all groups, zeros between pixels."""

import torch
from torch import Tensor, nn


def same_padding(k: int, d: int = 1) -> int:
    """Try every padding until one keeps the size."""
    for p in range(d * k + 1):
        if 2 * p - d * (k - 1) == 0:
            return p
    raise ValueError("no padding keeps the size")


def pad_then_conv(x: Tensor, w: Tensor, p: int | tuple[int, int], mode: str) -> Tensor:
    """Let nn.Conv2d refuse unknown modes and do the padding."""
    out_c, in_c, *size = w.shape
    layer = nn.Conv2d(in_c, out_c, tuple(size), padding=p, padding_mode=mode, bias=False)
    del layer.weight
    layer.weight = w
    return layer(x)


def strided_from_dense(y: Tensor, s: int | tuple[int, int]) -> Tensor:
    """Choose the places by their numbers."""
    rows, columns = (s, s) if isinstance(s, int) else s
    down = torch.arange(0, y.shape[2], rows, device=y.device)
    right = torch.arange(0, y.shape[3], columns, device=y.device)
    return y.index_select(2, down).index_select(3, right)


def _stuffed(x: Tensor, s: int) -> Tensor:
    corner = x.new_zeros(s, s)
    corner[0, 0] = 1
    rows, columns = x.shape[2:]
    return torch.kron(x.contiguous(), corner)[..., : s * (rows - 1) + 1, : s * (columns - 1) + 1]


def dilate_kernel(w: Tensor, d: int) -> Tensor:
    """Give every number a block of d x d and cut off what stands behind the last ones."""
    return _stuffed(w, d)


def grouped_conv(x: Tensor, w: Tensor, groups: int) -> Tensor:
    """Give the groups a dimension of their own."""
    (_, C, _, _), (out_c, c, h, width) = x.shape, w.shape
    if C % groups or out_c % groups or C // groups != c:
        raise ValueError("the maps do not fit the groups")
    windows = x.unfold(2, h, 1).unfold(3, width, 1).unflatten(1, (groups, c))
    kernels = w.unflatten(0, (groups, out_c // groups))
    return torch.einsum("ngcyxij,gocij->ngoyx", windows, kernels).flatten(1, 2)


def transposed_out_size(n: int, k: int, s: int = 1, p: int = 0, op: int = 0, d: int = 1) -> int:
    """Count the places that the copies cover."""
    last = s * (n - 1) + d * (k - 1)
    left = last + 1 + op - p - p
    if left <= 0 or (op >= s and op >= d):
        raise ValueError("impossible")
    return left


def conv_transpose(
    x: Tensor, w: Tensor, stride: int = 1, padding: int = 0, output_padding: int = 0
) -> Tensor:
    """Put zeros between the pixels, turn the kernel by 180 degrees and convolve as usual."""
    if x.size(1) != w.size(0):
        raise ValueError("the input maps do not fit")
    h, width = w.shape[2:]
    for n, k in zip(x.shape[2:], (h, width), strict=True):
        transposed_out_size(n, k, stride, padding, output_padding)
    up, left = h - 1 - padding, width - 1 - padding
    around = (left, left + output_padding, up, up + output_padding)
    padded = nn.functional.pad(_stuffed(x, stride), around)
    return nn.functional.conv2d(padded, w.transpose(0, 1).flip(2, 3))
