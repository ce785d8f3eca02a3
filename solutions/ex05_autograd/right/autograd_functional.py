"""Another right solution: torch.autograd.functional, a queue for the graph, weighted passes."""

import math
from collections import deque
from collections.abc import Callable, Sequence

import torch
from torch import Tensor


def demo_grad(values: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Clear by dropping x.grad, so that the third gradient is a new tensor."""
    x = torch.empty_like(values).copy_(values).requires_grad_()
    out = (3 * x.pow(2).pow(2)).mean()
    snapshots = []
    for result in (out, x.sum()):
        result.backward()
        snapshots.append(x.grad + 0)
    x.grad = None
    x.sum().backward()
    return out.detach(), *snapshots, x.grad


def graph_names(t: Tensor) -> list[str]:
    """Walk breadth first with a queue, and remember the nodes as keys of a dict."""
    found = {}
    queue = deque([t.grad_fn])
    while queue:
        node = queue.popleft()
        if node is None or node in found:
            continue
        found[node] = node.__class__.__name__
        queue.extend(parent for parent, _ in node.next_functions)
    return list(found.values())


def grad_of(f: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Take the whole Jacobian, which has the shape of x where f(x) is one number."""
    return torch.autograd.functional.jacobian(f, x)


def accumulate(f: Callable[[Tensor], Tensor], chunks: Sequence[Tensor]) -> float:
    """Weight the backward pass by its vector instead of the loss by a factor."""
    counts = [chunk.shape[0] for chunk in chunks]
    shares = []
    for chunk, count in zip(chunks, counts, strict=True):
        loss = f(chunk)
        loss.backward(torch.full_like(loss, count / sum(counts)))
        shares.append(float(loss.detach()) * count / sum(counts))
    return math.fsum(shares)


def vjp(f: Callable[[Tensor], Tensor], x: Tensor, v: Tensor | None = None) -> Tensor:
    """Use the function of this name; it works on a copy of x and checks v itself."""
    _, product = torch.autograd.functional.vjp(f, x, v)
    return product


def doubling_vjp(x: Tensor, v: Tensor) -> tuple[int, Tensor]:
    """Count first, on the norm of a detached copy; then take 2 ** (i + 1) * x back."""
    if torch.count_nonzero(x) == 0:
        raise ValueError("x must not be zero")
    length, rounds = (2 * x).norm(), 0
    while length < 1000:
        length, rounds = 2 * length, rounds + 1
    return rounds, vjp(lambda t: 2 ** (rounds + 1) * t, x, v)


@torch.no_grad()
def scale_in_place(x: Tensor, k: float) -> Tensor:
    """Use the decorator form of no_grad."""
    x *= k
    return x


def stop_gradient(x: Tensor) -> Tensor:
    """Take all of a detached tensor."""
    return x.detach()[...]
