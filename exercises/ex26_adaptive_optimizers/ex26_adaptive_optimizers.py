"""Exercise ex26_adaptive_optimizers: one step of six optimizers that fit their step to each weight.

Add the imports that you need.

All six functions work alike. They take

    p: a parameter of any shape, float32 or float64, on any device. It may be an nn.Parameter that
        requires gradients; then it stays that leaf, and nothing of the step enters a graph.
    g: its gradient, of the shape, dtype and device of p. It is left as it is.
    state: what the optimizer remembers about this one parameter. Before the first step it is an
        empty dict: fill it. Afterwards you get the same dict again, at every step.

They change p and state, both in place, and what they return is not used. state["step"] is an int,
the number of steps that this parameter has taken, the present one included. All other entries are
tensors with the shape, dtype and device of p, which begin with zeros; each function says which
ones it keeps, and it keeps no others. None of them requires gradients. Options may differ from one
step to the next.

All six raise ValueError when g has another shape than p, before anything is changed: two shapes
that broadcast are different, too.

All operations go number by number. Below, t is state["step"], `<-` means "becomes", and b1, b2 are
the two betas.
"""

from typing import Any

from torch import Tensor


def adam_step(
    p: Tensor,
    g: Tensor,
    state: dict[str, Any],
    *,
    lr: float = 1e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0.0,
) -> None:
    """Take one step of Adam; keeps step, exp_avg (m below) and exp_avg_sq (v).

    g + weight_decay * p takes the place of g. Then

        m <- b1 * m + (1 - b1) * g
        v <- b2 * v + (1 - b2) * g ** 2
        p <- p - lr * M / (sqrt(V) + eps)    with M = m / (1 - b1 ** t), V = v / (1 - b2 ** t)
    """
    raise NotImplementedError


def adamw_step(
    p: Tensor,
    g: Tensor,
    state: dict[str, Any],
    *,
    lr: float = 1e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 1e-2,
) -> None:
    """Take one step of AdamW; keeps step, exp_avg and exp_avg_sq.

    First p <- p - lr * weight_decay * p. Then the step of Adam, in which the decay has no part.
    """
    raise NotImplementedError


def adamax_step(
    p: Tensor,
    g: Tensor,
    state: dict[str, Any],
    *,
    lr: float = 2e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0.0,
) -> None:
    """Take one step of Adamax; keeps step, exp_avg (m below) and exp_inf (u).

    g + weight_decay * p takes the place of g. Then

        m <- b1 * m + (1 - b1) * g
        u <- the larger one of b2 * u and |g| + eps
        p <- p - lr * M / u    with M = m / (1 - b1 ** t)
    """
    raise NotImplementedError


def adagrad_step(
    p: Tensor,
    g: Tensor,
    state: dict[str, Any],
    *,
    lr: float = 1e-2,
    lr_decay: float = 0.0,
    eps: float = 1e-10,
    weight_decay: float = 0.0,
) -> None:
    """Take one step of Adagrad; keeps step and sum (s below).

    g + weight_decay * p takes the place of g. Then

        s <- s + g ** 2
        p <- p - LR * g / (sqrt(s) + eps)    with LR = lr / (1 + (t - 1) * lr_decay)
    """
    raise NotImplementedError


def adadelta_step(
    p: Tensor,
    g: Tensor,
    state: dict[str, Any],
    *,
    lr: float = 1.0,
    rho: float = 0.9,
    eps: float = 1e-6,
    weight_decay: float = 0.0,
) -> None:
    """Take one step of Adadelta; keeps step, square_avg (v below) and acc_delta (a).

    g + weight_decay * p takes the place of g. Then, in this order,

        v <- rho * v + (1 - rho) * g ** 2
        d  = g * sqrt(a + eps) / sqrt(v + eps)
        a <- rho * a + (1 - rho) * d ** 2
        p <- p - lr * d
    """
    raise NotImplementedError


def rmsprop_step(
    p: Tensor,
    g: Tensor,
    state: dict[str, Any],
    *,
    lr: float = 1e-2,
    alpha: float = 0.99,
    eps: float = 1e-8,
    weight_decay: float = 0.0,
    momentum: float = 0.0,
    centered: bool = False,
) -> None:
    """Take one step of RMSprop; keeps step, square_avg (v below), and what the options need.

    g + weight_decay * p takes the place of g. Then

        v <- alpha * v + (1 - alpha) * g ** 2
        d  = g / (sqrt(v) + eps)
        p <- p - lr * d

    With centered it also keeps grad_avg (m), m <- alpha * m + (1 - alpha) * g, and v - m ** 2
    stands under the root in place of v.
    With momentum > 0 it also keeps momentum_buffer (b), b <- momentum * b + d, and b takes the
    place of d in the last line.
    centered, and whether momentum is 0, stay what they are at the first step.
    """
    raise NotImplementedError
