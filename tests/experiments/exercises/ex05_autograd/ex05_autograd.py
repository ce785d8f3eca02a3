"""Exercise ex05_autograd: gradients, the graph behind them, and what must not be changed."""

from collections.abc import Callable

from torch import Tensor


def demo_grad() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return (out, g1, g2, g3) of the example: x = ones(2, 2), y = x**2, z = y*y*3.

    out = z.mean(). g1 is x.grad after out.backward(), g2 after x.sum().backward() as well, g3 after
    zeroing x.grad and x.sum().backward() once more. Each is a tensor that later steps leave alone.
    """
    raise NotImplementedError


def graph_names(t: Tensor) -> list[str]:
    """Return the class names of the autograd nodes from t.grad_fn on, along each first input.

    The nodes that only collect a leaf's gradient (AccumulateGrad) are left out; a tensor without a
    graph has no names.
    """
    raise NotImplementedError


def vjp(f: Callable[[Tensor], Tensor], x: Tensor, v: Tensor) -> Tensor:
    """Return v^T J, the vector-Jacobian product of f at x, of x's shape and dtype.

    x is a leaf that requires gradients; x.grad is left as it is. v has the shape of f(x).
    """
    raise NotImplementedError


def scale_in_place(x: Tensor, k: float) -> None:
    """Multiply x, a leaf that requires gradients, by k in place.

    What was recorded before must not become wrong in silence: a backward through it may raise.
    """
    raise NotImplementedError
