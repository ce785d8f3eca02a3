"""Another right solution: all windows at once by unfold and einsum, and torch's own SGD."""

import math

import torch
from torch import Tensor, nn


def corr2d(X: Tensor, K: Tensor) -> Tensor:
    """Take every window with Tensor.unfold and multiply them all in one einsum."""
    if X.ndim != 2 or K.ndim != 2 or any(k > x for x, k in zip(X.shape, K.shape, strict=True)):
        raise ValueError("a 2-d kernel that fits a 2-d picture is needed")
    windows = X.unfold(0, K.shape[0], 1).unfold(1, K.shape[1], 1)
    return torch.einsum("ijhw,hw->ij", windows, K)


class Conv2D(nn.Module):
    """The parameters are registered by name instead of being set."""

    def __init__(self, kernel_size: tuple[int, int]) -> None:
        super().__init__()
        self.register_parameter("weight", nn.Parameter(torch.randn(*kernel_size) / 10))
        self.register_parameter("bias", nn.Parameter(torch.ones(1)))

    def forward(self, x: Tensor) -> Tensor:
        """Return corr2d(x, weight) + bias."""
        return corr2d(x, self.weight).add(self.bias)


def conv_functional(
    x: Tensor,
    k: Tensor,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
) -> Tensor:
    """Write the convolution as one matrix product over unfolded patches."""
    if not x.ndim == k.ndim == 4:
        raise ValueError("x and k must be 4-d")
    patches = nn.functional.unfold(x, k.shape[2:], stride=stride, padding=padding)
    stride = (stride, stride) if isinstance(stride, int) else stride
    padding = (padding, padding) if isinstance(padding, int) else padding
    rows, columns = (
        conv_out_size(x.shape[i + 2], k.shape[i + 2], stride[i], padding[i]) for i in (0, 1)
    )
    return (k.flatten(1) @ patches).unflatten(2, (rows, columns))


def make_conv(in_c: int, out_c: int, k: int | tuple[int, int]) -> nn.Conv2d:
    """Spell out every option."""
    return nn.Conv2d(in_c, out_c, k, stride=1, padding=0, dilation=1, groups=1, bias=True)


def conv_out_size(n: int, k: int, s: int = 1, p: int = 0, d: int = 1) -> int:
    """Use math.floor as the documentation writes it."""
    if d * (k - 1) + 1 > n + 2 * p:
        raise ValueError("the kernel does not fit")
    return math.floor((n + 2 * p - d * (k - 1) - 1) / s + 1)


def solve_padding(n_in: int, n_out: int, k: int, s: int = 1, d: int = 1) -> int:
    """Try one padding after the other; the size never falls while p grows."""
    span = d * (k - 1) + 1
    p = max(0, (span - n_in + 1) // 2)
    while conv_out_size(n_in, k, s, p, d) < n_out:
        p += 1
    if conv_out_size(n_in, k, s, p, d) > n_out:
        raise ValueError("no padding gives this size")
    return p


def learn_kernel(X: Tensor, Y: Tensor, steps: int, lr: float) -> Tensor:
    """Let torch.optim.SGD do the steps on an nn.Parameter."""
    shape = [x - y + 1 for x, y in zip(X.shape, Y.shape, strict=True)]
    kernel = nn.Parameter(torch.zeros(shape, dtype=X.dtype, device=X.device))
    optimizer = torch.optim.SGD([kernel], lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        nn.MSELoss(reduction="sum")(corr2d(X, kernel), Y).backward()
        optimizer.step()
    return kernel.detach()
