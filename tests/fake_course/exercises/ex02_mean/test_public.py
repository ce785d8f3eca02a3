"""The public checks of ex02_mean."""

import torch

from grader.checks import assert_tensor, check, raises


@check(points=1, zh="每一行的平均值排成一列。", hint="keepdim=True", hint_zh="keepdim=True")
def test_values(submission, rng):
    """The means stand in a column."""
    x = rng.randn(4, 7)
    assert_tensor(submission.row_mean(x), x.mean(dim=1, keepdim=True))


@check(points=1.5, zh="输入不是矩阵时抛出 ValueError。")
def test_only_matrices(submission):
    """What is no matrix raises ValueError."""
    with raises(ValueError):
        submission.row_mean(torch.ones(3))
