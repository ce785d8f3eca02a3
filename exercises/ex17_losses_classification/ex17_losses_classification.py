"""Exercise ex17_losses_classification: the losses of classification from scratch.

All numbers are float32 or float64; the float tensors of one call have the same dtype and all its
tensors the same device. Results have that dtype and that device.

`reduction` is the same everywhere: "none" returns the single losses, "sum" their sum and "mean"
their mean, both 0-d. Another reduction raises ValueError.

Add the imports that you need.
"""

from torch import Tensor


def log_softmax(x: Tensor, dim: int) -> Tensor:
    """Return the logarithm of softmax along dim: x[i] - log(sum of exp(x[j]) over all j).

    x: scores of any size and at least one dimension. dim: one of its dimensions, may be negative.
    Returns a tensor of x's shape; gradients reach x. Scores of 10000 and -10000 are no trouble.
    """
    raise NotImplementedError


def bce(p: Tensor, y: Tensor, weight: Tensor | None = None, reduction: str = "mean") -> Tensor:
    """Return the binary cross entropy -(y * log(p) + (1 - y) * log(1 - p)).

    p: probabilities. y: the answers, numbers from 0 to 1, in the shape of p. Any shape will do.
    Logarithms below -100 count as -100, so that no loss is larger than 100, also for p = 0 or 1.
    weight: multiplies the single losses; its shape is that of p or broadcasts to it. The mean is
    a plain one: the weighted losses are divided by their number.
    "none" has the shape of p. Gradients reach p; at p = 0 and p = 1 they are yours to choose.
    Raises ValueError when p and y differ in shape or a number of p is outside [0, 1].
    """
    raise NotImplementedError


def bce_with_logits(
    z: Tensor,
    y: Tensor,
    pos_weight: Tensor | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Return the binary cross entropy of p = sigmoid(z), right for every finite z.

    z: raw scores of any shape and size. y: the answers, numbers from 0 to 1, in the shape of z.
    pos_weight: w in -(w * y * log(p) + (1 - y) * log(1 - p)); its shape is that of z or
    broadcasts to it, one number for each column for instance. It does not change what the mean
    divides by. Nothing is cut off at 100 here: z = -1000 with y = 1 costs 1000.
    "none" has the shape of z. Gradients reach z. Without pos_weight the single loss has the slope
    sigmoid(z) - y: at z = 0, and where the loss is huge, as well.
    Raises ValueError when z and y differ in shape.
    """
    raise NotImplementedError


def cross_entropy(
    logits: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    label_smoothing: float = 0.0,
    reduction: str = "mean",
) -> Tensor:
    """Return the cross entropy of raw scores and class numbers, as nn.CrossEntropyLoss does.

    logits: (N, C), raw scores. target: (N,), int64: class numbers, or ignore_index.
    The loss of a row with the class t is the sum over all classes c of

        -q[c] * weight[c] * log_softmax(row)[c],

    where q[c] is label_smoothing / C, and for c = t there is 1 - label_smoothing more.
    weight: (C,), all ones if it is None. label_smoothing: from 0 to 1.
    A row whose target is ignore_index has the loss 0, and the gradient 0. ignore_index may be any
    int, also the number of a class.
    "none" has the shape (N,). "mean" is the sum of the losses divided by the sum of weight[t] over
    the rows that are not ignored; it is nan if there are none. Gradients reach logits.
    Raises ValueError when logits is not 2-d or not of floats, when target is not int64 or not of
    shape (N,), or when a target is neither ignore_index nor from 0 to C - 1.
    """
    raise NotImplementedError
