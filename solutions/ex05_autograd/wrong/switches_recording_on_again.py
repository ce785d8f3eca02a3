"""set_grad_enabled(False) before, set_grad_enabled(True) after.

It does what no_grad() does as long as the caller records. Inside a no_grad() block of the caller it
switches the recording on, and everything after it is tracked.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor


def demo_grad(values: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Run the example of the README on x, a new leaf tensor that has the given values."""
    x = values.clone().requires_grad_()
    y = x**2
    z = 3 * y * y
    out = z.mean()
    out.backward()
    first = x.grad.clone()  # x.grad itself is added to
    x.sum().backward()
    second = x.grad.clone()
    x.grad.zero_()
    x.sum().backward()
    return out, first, second, x.grad


def graph_names(t: Tensor) -> list[str]:
    """Return the names of all nodes of the graph that leads to t, the nearest first."""
    nodes = [] if t.grad_fn is None else [t.grad_fn]
    for node in nodes:  # the list grows while the loop goes through it
        for parent, _ in node.next_functions:
            if parent is not None and parent not in nodes:
                nodes.append(parent)
    return [type(node).__name__ for node in nodes]


def grad_of(f: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Return the gradient of f at x."""
    return vjp(f, x)


def accumulate(f: Callable[[Tensor], Tensor], chunks: Sequence[Tensor]) -> float:
    """Collect the gradient of a large batch chunk by chunk."""
    rows = sum(len(chunk) for chunk in chunks)
    total = 0.0
    for chunk in chunks:
        loss = f(chunk) * (len(chunk) / rows)
        loss.backward()
        total += loss.item()
    return total


def vjp(f: Callable[[Tensor], Tensor], x: Tensor, v: Tensor | None = None) -> Tensor:
    """Return the vector-Jacobian product of f at x: the gradient of (f(x) * v).sum()."""
    x = x.detach().requires_grad_()
    (product,) = torch.autograd.grad(f(x), x, v)
    return product


def doubling_vjp(x: Tensor, v: Tensor) -> tuple[int, Tensor]:
    """Double x until it is long, and take the gradient back through the loop."""
    if not x.any():
        raise ValueError("x is zero: doubling never makes it longer")
    x = x.detach().requires_grad_()
    y, i = 2 * x, 0
    while y.norm() < 1000:
        y = 2 * y
        i += 1
    (gradient,) = torch.autograd.grad(y, x, v)
    return i, gradient


def scale_in_place(x: Tensor, k: float) -> Tensor:
    """Multiply the values of x by k where they lie in memory, and return x itself."""
    torch.set_grad_enabled(False)
    x.mul_(k)
    torch.set_grad_enabled(True)
    return x


def stop_gradient(x: Tensor) -> Tensor:
    """Return a tensor with the values of x through which no gradient flows."""
    return x.detach()
