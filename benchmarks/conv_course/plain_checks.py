"""The four checks of ex01_conv as anybody would write them without `grade`.

pytest runs this file with a fixture `conv`; for nbgrader and otter its functions are taken over one
by one. The inputs have the shapes and the numbers the distribution that they have in `grade`.
"""

import torch
from torch.nn.functional import conv2d


def test_shape(conv):
    """The result of conv has the shape (n, o, H - h + 1, W - w + 1)."""
    images, weight, bias = torch.randn(2, 3, 7, 8), torch.randn(4, 3, 3, 2), torch.randn(4)
    assert conv(images, weight, bias).shape == (2, 4, 5, 7)


def test_values(conv):
    """Each number of the result is the sum of a window times the kernel."""
    images, weight = torch.randn(2, 3, 6, 5), torch.randn(4, 3, 2, 3)
    torch.testing.assert_close(conv(images, weight, torch.zeros(4)), conv2d(images, weight))


def test_gradients(conv):
    """Gradients reach the pictures and the kernels."""
    images, weight = torch.randn(2, 3, 6, 5), torch.randn(4, 3, 2, 3)
    images.requires_grad_()
    weight.requires_grad_()
    actual = torch.autograd.grad(conv(images, weight, torch.zeros(4)).sum(), [images, weight])
    expected = torch.autograd.grad(conv2d(images, weight).sum(), [images, weight])
    torch.testing.assert_close(actual, expected)


def test_bias(conv):
    """The bias is added to every number of its map."""
    dtype = torch.float64
    images, weight = torch.randn(2, 3, 6, 5, dtype=dtype), torch.randn(4, 3, 2, 3, dtype=dtype)
    bias = torch.randn(4, dtype=dtype)
    without = conv(images, weight, torch.zeros(4, dtype=dtype))
    added = conv(images, weight, bias) - without
    torch.testing.assert_close(added, bias.view(1, 4, 1, 1).expand(2, 4, 5, 3))
