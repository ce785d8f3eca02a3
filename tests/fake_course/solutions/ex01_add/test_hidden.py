"""The hidden checks of ex01_add.

HIDDEN_SENTINEL and the odd numbers below may reach no report: tests/invariants.py looks for them.
"""

from grader.checks import assert_tensor, check, gradients, probe

INPUT = 48271.625
EXPECTED = 96543.25


@probe
def inputs_after_the_call(student, a, b):
    """Return the inputs as the student's function left them (HIDDEN_SENTINEL)."""
    student.add(a, b)
    return [a, b]


@check(points=2, zh="add 不改变它的输入。")
def test_inputs_stay(submission, rng):
    """The inputs stay as they are."""
    a, b = rng.randn(2, 3), rng.randn(2, 3)
    a[0, 0] = INPUT
    after = submission.run(inputs_after_the_call, a, b)
    assert_tensor(after[0], a)
    assert_tensor(after[1], b)


@check(points=1, zh="梯度能传到两个输入。")
def test_gradients_arrive(submission, rng):
    """Gradients reach both inputs."""
    a, b = rng.randn(2, 3), rng.randn(2, 3)
    upstream = rng.randn(2, 3)
    upstream[0, 0] = EXPECTED
    for gradient in submission.run(gradients, "add", [a, b], wrt=[0, 1], upstream=upstream):
        assert_tensor(gradient, upstream)
