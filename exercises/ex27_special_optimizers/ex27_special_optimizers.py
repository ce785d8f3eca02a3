"""Exercise ex27_special_optimizers: four optimizers that do not work like all the others.

Add the imports that you need.

The three functions whose name ends in _step work alike. They take

    p: a parameter, float32 or float64, on any device. It may be an nn.Parameter that requires
        gradients; then it stays that leaf, and nothing of the step enters a graph.
    g: its gradient, of the shape, dtype and device of p. It is left as it is.
    state: what the optimizer remembers about this one parameter. Before the first step it is an
        empty dict: fill it. Afterwards you get the same dict again, at every step.

They change p and state, both in place, and what they return is not used. state["step"] is an int,
the number of steps taken, the present one included. Which entries the state has besides, each
function says; the tensors among them have the shape, dtype and device of p, are never sparse, and
do not require gradients. Options may differ from one step to the next.

All operations go number by number. `<-` means "becomes".
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn


def rprop_step(
    p: Tensor,
    g: Tensor,
    state: dict[str, Any],
    *,
    lr: float = 1e-2,
    etas: tuple[float, float] = (0.5, 1.2),
    step_sizes: tuple[float, float] = (1e-6, 50.0),
) -> None:
    """Take one step of Rprop, which looks at the signs of the gradient only.

    Keeps step, prev and step_size. Before the first step prev is zeros, step_size is lr
    everywhere; lr is of no use afterwards. With etas = (shrink, grow) and step_sizes =
    (smallest, largest), every number by itself:

        step_size <- step_size * grow      where g and prev have the same sign
        step_size <- step_size * shrink    where they have opposite signs
        step_size <- the nearest number from smallest to largest
        d = 0 where they have opposite signs, g elsewhere
        p <- p - step_size * sign(d)
        prev <- d

    0 has no sign: where g or prev is 0, step_size is only kept between its limits.
    """
    raise NotImplementedError


def asgd_step(
    p: Tensor,
    g: Tensor,
    state: dict[str, Any],
    *,
    lr: float = 1e-2,
    lambd: float = 1e-4,
    alpha: float = 0.75,
    t0: float = 1e6,
    weight_decay: float = 0.0,
) -> None:
    """Take one step of averaged SGD: p moves as in SGD, and ax is the average of its places.

    Keeps step, eta, mu and ax. eta and mu are floats, and before the first step lr and 1.0; ax is
    a tensor of zeros. g + weight_decay * p takes the place of g. Then, in this order, with t the
    number of the step,

        p <- p - eta * (lambd * p + g)
        ax <- ax + mu * (p - ax)
        eta <- lr / (1 + lambd * lr * t) ** alpha    (for the next step)
        mu <- 1 / (the larger one of 1 and t - t0)   (for the next step)
    """
    raise NotImplementedError


def lbfgs_direction(g: Tensor, pairs: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
    """Return the direction in which L-BFGS goes: -H @ g, without ever making the matrix H.

    g: the gradient (n,). pairs: (s, y) of earlier steps, the oldest first, each (n,): s is how the
    parameter moved, y is how the gradient changed with it; s @ y is positive. All have one dtype
    and device, and are left as they are.

    H is the inverse Hessian as the pairs tell it. Two loops multiply it with a vector:

        q <- g
        for each pair, the newest first:  a = (s @ q) / (s @ y),  q <- q - a * y
        r <- q * (s @ y) / (y @ y)        with the newest pair; r <- q if there is none
        for each pair, the oldest first:  b = (y @ r) / (s @ y),  r <- r + (a - b) * s

    where each pair has its own a. The direction is -r, a tensor (n,).
    """
    raise NotImplementedError


def make_closure(
    optimizer: torch.optim.Optimizer, loss_of: Callable[[], Tensor]
) -> Callable[[], Tensor]:
    """Return the function that optimizer.step(closure) may call as often as it likes.

    loss_of() computes the loss from the parameters of optimizer as they are now, a tensor with one
    number and a graph. Each call of the closure calls it once and returns that tensor; afterwards
    the .grad of every parameter of optimizer is the gradient of this loss alone, whatever it was
    before.
    """
    raise NotImplementedError


def minimize_lbfgs(f: Callable[[Tensor], Tensor], x0: Tensor, steps: int) -> Tensor:
    """Find an x with a small f(x), by `steps` steps of torch.optim.LBFGS, beginning at x0.

    f turns a tensor of the shape, dtype and device of x0 into a tensor with one number. x0 does not
    require gradients and is left as it is.
    One step of LBFGS is many iterations; let it search for the length of each of them with
    line_search_fn="strong_wolfe". All other options keep their defaults.
    Returns x, like x0 in shape, dtype and device, without a graph.
    """
    raise NotImplementedError


def make_embedding(rows: int, columns: int) -> nn.Embedding:
    """Return an nn.Embedding of `rows` vectors of `columns` numbers whose gradient is sparse."""
    raise NotImplementedError


def sparse_adam_step(
    p: Tensor,
    g: Tensor,
    state: dict[str, Any],
    *,
    lr: float = 1e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
) -> None:
    """Take one step of SparseAdam: a step of Adam in the rows that g names.

    p: (rows, columns). g: sparse, as the weight of an nn.Embedding(sparse=True) gets it: it names
    some rows of p, in any order and maybe none, and has values (columns,) for each. A row that is
    named several times has the sum of these values as its gradient.

    Keeps step, exp_avg (m below) and exp_avg_sq (v), both of the shape of p and zeros at first. A
    step counts for all rows. In the rows that g names, with t the number of the step, b1 and b2 the
    betas and G the gradient of the row,

        m <- b1 * m + (1 - b1) * G
        v <- b2 * v + (1 - b2) * G ** 2
        p <- p - lr * sqrt(1 - b2 ** t) / (1 - b1 ** t) * m / (sqrt(v) + eps)

    In all other rows nothing changes: not p, not m, not v.
    Raises RuntimeError when g is not sparse, before anything is changed.
    """
    raise NotImplementedError
