"""Exercise ex19_losses_margin: four losses that ask for a margin between scores.

In all four, `reduction` says what becomes of the single losses: "none" returns them as they are,
"sum" adds them up, "mean" divides that sum by how many there are. Any other value raises
ValueError.

Scores are float32 or float64. Results have the dtype of the scores and stay on their device, and
gradients reach the scores. Where a hinge max(0, t) has t = 0 exactly, any slope from 0 to 1 is
right.

margin_ranking and soft_margin run on the meta device too, where tensors have a shape but no
numbers: so nothing in them may hang on an `if` about a value, or on .item().

Add the imports that you need.
"""

from torch import Tensor


def margin_ranking(
    x1: Tensor, x2: Tensor, y: Tensor, margin: float = 0.0, reduction: str = "mean"
) -> Tensor:
    """Demand that one score stands above the other: max(0, margin - y * (x1 - x2)).

    x1, x2: scores of one shape, whatever it is. y: of the same shape and dtype, 1 where x1 should
    be the larger one, -1 where x2 should.
    Each element has a loss of its own: "none" returns the shape of x1, the others a 0-d tensor.
    Raises ValueError when the three shapes are not the same: nothing is broadcast.
    """
    raise NotImplementedError


def multilabel_margin(x: Tensor, y: Tensor, reduction: str = "mean") -> Tensor:
    """Demand that all labels of a row stand above all its other classes, by 1 at least.

    The loss of a row is the sum of max(0, 1 - (x[j] - x[i])) over every label j and every class i
    that is not a label of this row, divided by C.

    x: scores (N, C). y: int64 (N, C), numbers from -1 to C - 1. The labels of a row are what
    stands before its first -1, each of them once; what stands behind it means nothing, whatever it
    is. A row may have no label, or C labels and no -1; its loss is 0 then.
    Each row has one loss: "none" returns (N,), the others a 0-d tensor.
    Raises ValueError when x is not 2-d or y has another shape than x.
    """
    raise NotImplementedError


def soft_margin(x: Tensor, y: Tensor, reduction: str = "mean") -> Tensor:
    """Demand that each score has the sign of its target: log(1 + exp(-y * x)).

    x: scores of any shape. y: of the same shape and dtype, 1 or -1.
    Loss and gradient are right, and finite, for scores as large as 1000 and -1000 too.
    Each element has a loss of its own: "none" returns the shape of x, the others a 0-d tensor.
    Raises ValueError when the shapes are not the same: nothing is broadcast.
    """
    raise NotImplementedError


def multi_margin(
    x: Tensor,
    y: Tensor,
    p: int = 1,
    margin: float = 1.0,
    weight: Tensor | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Demand that the right class of a row stands above all others, by the margin at least.

    The loss of a row is the sum of max(0, margin - (x[y] - x[i]))**p over every class i except y,
    multiplied by weight[y] (None: by 1), divided by C.

    x: scores (N, C). y: the right classes, int64 (N,), from 0 to C - 1. p: 1 or 2. weight: one
    number for each class, (C,), with the dtype and device of x.
    Each row has one loss: "none" returns (N,), the others a 0-d tensor. "mean" divides by N, with
    weights or without.
    Raises ValueError when x is not 2-d, y is not (N,), weight is not (C,), or p is not 1 or 2.
    """
    raise NotImplementedError
