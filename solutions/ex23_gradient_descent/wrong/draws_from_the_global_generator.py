"""Forgets to hand on the generator, so that the order comes from the global one."""

from collections.abc import Callable

import torch
from torch import Tensor


def descend(slope: Callable[[float], float], start: float, lr: float, steps: int) -> list[float]:
    """Walk downhill on a line, and return all places: start, and the place after each step."""
    places = [start]
    for _ in range(steps):
        places.append(places[-1] - lr * slope(places[-1]))
    return places


def classify_lr(lr: float, curvature: float) -> str:
    """Say how gradient descent with rate lr does on the parabola curvature / 2 * (w - m) ** 2."""
    if lr <= 0 or curvature <= 0:
        raise ValueError("both have to be positive")
    r = lr * curvature
    if r > 1:
        return "oscillating" if r <= 2 else "diverging"
    return "slow" if r < 0.1 else "good"


def steepest_direction(grad: Tensor) -> Tensor:
    """Return the direction of length 1 in which a function with this gradient falls fastest."""
    if not grad.any():
        raise ValueError("the function is flat here")
    return -grad / grad.norm()


def least_squares(X: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Return the (w, b) for which the mean of (X @ w + b - y) ** 2 is smallest."""
    ones = torch.ones_like(X[:, :1])
    solution = torch.linalg.lstsq(torch.cat([X, ones], dim=1), y[:, None]).solution[:, 0]
    return solution[:-1], solution[-1]


def mse_gradient(X: Tensor, y: Tensor, w: Tensor) -> Tensor:
    """Return the gradient, with respect to w, of the mean of (X @ w - y) ** 2."""
    return 2 / len(X) * ((X @ w - y) @ X)


def gradient_descent(
    X: Tensor, y: Tensor, lr: float, steps: int
) -> tuple[Tensor, Tensor, list[float]]:
    """Find by gradient descent what least_squares finds, and return (w, b, losses)."""
    w, b, losses = X.new_zeros(X.shape[1]), X.new_zeros(()), []
    for _ in range(steps):
        w.requires_grad_()
        b.requires_grad_()
        loss = (X @ w + b - y).square().mean()
        slope_w, slope_b = torch.autograd.grad(loss, [w, b])
        w, b = w.detach() - lr * slope_w, b.detach() - lr * slope_b
        losses.append(loss.item())
    return w, b, losses


def minibatches(n: int, batch: int, generator: torch.Generator) -> list[Tensor]:
    """Return the numbers 0 to n - 1 in a random order, cut into batches."""
    if batch < 1:
        raise ValueError("a batch holds at least one number")
    return list(torch.randperm(n).split(batch))


def sgd_epoch(
    X: Tensor, y: Tensor, w: Tensor, lr: float, batch: int, generator: torch.Generator
) -> tuple[Tensor, int]:
    """Go through all rows once, in mini-batches, and return the new w and the number of updates."""
    batches = minibatches(len(X), batch, generator)
    for rows in batches:
        w = w - lr * mse_gradient(X[rows], y[rows], w)
    return w, len(batches)
