"""Another right solution: backward() on a leaf of its own, and in-place work through detach()."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor


def demo_grad(values: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Make the leaf as a parameter and keep each gradient by cloning it."""
    x = torch.nn.Parameter(values.clone())
    out = torch.mean(3 * x**4)
    out.backward()
    first = x.grad.detach().clone()
    torch.sum(x).backward()
    second = x.grad.detach().clone()
    torch.optim.SGD([x]).zero_grad()
    torch.sum(x).backward()
    return out, first, second, x.grad


def graph_names(t: Tensor) -> list[str]:
    """Go from level to level; a level is a dict, which keeps the order and no doubles."""
    level = {t.grad_fn: True} if t.grad_fn else {}
    seen, names = set(level), []
    while level:
        names += [type(node).__name__ for node in level]
        behind = {parent: True for node in level for parent, _ in node.next_functions if parent}
        level = {node: True for node in behind if node not in seen}
        seen.update(level)
    return names


def grad_of(f: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Run backward into one leaf only: inputs=[...] keeps all other .grad as they are."""
    leaf = x.detach().clone().requires_grad_()
    f(leaf).backward(inputs=[leaf])
    return leaf.grad


def accumulate(f: Callable[[Tensor], Tensor], chunks: Sequence[Tensor]) -> float:
    """Divide sums of losses by the number of all rows."""
    rows = torch.cat(list(chunks)).shape[0]
    losses = torch.zeros(len(chunks), dtype=torch.float64)
    for index, chunk in enumerate(chunks):
        summed = f(chunk) * chunk.shape[0]
        (summed / rows).backward()
        losses[index] = summed.detach()
    return float(losses.sum() / rows)


def vjp(f: Callable[[Tensor], Tensor], x: Tensor, v: Tensor | None = None) -> Tensor:
    """Hand v to backward, which checks its shape and whether it may be missing."""
    leaf = x.detach().clone().requires_grad_()
    f(leaf).backward(gradient=v, inputs=[leaf])
    return leaf.grad


def doubling_vjp(x: Tensor, v: Tensor) -> tuple[int, Tensor]:
    """Keep the lengthening in a list and let vjp run it."""
    if float(x.abs().max()) == 0:
        raise ValueError("all of x is zero")
    rounds = []

    def lengthen(t: Tensor) -> Tensor:
        y = t + t
        while torch.linalg.vector_norm(y) < 1000:
            y = y + y
            rounds.append(y)
        return y

    gradient = vjp(lengthen, x, v)
    return len(rounds), gradient


def scale_in_place(x: Tensor, k: float) -> Tensor:
    """Write through a detached tensor, which shares the memory of x and tells autograd."""
    x.detach().mul_(k)
    return x


def stop_gradient(x: Tensor) -> Tensor:
    """Let a second tensor share the memory, then take it out of the graph."""
    return x.view_as(x).detach()
