"""Another right solution: loops over places, rows and units, and a mask that is saved."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn


def chain(x: Tensor, y: Tensor, z: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Multiply out: f = x * z + y * z."""
    return x * z + y * z, z, z, x + y


def numeric_grad(f: Callable[[Tensor], Tensor], x: Tensor, eps: float = 1e-3) -> Tensor:
    """Overwrite one place of a copy at a time."""
    gradient = torch.empty(x.shape, dtype=x.dtype)
    for number in range(x.numel()):
        place = tuple(int(i) for i in torch.unravel_index(torch.tensor(number), x.shape))
        values = []
        for side in (-1, 1):
            moved = x.clone()
            moved[place] = x[place] + side * eps
            values.append(f(moved).item())
        gradient[place] = (values[1] - values[0]) / (2 * eps)
    return gradient


def two_layer_grads(X: Tensor, Y: Tensor, W1: Tensor, W2: Tensor) -> dict[str, Tensor]:
    """Add up the share of every row, outer product by outer product."""
    grads = {name: torch.zeros_like(t) for name, t in (("W1", W1), ("W2", W2), ("X", X))}
    loss = X.new_zeros(())
    for n in range(X.shape[0]):
        z = W1.T @ X[n]
        h = nn.functional.relu(z)
        error = W2.T @ h - Y[n]
        loss = loss + error.dot(error)
        grads["W2"] += 2 * torch.outer(h, error)
        dz = (z > 0).to(z.dtype) * (W2 @ (2 * error))
        grads["W1"] += torch.outer(X[n], dz)
        grads["X"][n] += W1 @ dz
    return {"loss": loss / Y.numel(), **{name: g / Y.numel() for name, g in grads.items()}}


class Square(torch.autograd.Function):
    """The operation x**2 by torch.square."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """Save x itself: a saved slope 2x would have no history."""
        ctx.save_for_backward(x)
        return torch.square(x)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> Tensor:
        """Return 2x times what arrives."""
        (x,) = ctx.saved_tensors
        return torch.mul(grad_output, x + x)


class MyReLU(torch.autograd.Function):
    """Saves only where x is positive."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """Multiply by the mask."""
        mask = x.gt(0)
        ctx.save_for_backward(mask)
        return x.maximum(torch.zeros_like(x))

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> Tensor:
        """Let through what the mask lets through."""
        (mask,) = ctx.saved_tensors
        return torch.where(mask, grad_output, 0)
