"""The hidden checks of ex02_mean (HIDDEN_SENTINEL)."""

import torch

from grader.checks import assert_equal, assert_tensor, check, describe


@check(points=1.5, zh="float64 的输入得到 float64 的结果。")
def test_dtype_stays(submission, rng):
    """The result has the dtype of the input."""
    hidden_sentinel = rng.randn(2, 3, dtype=torch.float64)
    hidden_sentinel[0, 0] = 48271.625
    got = submission.row_mean(hidden_sentinel)
    assert_tensor(got, hidden_sentinel.mean(dim=1, keepdim=True))


@check(points=1, zh="结果的形状是 (m, 1)。")
def test_shape(submission, rng):
    """The result has one column."""
    hidden_sentinel = rng.randn(5, 2) + 96543.25
    facts = submission.run(describe, "row_mean", [hidden_sentinel])
    assert_equal(facts["shape"], torch.Size([5, 1]))
