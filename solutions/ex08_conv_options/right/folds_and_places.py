"""Another right solution: places looked up one by one, shifted slices, and torch's fold."""

import torch
from torch import Tensor
from torch.nn import functional

_PLACES = {
    "reflect": lambda i, n: (n - 1) - abs((n - 1) - abs(i)),
    "replicate": lambda i, n: min(max(i, 0), n - 1),
    "circular": lambda i, n: i % n,
}


def _both(value):
    return value if isinstance(value, tuple) else (value,) * 2


def same_padding(k: int, d: int = 1) -> int:
    """Half of the span of the dilated kernel, if that is an odd number."""
    span = d * (k - 1) + 1
    if span % 2 == 0:
        raise ValueError("the span of the kernel is even")
    return span // 2


def pad_then_conv(x: Tensor, w: Tensor, p: int | tuple[int, int], mode: str) -> Tensor:
    """Look up for every place of the frame which number of the picture stands there."""
    if mode == "zeros":
        return functional.conv2d(x, w, padding=p)
    if mode not in _PLACES:
        raise ValueError(mode)
    for dimension, more in zip((2, 3), _both(p), strict=True):
        n = x.shape[dimension]
        places = [_PLACES[mode](i, n) for i in range(-more, n + more)]
        x = torch.cat([x.narrow(dimension, i, 1) for i in places], dimension)
    return functional.conv2d(x, w)


def strided_from_dense(y: Tensor, s: int | tuple[int, int]) -> Tensor:
    """Take windows of one number."""
    down, right = _both(s)
    return y.unfold(2, 1, down).unfold(3, 1, right)[..., 0, 0]


def dilate_kernel(w: Tensor, d: int) -> Tensor:
    """Put the zeros behind every number along a new dimension, first columns, then rows."""
    rows, columns = w.shape[-2:]
    w = functional.pad(w.unsqueeze(-1), (0, d - 1)).flatten(-2)[..., : d * (columns - 1) + 1]
    w = functional.pad(w.unsqueeze(-2), (0, 0, 0, d - 1)).flatten(-3, -2)
    return w[..., : d * (rows - 1) + 1, :]


def grouped_conv(x: Tensor, w: Tensor, groups: int) -> Tensor:
    """For every output map, add up shifted slices of the input maps of its group."""
    if x.shape[1] % groups != 0 or w.shape[0] % groups != 0:
        raise ValueError("not divisible by groups")
    maps, kernels = x.shape[1] // groups, w.shape[0] // groups
    if w.shape[1] != maps:
        raise ValueError("the kernels have other maps")
    rows, columns = x.shape[2] - w.shape[2] + 1, x.shape[3] - w.shape[3] + 1
    results = []
    for o in range(w.shape[0]):
        first = o // kernels * maps
        mine = x[:, first : first + maps]
        total = 0
        for i in range(w.shape[2]):
            for j in range(w.shape[3]):
                shifted = mine[:, :, i : i + rows, j : j + columns]
                total = total + (shifted * w[o, :, i, j].reshape(-1, 1, 1)).sum(1)
        results.append(total)
    return torch.stack(results, dim=1)


def transposed_out_size(n: int, k: int, s: int = 1, p: int = 0, op: int = 0, d: int = 1) -> int:
    """Use the formula of the documentation."""
    if not (op < s or op < d):
        raise ValueError("output padding must be smaller than stride or dilation")
    size = (n - 1) * s - 2 * p + d * (k - 1) + op + 1
    if size <= 0:
        raise ValueError("the output would be empty")
    return size


def conv_transpose(
    x: Tensor, w: Tensor, stride: int = 1, padding: int = 0, output_padding: int = 0
) -> Tensor:
    """Make all scaled copies by one product; fold lays them down and adds them up."""
    if w.shape[0] != x.shape[1]:
        raise ValueError("w must begin with the input maps")
    size = [
        transposed_out_size(n, k, stride, padding, output_padding)
        for n, k in zip(x.shape[-2:], w.shape[-2:], strict=True)
    ]
    copies = w.flatten(1).T @ x.flatten(2)
    return functional.fold(copies, size, tuple(w.shape[2:]), padding=padding, stride=stride)
