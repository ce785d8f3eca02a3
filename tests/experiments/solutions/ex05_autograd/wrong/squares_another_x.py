"""The official tutorial's y = x + 2 instead of the notes' y = x**2."""

from collections.abc import Callable

import torch
from torch import Tensor


def demo_grad() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return (out, g1, g2, g3) of the example: x = ones(2, 2), y = x**2, z = y*y*3."""
    x = torch.ones(2, 2, requires_grad=True)
    y = x + 2
    z = y * y * 3
    out = z.mean()
    out.backward()
    g1 = x.grad.clone()
    x.sum().backward()
    g2 = x.grad.clone()
    x.grad.zero_()
    x.sum().backward()
    return out.detach(), g1, g2, x.grad.clone()


def graph_names(t: Tensor) -> list[str]:
    """Return the class names of the autograd nodes from t.grad_fn on, along each first input."""
    names = []
    node = t.grad_fn
    while node is not None and type(node).__name__ != "AccumulateGrad":
        names.append(type(node).__name__)
        node = node.next_functions[0][0]
    return names


def vjp(f: Callable[[Tensor], Tensor], x: Tensor, v: Tensor) -> Tensor:
    """Return v^T J, the vector-Jacobian product of f at x."""
    return torch.autograd.grad(f(x), x, v)[0]


def scale_in_place(x: Tensor, k: float) -> None:
    """Multiply x, a leaf that requires gradients, by k in place."""
    with torch.no_grad():
        x.mul_(k)
