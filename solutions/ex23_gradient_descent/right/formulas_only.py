"""Another right solution: one matrix with a column of ones, and no autograd anywhere."""

import itertools
from collections.abc import Callable

import torch
from torch import Tensor


def descend(slope: Callable[[float], float], start: float, lr: float, steps: int) -> list[float]:
    """Accumulate the steps."""
    ways = itertools.repeat(lr, steps)
    return list(itertools.accumulate(ways, lambda w, rate: w - rate * slope(w), initial=start))


def classify_lr(lr: float, curvature: float) -> str:
    """Count the limits that are passed."""
    if min(lr, curvature) <= 0:
        raise ValueError("not positive")
    r = lr * curvature
    names = ["slow", "good", "oscillating", "diverging"]
    return names[(r >= 0.1) + (r > 1) + (r > 2)]


def steepest_direction(grad: Tensor) -> Tensor:
    """Divide first, by the largest number, so that no square can vanish."""
    largest = grad.abs().max()
    if largest == 0:
        raise ValueError("zero")
    scaled = grad / largest
    return -scaled / torch.linalg.vector_norm(scaled)


def _with_ones(X: Tensor) -> Tensor:
    return torch.nn.functional.pad(X, (0, 1), value=1.0)


def least_squares(X: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """By the pseudoinverse."""
    solution = torch.linalg.pinv(_with_ones(X)) @ y
    return solution[:-1], solution[-1]


def mse_gradient(X: Tensor, y: Tensor, w: Tensor) -> Tensor:
    """Row by row, in one sum."""
    return torch.einsum("n,nd->d", X @ w - y, X).mul(2).div(X.shape[0])


def gradient_descent(
    X: Tensor, y: Tensor, lr: float, steps: int
) -> tuple[Tensor, Tensor, list[float]]:
    """Descend with b as the last weight; the losses become numbers when all is over."""
    rows = _with_ones(X)
    w = rows.new_zeros(rows.shape[1])
    losses = []
    for _ in range(steps):
        error = rows @ w - y
        losses.append((error @ error) / len(y))
        w = w - lr * (2 / len(y)) * (error @ rows)
    return w[:-1], w[-1], torch.stack(losses).tolist() if losses else []


def minibatches(n: int, batch: int, generator: torch.Generator) -> list[Tensor]:
    """Draw without replacement."""
    if batch < 1:
        raise ValueError("an empty batch")
    order = torch.multinomial(torch.ones(n), n, replacement=False, generator=generator)
    return [*torch.split(order, batch)]


def sgd_epoch(
    X: Tensor, y: Tensor, w: Tensor, lr: float, batch: int, generator: torch.Generator
) -> tuple[Tensor, int]:
    """Count beforehand."""
    moved = w
    for rows in minibatches(len(y), batch, generator):
        moved = torch.add(moved, mse_gradient(X[rows], y[rows], moved), alpha=-lr)
    return moved, -(-len(y) // batch)
