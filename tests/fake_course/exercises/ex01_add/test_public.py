"""The public checks of ex01_add."""

from grader.checks import assert_tensor, check


@check(points=2, zh="两个形状相同的张量逐元素相加。", hint="a + b", hint_zh="a + b")
def test_same_shape(submission, rng):
    """Two tensors of one shape are added element by element."""
    a, b = rng.randn(3, 5), rng.randn(3, 5)
    assert_tensor(submission.add(a, b), a + b)


@check(points=1, zh="形状不同的张量按广播规则相加。")
def test_broadcast(submission, rng):
    """Tensors of different shapes are broadcast."""
    a, b = rng.randn(4, 1), rng.randn(3)
    assert_tensor(submission.add(a, b), a + b)
