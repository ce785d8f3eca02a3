"""Exercise ex23_gradient_descent: least squares by formula, by steps, and by steps in batches.

Add the imports that you need.
"""

from collections.abc import Callable

import torch
from torch import Tensor


def descend(slope: Callable[[float], float], start: float, lr: float, steps: int) -> list[float]:
    """Walk downhill on a line, and return all places: start, and the place after each step.

    slope(w) is the slope of the function at w. One step: w <- w - lr * slope(w).
    Returns a list of steps + 1 floats.
    """
    raise NotImplementedError


def classify_lr(lr: float, curvature: float) -> str:
    """Say how gradient descent with rate lr does on the parabola curvature / 2 * (w - m) ** 2.

    Its slope is curvature * (w - m), so each step multiplies the distance to the minimum m by
    1 - r, with r = lr * curvature. Returns
    - "slow" for r < 0.1: after 20 steps more than a tenth of the way is left;
    - "good" for 0.1 <= r <= 1: straight to the minimum;
    - "oscillating" for 1 < r <= 2: every step jumps over the minimum, but no farther away;
    - "diverging" for r > 2: every step leads farther away.
    Raises ValueError when lr or curvature is not greater than 0.
    """
    raise NotImplementedError


def steepest_direction(grad: Tensor) -> Tensor:
    """Return the direction of length 1 in which a function with this gradient falls fastest.

    grad: floating-point, of any shape. The length is the root of the sum of all squares. Returns
    a tensor of grad's shape and dtype.
    Raises ValueError when grad is zero: then no direction is steeper than another.
    """
    raise NotImplementedError


def least_squares(X: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Return the (w, b) for which the mean of (X @ w + b - y) ** 2 is smallest.

    X: (n, d), y: (n,), of one floating-point dtype and device; the columns of X and a column of
    ones are linearly independent. Returns w of shape (d,) and b without dimensions, in X's dtype.
    A formula or torch.linalg, no descent.
    """
    raise NotImplementedError


def mse_gradient(X: Tensor, y: Tensor, w: Tensor) -> Tensor:
    """Return the gradient, with respect to w, of the mean of (X @ w - y) ** 2.

    X: (n, d), y: (n,), w: (d,), of one dtype and device. Returns a tensor (d,) of that dtype,
    which requires no gradient. By formula or by autograd; w, X and y are not changed.
    """
    raise NotImplementedError


def gradient_descent(
    X: Tensor, y: Tensor, lr: float, steps: int
) -> tuple[Tensor, Tensor, list[float]]:
    """Find by gradient descent what least_squares finds, and return (w, b, losses).

    Start with w and b of zeros. The loss is the mean of (X @ w + b - y) ** 2 over all rows. Each
    step moves w and b at once, against their gradients, by lr times as far.
    Returns w of shape (d,) and b without dimensions, in X's dtype and without requires_grad, and
    a list of `steps` Python floats: the loss before each step. With 0 steps the list is empty.
    """
    raise NotImplementedError


def minibatches(n: int, batch: int, generator: torch.Generator) -> list[Tensor]:
    """Return the numbers 0 to n - 1 in a random order, cut into batches.

    n: at least 1. generator: on the CPU; all randomness comes from it, and none from PyTorch's
    global one. Returns a list of int64 tensors on the CPU: each holds `batch` numbers, only the
    last may hold fewer, and together they hold every number exactly once. The order is new in each
    call; how you draw it is your choice.
    Raises ValueError when batch is less than 1.
    """
    raise NotImplementedError


def sgd_epoch(
    X: Tensor, y: Tensor, w: Tensor, lr: float, batch: int, generator: torch.Generator
) -> tuple[Tensor, int]:
    """Go through all rows once, in mini-batches, and return the new w and the number of updates.

    The batches are those that minibatches(n, batch, generator) gives, called once, in its order.
    For each: w <- w - lr * mse_gradient(rows of X, rows of y, w). The w that is passed is not
    changed. Shapes and dtype as in mse_gradient; the result requires no gradient.
    """
    raise NotImplementedError
