"""Exercise ex04_tensor_math: adding, broadcasting, joining, multiplying, choosing, measuring.

Add the imports that you need.
"""

from torch import Tensor


def add_four_ways(x: Tensor, y: Tensor) -> list[Tensor]:
    """Add x and y in four ways and return a list of the four results, in this order.

    First by the operator +, second by torch.add, third by torch.add into a tensor that was made
    beforehand (out=), fourth in place: x is added to y itself, and y is returned.
    x, y: tensors of one shape, dtype and device, floats or ints, without gradients.
    All four hold x + y as y was before the call, with x's dtype and on its device. The first three
    have memory of their own and x stays as it was. No warning is raised: the tensor for out= has
    the right size from the beginning.
    """
    raise NotImplementedError


def broadcast_shape(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of the sum of a tensor of shape a and one of shape b.

    The shapes are laid one above the other from the right; where one has no size left, it counts
    as 1. Two sizes fit when they are equal or one of them is 1, and then the other one is the
    size of the result: 0 and 1 give 0.
    a, b: tuples of ints >= 0, also the empty tuple. Returns a tuple of ints.
    Raises ValueError when two sizes do not fit.
    """
    raise NotImplementedError


def outer_sum(a: Tensor, b: Tensor) -> Tensor:
    """Return the table of all sums: element [i, j] is a[i] + b[j].

    a: (n,). b: (m,), same dtype and device, floats or ints; n and m may be 0.
    Returns (n, m) of that dtype on that device; gradients reach a and b.
    """
    raise NotImplementedError


def join_channels(feats: list[Tensor]) -> Tensor:
    """Join feature maps along their channels, in the order of the list.

    feats: one or more tensors (N, C_i, H, W) of one dtype and device. N, H and W are the same for
    all, the numbers of channels C_i may differ.
    Returns (N, C_1 + C_2 + ..., H, W) of that dtype on that device; gradients reach all of them.
    Raises ValueError when the list is empty, when a tensor is not 4-d or when N, H or W differ.
    """
    raise NotImplementedError


def matmul_loops(A: Tensor, B: Tensor) -> Tensor:
    """Return the matrix product of A and B without a matrix product of torch.

    Element [i, j] is the sum of A[i, k] * B[k, j] over all k.
    A: (n, l). B: (l, m), same dtype and device, float32, float64 or int64, contiguous or not;
    n, l and m may be 0: a sum over nothing is 0.
    Returns (n, m) of that dtype on that device, exact for int64; gradients reach A and B.
    Raises ValueError when A or B is not 2-d or when A does not have as many columns as B has rows.
    """
    raise NotImplementedError


def top1(logits: Tensor) -> tuple[Tensor, Tensor]:
    """Return the largest score of each sample and the class that it belongs to.

    logits: scores (N, K), or (N, K, H, W) with scores for each pixel; a float dtype, K >= 1. The
    classes are dimension 1 in both cases.
    Returns (values, index), both (N,) or (N, H, W), on the device of logits. values has the dtype
    of logits, and gradients reach logits through it; index is int64. When several classes share
    the largest score, index is the first of them.
    """
    raise NotImplementedError


def p_norm(x: Tensor, p: float = 2, dim: int | None = None, *, keepdim: bool = False) -> Tensor:
    """Return the p-norm of x: the sum of |x| ** p, and of that the p-th root.

    x: any shape, not empty. p: a number > 0, or float("inf") for the largest |x|.
    dim: the dimension over which the sum runs, also counted from the end as -1; None: over all
    elements. keepdim: a dimension that was summed over stays with size 1, otherwise it disappears;
    with dim=None that goes for all dimensions.
    Returns a tensor of x's dtype on x's device; ints and bools are converted first, to
    torch.get_default_dtype(), which is float32. Gradients reach a float x.
    """
    raise NotImplementedError
