"""Another right solution: backward(), in-place steps, normal equations, loops."""

import math
from collections.abc import Callable

import torch
from torch import Tensor


def descend(slope: Callable[[float], float], start: float, lr: float, steps: int) -> list[float]:
    """Call itself for the rest of the way."""
    if steps == 0:
        return [start]
    return [start, *descend(slope, start - lr * slope(start), lr, steps - 1)]


def classify_lr(lr: float, curvature: float) -> str:
    """Look at the factor of each step."""
    if not (lr > 0 and curvature > 0):
        raise ValueError("not positive")
    factor = 1 - lr * curvature
    if abs(factor) > 1:
        return "diverging"
    if factor < 0:
        return "oscillating"
    return "slow" if factor > 0.9 else "good"


def steepest_direction(grad: Tensor) -> Tensor:
    """Compute the length as a number."""
    length = math.sqrt(float((grad * grad).sum()))
    if length == 0:
        raise ValueError("zero")
    return grad.neg().div(length)


def least_squares(X: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Take the means away, and solve the normal equations."""
    centred = X - X.mean(0)
    w = torch.linalg.solve(centred.T @ centred, centred.T @ (y - y.mean()))
    return w, y.mean() - X.mean(0) @ w


def mse_gradient(X: Tensor, y: Tensor, w: Tensor) -> Tensor:
    """Ask autograd."""
    w = w.detach().clone().requires_grad_()
    torch.nn.functional.mse_loss(X @ w, y).backward()
    return w.grad


def gradient_descent(
    X: Tensor, y: Tensor, lr: float, steps: int
) -> tuple[Tensor, Tensor, list[float]]:
    """Move both leaves in place."""
    w = torch.zeros(X.size(1), dtype=X.dtype, device=X.device, requires_grad=True)
    b = torch.zeros((), dtype=X.dtype, device=X.device, requires_grad=True)
    losses = []
    for _ in range(steps):
        w.grad = b.grad = None
        loss = torch.mean((torch.mv(X, w) + b - y) ** 2)
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        losses += [loss.item()]
    return w.detach(), b.detach(), losses


def minibatches(n: int, batch: int, generator: torch.Generator) -> list[Tensor]:
    """Sort random numbers; their order is a permutation."""
    if batch <= 0:
        raise ValueError("no batch")
    order = torch.rand(n, generator=generator, dtype=torch.float64).argsort()
    return [order[i : i + batch] for i in range(0, n, batch)]


def sgd_epoch(
    X: Tensor, y: Tensor, w: Tensor, lr: float, batch: int, generator: torch.Generator
) -> tuple[Tensor, int]:
    """Move a copy in place."""
    w = w.clone()
    updates = 0
    for rows in minibatches(X.shape[0], batch, generator):
        w -= lr * mse_gradient(X[rows], y[rows], w)
        updates += 1
    return w, updates
