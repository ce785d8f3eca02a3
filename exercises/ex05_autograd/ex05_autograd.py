"""Exercise ex05_autograd: what PyTorch records, and how gradients come back through it.

Add the imports that you need.
"""

from collections.abc import Callable, Sequence

from torch import Tensor


def demo_grad(values: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Run the example of the README on x, a new leaf tensor that has the given values.

    y = x**2, z = 3 * y * y, out = z.mean(). Then look at x.grad three times:
    first: after out.backward();
    second: after x.sum().backward() as well, with nothing cleared in between;
    third: after clearing x.grad and another x.sum().backward().

    values: any shape, float32 or float64, requires_grad is False. It is left as it is.
    Returns (out, first, second, third), all with the dtype and device of values: out is 0-d (with
    its graph or without), the others have the shape of values. Each is what x.grad was at its
    time: what happens later must not change it.
    """
    raise NotImplementedError


def graph_names(t: Tensor) -> list[str]:
    """Return the names of all nodes of the graph that leads to t, the nearest first.

    The graph begins at t.grad_fn. From a node, `node.next_functions` leads on: a tuple of pairs
    (node, number), in the order of the operation's inputs, with None for a node where an input is
    not tracked. The name is type(node).__name__, "MulBackward0" for example; the node of a leaf
    tensor is called "AccumulateGrad".

    Every node stands in the list once, however many ways lead to it; two nodes of one name are
    two entries. Nodes that are fewer steps away from t come first; among those of equal distance
    the order is that in which the earlier ones lead to them.
    Returns [] for a leaf tensor and for one that is not tracked.
    """
    raise NotImplementedError


def grad_of(f: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Return the gradient of f at x.

    f takes a tensor like x and returns one number (a 0-d tensor) that depends on it. x: any shape,
    float32 or float64, tracked or not.
    Returns a tensor with the shape, dtype and device of x.
    Nothing else changes: not x (its values, requires_grad, .grad), not the .grad of other tensors
    that f uses, and a graph that f only uses can still be run backward afterwards.
    """
    raise NotImplementedError


def accumulate(f: Callable[[Tensor], Tensor], chunks: Sequence[Tensor]) -> float:
    """Collect the gradient of a large batch chunk by chunk.

    chunks: the rows of the batch, cut into tensors of one row or more; their numbers of rows may
    differ. f(chunk) returns the mean loss over the rows of the chunk, 0-d, computed with tracked
    tensors of its own (the weights of a model, say).

    Call f once for each chunk, in their order, and run backward before the next call, so that
    only one graph exists at a time. Afterwards the .grad of each of those tensors is what it was
    before plus the gradient of the mean loss over all rows of all chunks.
    Returns that mean loss as a Python float.
    """
    raise NotImplementedError


def vjp(f: Callable[[Tensor], Tensor], x: Tensor, v: Tensor | None = None) -> Tensor:
    """Return the vector-Jacobian product of f at x: the gradient of (f(x) * v).sum(), v constant.

    f takes a tensor like x and returns a tensor of any shape that depends on it. v: a tensor of the
    shape of f(x) and the dtype of x, or None where f(x) is 0-d; None then counts as 1.
    Returns a tensor with the shape, dtype and device of x. As with grad_of, nothing else changes.
    Raises RuntimeError, as PyTorch itself does, when v is None and f(x) has more than one number,
    or when v has another shape than f(x), also one that could be broadcast.
    """
    raise NotImplementedError


def doubling_vjp(x: Tensor, v: Tensor) -> tuple[int, Tensor]:
    """Double x until it is long, and take the gradient back through the loop.

    Begin with y = 2 * x and i = 0. As long as the norm of y (the root of the sum of all its
    squares) is below 1000, double y and add 1 to i.

    x: any shape, float32 or float64, requires_grad is False; it is left as it is. v: the shape and
    dtype of x.
    Returns (i, gradient): an int, and the gradient of (y * v).sum() with respect to x for the last
    y, a tensor of the shape, dtype and device of x.
    Raises ValueError when all of x is zero, where doubling would never end.
    """
    raise NotImplementedError


def scale_in_place(x: Tensor, k: float) -> Tensor:
    """Multiply the values of x by k where they lie in memory, and return x itself.

    x: float32 or float64; not the result of an operation, but a leaf, tracked or not.
    The scaling is no step of any graph: x stays a leaf, its requires_grad and its .grad stay as
    they are, and what is computed from x later is recorded as usual. Whether PyTorch records
    (torch.is_grad_enabled()) is the same after the call as before.

    Autograd must know that the values changed. Take a y computed from x before the call: when its
    gradient does not need the old values (y = 2 * x), y.backward() gives it as if nothing had
    happened; when it needs them (y = x**2), y.backward() raises RuntimeError and does not
    compute a wrong gradient from the new values.
    """
    raise NotImplementedError


def stop_gradient(x: Tensor) -> Tensor:
    """Return a tensor with the values of x through which no gradient flows.

    x: float32 or float64, a leaf or the result of an operation.
    The result shares its memory with x, has no graph, and its requires_grad is False. x itself
    stays as tracked as it was. Autograd must know when values are changed through the result:
    a y = x**2 computed before then raises RuntimeError in y.backward().
    """
    raise NotImplementedError
