"""Exercise ex08_conv_options: padding, stride, dilation, groups and transposed convolution.

Add the imports that you need.
"""

from torch import Tensor


def same_padding(k: int, d: int = 1) -> int:
    """Return the padding on each side with which a convolution of stride 1 keeps the size.

    k: kernel size, d: dilation, both at least 1. The result is an int.
    Raises ValueError when no whole padding on each side keeps the size.
    """
    raise NotImplementedError


def pad_then_conv(x: Tensor, w: Tensor, p: int | tuple[int, int], mode: str) -> Tensor:
    """Widen the pictures by p on every side, then convolve them with stride 1.

    x: (N, C, H, W), float32 or float64. w: (O, C, h, w), same dtype and device. p: one number for
    both directions, or a pair (rows, columns): p rows above and below, p columns left and right.
    mode: what stands there, by the names of nn.Conv2d: "zeros", "reflect" (mirrored at the edge,
    which is not repeated), "replicate" (the edge again and again) or "circular" (the opposite
    side). p is smaller than the picture in its direction.
    Returns (N, O, H', W'), what nn.Conv2d(..., padding=p, padding_mode=mode) makes of x with the
    weight w and no bias; gradients reach x and w.
    Raises ValueError for any other mode.
    """
    raise NotImplementedError


def strided_from_dense(y: Tensor, s: int | tuple[int, int]) -> Tensor:
    """Pick out of the result y of a convolution with stride 1 the result with stride s.

    y: (N, O, H, W). s: one number for both directions, or a pair (rows, columns).
    Returns (N, O, H', W'), the dtype and the device of y.
    """
    raise NotImplementedError


def dilate_kernel(w: Tensor, d: int) -> Tensor:
    """Write the kernels out at full size: d - 1 zeros between neighbouring numbers.

    w: (O, C, h, w), float32 or float64. Nothing is put around the kernels.
    Returns (O, C, d * (h - 1) + 1, d * (w - 1) + 1), dtype and device of w, the kernel with which
    an ordinary convolution does what w does with dilation=d; gradients reach w.
    """
    raise NotImplementedError


def grouped_conv(x: Tensor, w: Tensor, groups: int) -> Tensor:
    """Convolve each group of input maps with its own kernels: stride 1, no padding.

    x: (N, C, H, W), float32 or float64. w: (O, C / groups, h, w), same dtype and device. The first
    C / groups input maps and the first O / groups kernels make the first O / groups output maps,
    and so on.
    Returns (N, O, H - h + 1, W - w + 1), dtype and device of x; gradients reach x and w. x and w
    need not be contiguous.
    Raises ValueError when C or O is no multiple of groups, or w has not C / groups input maps.
    Written from scratch: without PyTorch's own convolutions, also in what it calls.
    """
    raise NotImplementedError


def transposed_out_size(n: int, k: int, s: int = 1, p: int = 0, op: int = 0, d: int = 1) -> int:
    """Return the output size, along one direction, of a transposed convolution.

    n: input size, k: kernel size, s: stride, p: padding, op: output padding, d: dilation. The
    result is an int and is what nn.ConvTranspose2d gives.
    Raises ValueError when op is not smaller than the larger of s and d, or nothing is left (the
    size would be less than 1).
    """
    raise NotImplementedError


def conv_transpose(
    x: Tensor, w: Tensor, stride: int = 1, padding: int = 0, output_padding: int = 0
) -> Tensor:
    """Put a copy of the kernel down for every number of x, scaled by it, and add up all copies.

    x: (N, C, H, W), float32 or float64. w: (C, O, h, w), same dtype and device: the input maps come
    first. The copy for x[n, c, i, j] begins at row i * stride and column j * stride of the canvas,
    and in map o it is x[n, c, i, j] * w[c, o]. The canvas is zero where no copy lies. It is as
    large as all copies together, and has output_padding more rows below and columns on the right;
    from this canvas `padding` rows and columns are cut off on each of the four sides.
    Returns (N, O, H', W'), as torch.nn.functional.conv_transpose2d with the same arguments; dtype
    and device of x; gradients reach x and w. x and w need not be contiguous.
    Raises ValueError when x has not C maps, when output_padding is not smaller than stride, and
    when nothing would be left.
    Written from scratch: without PyTorch's own transposed convolutions. Its ordinary ones are fine.
    """
    raise NotImplementedError
