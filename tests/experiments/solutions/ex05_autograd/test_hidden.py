"""Hidden checks of ex05_autograd: products with random Jacobians, and a graph that was changed."""

import torch

from grader.checks import Mistake, assert_tensor, check, probe

FALSIFIED = (
    "The gradient was computed from the scaled x, not from the recorded one.",
    "梯度是用缩放后的 x 算出来的，而不是记录时的 x。",
)


@probe
def vjp_of_polynomials(student, matrix, coefficients, x, v, leftover):
    """Return vjp of matrix @ polynomial(x), and x.grad afterwards."""

    def f(x):
        return matrix @ sum(c * x**k for k, c in enumerate(coefficients))

    x.requires_grad_()
    x.grad = leftover
    return [student.vjp(f, x, v), x.grad]


@probe
def scaled_after_recording(student, x, k):
    """Return x after scale_in_place, and the gradient of x**2 recorded before (None: it raised)."""
    x.requires_grad_()
    y = (x**2).sum()
    student.scale_in_place(x, k)
    try:
        y.backward()
    except RuntimeError:
        return [x, None]
    return [x, x.grad]


@check(
    points=3,
    zh="vjp 对随机多项式给出正确的向量雅可比积。",
    hint="torch.autograd.grad(f(x), x, v) returns the product and writes to no .grad.",
    hint_zh="torch.autograd.grad(f(x), x, v) 返回这个积，不写入任何 .grad。",
)
def test_vjp_of_random_polynomials(submission, rng):
    """vjp gives the vector-Jacobian product of random polynomials and leaves x.grad alone."""
    for leftover in (None, rng.randn(5, dtype=torch.float64)):
        matrix, v = rng.randn(3, 5, dtype=torch.float64), rng.randn(3, dtype=torch.float64)
        x, coefficients = rng.randn(5, dtype=torch.float64), rng.randn(4).tolist()
        slope = sum(k * c * x ** (k - 1) for k, c in enumerate(coefficients) if k)
        product, grad = submission.run(vjp_of_polynomials, matrix, coefficients, x, v, leftover)
        assert_tensor(product, (v @ matrix) * slope)
        if leftover is None:
            assert grad is None, "x.grad was None before and is not any more"
        else:
            assert_tensor(grad, leftover)


@check(
    points=3,
    zh="scale_in_place 缩放 x；之前记录的梯度要么仍然正确，要么报错。",
    hint=".data hides the change from autograd; torch.no_grad() does not.",
    hint_zh=".data 会对 autograd 隐瞒这次修改；torch.no_grad() 不会。",
)
def test_scale_in_place_falsifies_no_gradient(submission, rng):
    """scale_in_place scales x; a gradient recorded before stays right or its backward raises."""
    x, k = rng.randn(4, 3), 100.0
    scaled, gradient = submission.run(scaled_after_recording, x, k)
    assert_tensor(scaled, k * x)
    if gradient is not None:
        assert_tensor(gradient, 2 * x, mistakes=[Mistake(2 * k * x, *FALSIFIED)])
