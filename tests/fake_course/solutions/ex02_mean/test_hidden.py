"""The hidden checks of ex02_mean."""

import torch

from grader.checks import assert_equal, assert_tensor, check, describe


@check(points=1.5, zh="float64 的输入得到 float64 的结果。")
def test_dtype_stays(submission, rng):
    """The result has the dtype of the input."""
    x = rng.randn(2, 3, dtype=torch.float64)
    assert_tensor(submission.row_mean(x), x.mean(dim=1, keepdim=True))


@check(points=1, zh="结果的形状是 (m, 1)。")
def test_shape(submission, rng):
    """The result has one column."""
    facts = submission.run(describe, "row_mean", [rng.randn(5, 2)])
    assert_equal(facts["shape"], torch.Size([5, 1]))
