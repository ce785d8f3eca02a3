"""Exercise ex12_linear_flatten: the linear layer, scores, flatten, and a linear layer as conv.

Add the imports that you need.
"""

from torch import Tensor, nn


class MyLinear(nn.Module):
    """A linear layer: y = x @ weight.T + bias, as nn.Linear computes it.

    Parameters, named and shaped as those of nn.Linear, so that the two can exchange their states:
    `weight` of shape (out_features, in_features) and, with bias=True, `bias` of shape
    (out_features,), float32. With bias=False there is no parameter `bias`, and nothing is added.
    Their first values are yours to choose.
    """

    def __init__(self, in_features: int, out_features: int, *, bias: bool = True) -> None:
        """Make the parameters of a layer from in_features to out_features numbers."""
        super().__init__()
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """Return x @ weight.T + bias: (..., in_features) becomes (..., out_features).

        x has one dimension or more, and any of the leading ones may be 0. x has the dtype and the
        device of the parameters, and so has the result; gradients reach x, weight and bias.
        """
        raise NotImplementedError


def scores(W: Tensor, x: Tensor, b: Tensor) -> Tensor:
    """Return the scores W x + b of pictures that stand in the columns of x.

    W: (K, D), one row for each class. x: (D, N), one column for each picture. b: (K,), one number
    for each class, which is added to the score of that class in every picture.
    All are of one floating dtype and device. Returns (K, N).
    """
    raise NotImplementedError


def predict_class(W: Tensor, x: Tensor, b: Tensor) -> Tensor:
    """Return for each column of x the class, counted from 0, with the largest score.

    The same inputs as scores. Returns (N,), int64.
    """
    raise NotImplementedError


def num_flat_features(x: Tensor) -> int:
    """Return how many numbers one item of the batch x has: the product of all sizes but the first.

    x: (N, ...) with one dimension or more. Returns an int; for (N,) it is 1.
    """
    raise NotImplementedError


def flatten_features(x: Tensor) -> Tensor:
    """Return the batch x with each item as one row: (N, ...) becomes (N, num_flat_features(x)).

    The numbers of a row stand in the order in which x[i] counts them: last dimension fastest.
    N and the other sizes may be 1, N may be 0, and x may have any layout in memory.
    Raises ValueError when x has fewer than two dimensions.
    """
    raise NotImplementedError


def linear_to_conv(fc: nn.Linear, c: int, h: int, w: int) -> nn.Conv2d:
    """Return a convolution that gives for (N, c, h, w) what fc gives for the flattened picture.

    fc: a linear layer with in_features == c * h * w, with or without a bias, of any floating dtype.
    The convolution goes from c to fc.out_features maps with a kernel of (h, w), stride 1 and no
    padding, so (N, c, h, w) becomes (N, out_features, 1, 1). It has a bias exactly if fc has one,
    and the dtype and device of fc. Its parameters are its own, and trainable: training the one
    layer does not change the other.
    Raises ValueError when fc.in_features is not c * h * w.
    """
    raise NotImplementedError
