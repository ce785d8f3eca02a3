"""Exercise ex07_conv: convolution by hand, with torch.nn.functional and as a layer.

Add the imports that you need.
"""

from torch import Tensor, nn


def corr2d(X: Tensor, K: Tensor) -> Tensor:
    """Slide the kernel K over the picture X and sum the products at every position.

    Y[i, j] = (X[i : i + h, j : j + w] * K).sum(): a cross-correlation, K is not flipped.

    X: a picture (H, W), float32 or float64. K: a kernel (h, w) of X's dtype and device.
    Returns a tensor (H - h + 1, W - w + 1) of X's dtype, on X's device; gradients reach X and K.
    Raises ValueError when X or K is not 2-d, or when K is higher or wider than X.
    """
    raise NotImplementedError


class Conv2D(nn.Module):
    """A layer with one kernel that learns: corr2d(x, weight) + bias.

    Parameters: `weight` of shape kernel_size and `bias` of shape (1,), float32. Their first
    values are yours to choose.
    """

    def __init__(self, kernel_size: tuple[int, int]) -> None:
        """Make the parameters for a kernel of kernel_size = (rows, columns)."""
        super().__init__()
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """Return corr2d(x, weight) + bias for a picture x of shape (H, W)."""
        raise NotImplementedError


def conv_functional(
    x: Tensor,
    k: Tensor,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
) -> Tensor:
    """Convolve a batch of pictures as torch.nn.functional.conv2d does, without a bias.

    x: (N, C, H, W). k: (O, C, h, w), same dtype and device. stride and padding: one number for
    both directions, or a pair (rows, columns); padding fills with zeros.
    Returns (N, O, H', W') of the same dtype and device. Here torch's own convolution is allowed.
    Raises ValueError when x or k is not 4-d: one picture (H, W) must be reshaped by the caller.
    """
    raise NotImplementedError


def make_conv(in_c: int, out_c: int, k: int | tuple[int, int]) -> nn.Conv2d:
    """Return an nn.Conv2d from in_c to out_c maps: kernel k, stride 1, no padding, with a bias.

    k: one number for a square kernel, or a pair (rows, columns).
    """
    raise NotImplementedError


def conv_out_size(n: int, k: int, s: int = 1, p: int = 0, d: int = 1) -> int:
    """Return the output size, along one direction, of a convolution.

    n: input size, k: kernel size, s: stride, p: padding on each side, d: dilation. The result
    is an int and is what nn.Conv2d gives.
    Raises ValueError when the kernel does not fit: it spans d * (k - 1) + 1 places, the padded
    input has n + 2 * p.
    """
    raise NotImplementedError


def solve_padding(n_in: int, n_out: int, k: int, s: int = 1, d: int = 1) -> int:
    """Return the smallest padding p >= 0 with conv_out_size(n_in, k, s, p, d) == n_out.

    A padding with which the kernel does not fit is no solution; a larger one may still be.
    Raises ValueError when no padding leads to n_out.
    """
    raise NotImplementedError


def learn_kernel(X: Tensor, Y: Tensor, steps: int, lr: float) -> Tensor:
    """Find by gradient descent the kernel K with corr2d(X, K) = Y.

    X: (H, W). Y: (H', W') of X's dtype and device, at most as large as X. The shape of K follows
    from both: (H - H' + 1, W - W' + 1).
    Start with a kernel of zeros. One step: loss = ((corr2d(X, K) - Y) ** 2).sum(), then
    K <- K - lr * (gradient of the loss). Do `steps` steps, without momentum.
    Returns K with X's dtype and device, detached (requires_grad is False).
    """
    raise NotImplementedError
