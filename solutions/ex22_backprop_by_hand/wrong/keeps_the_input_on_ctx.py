"""Keeps x as an attribute of ctx, as one would on self, detached "to be safe".

Values and gradients are right. PyTorch does not know of ctx.x, though: it cannot free it, does not
notice that somebody changes it before backward runs, and cannot differentiate through it.
"""

import itertools
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


def chain(x: Tensor, y: Tensor, z: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return f = (x + y) * z and its partial derivatives with respect to x, y and z."""
    q = x + y
    return q * z, z, z, q  # df/dq = z, and q moves as x and y do


def numeric_grad(f: Callable[[Tensor], Tensor], x: Tensor, eps: float = 1e-3) -> Tensor:
    """Return the gradient of f at x, measured by central differences."""
    gradient = torch.empty_like(x)
    for place in itertools.product(*map(range, x.shape)):
        step = torch.zeros_like(x)
        step[place] = eps
        gradient[place] = (f(x + step) - f(x - step)) / (2 * eps)
    return gradient


def two_layer_grads(X: Tensor, Y: Tensor, W1: Tensor, W2: Tensor) -> dict[str, Tensor]:
    """Return the loss of a network with one hidden layer, and its gradients, without autograd."""
    Z = X @ W1
    H = Z.clamp(min=0)
    difference = H @ W2 - Y
    dP = 2 * difference / difference.numel()
    dZ = (dP @ W2.T) * (Z > 0)
    return {"loss": (difference**2).mean(), "W1": X.T @ dZ, "W2": H.T @ dP, "X": dZ @ W1.T}


class Square(torch.autograd.Function):
    """The operation x**2."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """Return x**2 and save x."""
        ctx.x = x.detach()
        return x**2

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> Tensor:
        """Return the slope 2x times what arrives."""
        return 2 * ctx.x * grad_output


class MyReLU(torch.autograd.Function):
    """The operation max(x, 0)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """Return x where it is positive and 0 elsewhere; save x."""
        ctx.x = x.detach()
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> Tensor:
        """Let through what arrives where x is positive."""
        return grad_output * (ctx.x > 0)
