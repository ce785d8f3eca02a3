"""Exercise ex18_entropy_kl: how much a distribution says, and how far two of them are apart.

All tensors are float32 or float64, those of one call have the same dtype, and results have it too.
A distribution stands in the last dimension, which has at least one number: (..., n), where (...)
may be nothing, one dimension or several, also of size 0. Its numbers are not negative and sum to 1.

An outcome that never happens contributes 0, whatever else is said about it: 0 * log(0) is 0 here.

Add the imports that you need.
"""

from torch import Tensor


def information(p: Tensor) -> Tensor:
    """Return the information content -log2(p) of outcomes with the probabilities p, in bits.

    p: single probabilities in any shape; they need not sum to 1. Returns the shape of p; an outcome
    with p = 0 has infinitely many bits.
    Raises ValueError when a number of p is outside [0, 1].
    """
    raise NotImplementedError


def entropy(p: Tensor, base: float = 2) -> Tensor:
    """Return the entropy -sum of p * log(p): the mean information content of an outcome.

    p: distributions (..., n). base: of the logarithm, a number above 1; math.e gives nats.
    Returns (...): for one distribution (n,) a 0-d tensor. Gradients reach p where it is positive.
    Raises ValueError when p has a negative number, or one of its sums differs from 1 by more than
    0.001.
    """
    raise NotImplementedError


def cross_entropy_dist(P: Tensor, Q: Tensor) -> Tensor:
    """Return the cross entropy H(P, Q) = -sum of P * log(Q), with the natural logarithm.

    P, Q: distributions (..., n), both of one shape. P is what happens, Q what was predicted.
    Returns (...); inf where something happens that Q calls impossible. Gradients reach P and Q
    where both are positive, and Q also where P is 0 and Q is not.
    Raises ValueError when the shapes differ, and for P and Q what entropy raises for p.
    """
    raise NotImplementedError


def kl_div(P: Tensor, Q: Tensor) -> Tensor:
    """Return the KL divergence D(P || Q) = sum of P * log(P / Q), with the natural logarithm.

    P, Q: distributions (..., n), both of one shape. P is what happens, Q what was predicted.
    Returns (...); inf where something happens that Q calls impossible. Gradients reach P and Q
    where both are positive, and Q also where P is 0 and Q is not.
    Raises ValueError as cross_entropy_dist does.
    """
    raise NotImplementedError


def kl_loss(
    log_q: Tensor,
    p: Tensor,
    reduction: str = "batchmean",
    *,
    log_target: bool = False,
) -> Tensor:
    """Return the loss p * (log(p) - log_q), number by number or reduced, as nn.KLDivLoss does.

    log_q: the prediction, logarithms of probabilities, as log_softmax gives them. p: the target,
    probabilities, or with log_target their logarithms. Both (..., n) and of one shape; nothing is
    said about their sums. A logarithm may be -inf; where the target's probability is 0 the loss is
    0 and log_q gets the gradient 0, also where log_q is -inf.
    reduction: "none" returns all losses in their shape, "sum" their sum, "mean" that divided by
    their number, "batchmean" the sum divided by the size of the first dimension. The last three
    are 0-d.
    Gradients reach log_q.
    Raises ValueError
    - when the shapes differ, or for another reduction;
    - when log_q has a number above 0.00001: it is no logarithm of a probability;
    - when p has a number below 0, or with log_target one above 0.00001;
    - for "batchmean" of one distribution (n,): its first dimension is no batch.
    """
    raise NotImplementedError
