"""Exercise ex16_losses_regression: four losses for numbers, what a reduction does, and its use.

Add the imports that you need.
"""

from collections.abc import Callable

from torch import Tensor


def reduce_loss(losses: Tensor, reduction: str = "mean") -> Tensor:
    """Make one number of the losses of all elements, or leave them as they are.

    losses: any shape, () included, float32 or float64. reduction: "none" returns the losses as they
    are; "mean" and "sum" return a tensor of shape (): the mean or the sum over all elements,
    whatever their dimensions. Every element counts the same. Of no elements at all the sum is 0 and
    the mean is nan.
    Returns a tensor of the same dtype and device; gradients reach losses.
    Raises ValueError for any other reduction.
    """
    raise NotImplementedError


def l1(x: Tensor, y: Tensor, reduction: str = "mean") -> Tensor:
    """Return the absolute difference |x - y| of every element, reduced.

    x: outputs, any shape, float32 or float64. y: targets of the same shape, dtype and device.
    reduction: as in reduce_loss. Returns a tensor of their dtype and device.
    Gradients reach x and y; where x = y they are 0.
    Raises ValueError when the shapes differ in any way, or for a reduction that does not exist.
    Written from scratch, without PyTorch's own losses.
    """
    raise NotImplementedError


def mse(x: Tensor, y: Tensor, reduction: str = "mean") -> Tensor:
    """Return the squared difference (x - y) ** 2 of every element, reduced.

    Everything else is as in l1: shapes, dtypes, reduction, gradients to x and y, and errors.
    """
    raise NotImplementedError


def smooth_l1(x: Tensor, y: Tensor, reduction: str = "mean", *, beta: float = 1.0) -> Tensor:
    """Return a loss that is a parabola near 0 and a straight line further out, reduced.

    With d = |x - y|, every element has the loss
        0.5 * d ** 2 / beta    where d < beta,
        d - 0.5 * beta         where d >= beta.
    With beta = 0 this is l1, its gradients included.
    Everything else is as in l1. Raises ValueError also when beta is negative.
    """
    raise NotImplementedError


def poisson_nll(
    x: Tensor,
    y: Tensor,
    reduction: str = "mean",
    *,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-8,
) -> Tensor:
    """Return the negative log likelihood of counts y under Poisson distributions, reduced.

    x: outputs, any shape, float32 or float64. y: counts of the same shape, dtype and device. Every
    element has the loss
        exp(x) - y * x            if log_input: x is the logarithm of the rate,
        x - y * log(x + eps)      otherwise: x is the rate itself, and 0 is allowed.
    If full, this is added where y > 1, and nothing where y is 0 or 1 (log is the natural one):
        y * log(y) - y + 0.5 * log(2 * pi * y)
    reduction: as in reduce_loss. Returns a tensor of their dtype and device; gradients reach x.
    Raises ValueError when the shapes differ in any way, for a reduction that does not exist, when a
    count is negative, and, with log_input=False, when a rate is negative.
    Written from scratch, without PyTorch's own losses.
    """
    raise NotImplementedError


def legacy_reduction(*, size_average: bool | None = None, reduce: bool | None = None) -> str:
    """Return the reduction that the two old arguments of PyTorch's losses stand for.

    None counts as True. "none" when reduce is False, whatever size_average is; otherwise "mean"
    when size_average is True, and "sum" when it is False.
    """
    raise NotImplementedError


def descend(
    loss: Callable[[Tensor, Tensor], Tensor], x: Tensor, y: Tensor, steps: int, lr: float
) -> Tensor:
    """Move x downhill: use the gradient of a loss to bring x nearer to y.

    loss: a function that takes x and y and returns a tensor of shape (), mse for example.
    x and y: float32 or float64. One step: x <- x - lr * (gradient of loss(x, y) with respect to x).
    Do `steps` steps; 0 is allowed.
    Returns a new tensor, detached (requires_grad is False); the x and y of the caller stay as they
    are.
    """
    raise NotImplementedError
