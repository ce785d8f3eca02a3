"""The public checks of ex03_line."""

from grader.checks import assert_tensor, check, module_output, raises


@check(points=1, zh="Line 在每一点上给出直线的值。")
def test_line(submission, rng):
    """Line gives the value of the line at every point."""
    x, weight, bias = rng.randn(5), rng.randn(1), rng.randn(1)
    state = {"weight": weight, "bias": bias}
    output = submission.run(module_output, "Line", [], [x], state=state)
    assert_tensor(output, weight * x + bias)


@check(points=1, zh="长度为奇数时，halves 抛出 ValueError。")
def test_odd_length(submission, rng):
    """An odd length raises ValueError."""
    with raises(ValueError):
        submission.halves(rng.randn(7))


@check(points=1, zh="halves 把张量分成前后两半。")
def test_even_length(submission, rng):
    """An even length is cut in the middle."""
    x = rng.randn(8)
    first, second = submission.halves(x)
    assert_tensor(first, x[:4])
    assert_tensor(second, x[4:])
