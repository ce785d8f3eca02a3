"""The checks of ex01_conv that students do not have; plain_checks.py asks the same."""

import torch
from torch.nn.functional import conv2d

from grader.checks import assert_tensor, check, gradients


@check(points=1, zh="梯度能传到图像和卷积核。")
def test_gradients(submission, rng):
    """Gradients reach the pictures and the kernels."""
    images, weight = rng.randn(2, 3, 6, 5), rng.randn(4, 3, 2, 3)
    actual = submission.run(gradients, "conv", [images, weight, torch.zeros(4)], wrt=[0, 1])
    images.requires_grad_()
    weight.requires_grad_()
    expected = torch.autograd.grad(conv2d(images, weight).sum(), [images, weight])
    for mine, theirs in zip(actual, expected, strict=True):
        assert_tensor(mine, theirs)


@check(points=1, zh="偏置加到各自特征图的每个数上。")
def test_bias(submission, rng):
    """The bias is added to every number of its map."""
    dtype = torch.float64
    images, weight = rng.randn(2, 3, 6, 5, dtype=dtype), rng.randn(4, 3, 2, 3, dtype=dtype)
    bias = rng.randn(4, dtype=dtype)
    without = submission.conv(images, weight, torch.zeros(4, dtype=dtype))
    added = submission.conv(images, weight, bias) - without
    assert_tensor(added, bias.view(1, 4, 1, 1).expand(2, 4, 5, 3))
