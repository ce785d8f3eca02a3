"""Exercise ex20_losses_metric: losses that pull together what is alike and push the rest away.

In the three losses, `reduction` says what becomes of the single losses: "none" returns them as they
are, "sum" adds them up, "mean" divides that sum by how many there are. Any other value raises
ValueError.

Vectors and distances are float32 or float64, and so are the targets y beside them. Results have
their dtype and stay on their device; gradients reach every input but y. Where a hinge max(0, t) has
t = 0 exactly, any slope from 0 to 1 is right. All four also run on the meta device, where tensors
have a shape but no numbers: so nothing may hang on an `if` about a value, or on .item().

Add the imports that you need.
"""

from torch import Tensor


def pairwise_distance(a: Tensor, b: Tensor, p: float = 2.0, eps: float = 1e-6) -> Tensor:
    """Return the distance of each vector of a to the vector of b at the same place.

    With d = a - b + eps (eps is added to every number), it is the p-norm of d:
    (sum of abs(d)**p)**(1 / p), along the last dimension.

    a, b: vectors of length D, (..., D), of one shape; what stands before D, nothing included, are
    vectors side by side. p: a number from 1 on, whole or not. Returns a tensor (...).
    Raises ValueError when a and b have different shapes: nothing is broadcast.
    """
    raise NotImplementedError


def triplet(
    a: Tensor,
    p: Tensor,
    n: Tensor,
    margin: float = 1.0,
    p_norm: float = 2.0,
    *,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    """Demand that the anchor is closer to the positive than to the negative, by the margin.

    The loss of a row is max(0, d(a, p) - d(a, n) + margin), where d(u, v) is
    pairwise_distance(u, v, p_norm). With swap, the smaller one of d(a, n) and d(p, n) stands in
    place of d(a, n), row by row.

    a, p, n: anchors, positives and negatives, (N, D). N may be 0.
    Each row has one loss: "none" returns (N,), the others a 0-d tensor.
    Raises ValueError when a is not 2-d or the three shapes are not the same.
    """
    raise NotImplementedError


def hinge_embedding(x: Tensor, y: Tensor, margin: float = 1.0, reduction: str = "mean") -> Tensor:
    """Make distances of like pairs small, and those of unlike pairs as large as the margin.

    An element costs x where y is 1 (alike), and max(0, margin - x) where y is -1 (unlike).

    x: distances of any shape. y: of the same shape, 1 or -1.
    Each element has a loss of its own: "none" returns the shape of x, the others a 0-d tensor.
    Raises ValueError when the shapes are not the same: nothing is broadcast.
    """
    raise NotImplementedError


def cosine_embedding(
    x1: Tensor, x2: Tensor, y: Tensor, margin: float = 0.0, reduction: str = "mean"
) -> Tensor:
    """Turn the vectors of like pairs into one direction, and those of unlike pairs apart.

    With cos, the cosine of the angle between a row of x1 and that row of x2, a row costs 1 - cos
    where y is 1 (alike), and max(0, cos - margin) where y is -1 (unlike).

    x1, x2: (N, D). y: (N,), 1 or -1. N may be 0. A vector of zeros has the cosine 0 with every
    other; loss and gradients are finite there too.
    Each row has one loss: "none" returns (N,), the others a 0-d tensor.
    Raises ValueError when x1 is not 2-d, x2 has another shape than x1, or y is not (N,).
    """
    raise NotImplementedError
