"""The checks of ex01_conv that students have; plain_checks.py asks the same without `grade`."""

import torch
from torch.nn.functional import conv2d

from grader.checks import assert_equal, assert_tensor, check


@check(points=1, zh="conv 结果的形状是 (n, o, H - h + 1, W - w + 1)。")
def test_shape(submission, rng):
    """The result of conv has the shape (n, o, H - h + 1, W - w + 1)."""
    images, weight, bias = rng.randn(2, 3, 7, 8), rng.randn(4, 3, 3, 2), rng.randn(4)
    assert_equal(tuple(submission.conv(images, weight, bias).shape), (2, 4, 5, 7))


@check(points=1, zh="conv 给出每个窗口与卷积核乘积之和。")
def test_values(submission, rng):
    """Each number of the result is the sum of a window times the kernel."""
    images, weight = rng.randn(2, 3, 6, 5), rng.randn(4, 3, 2, 3)
    assert_tensor(submission.conv(images, weight, torch.zeros(4)), conv2d(images, weight))
