"""Exercise ex10_conv_features: find features in pictures, receptive fields, down-sampling.

Add the imports that you need.
"""

from torch import Tensor, nn


def to_signs(picture: Tensor) -> Tensor:
    """Turn a picture of 0 (paper) and 1 (ink) into one of -1 and 1.

    picture: any shape; bool, any integer dtype or float. Returns float32 of the same shape, on the
    same device: 1.0 for ink, -1.0 for paper. The picture itself is left as it is.
    """
    raise NotImplementedError


def match_feature(img: Tensor, feature: Tensor) -> Tensor:
    """Score how well the feature fits at every place of a picture: the mean of the products.

    img: (..., H, W), float32 or float64, usually of -1 and 1; whatever stands before the last two
    dimensions, nothing included, are pictures side by side. feature: (h, w), same dtype and device.
    Score (i, j) compares the feature with the window whose upper left corner is row i, column j:
    1 where they are equal, -1 where they are opposite.
    Returns (..., H - h + 1, W - w + 1), dtype and device of img; gradients reach img and feature.
    Neither has to be contiguous.
    Raises ValueError when img has fewer than two dimensions, when feature has not two, and when the
    feature is higher or wider than the picture.
    """
    raise NotImplementedError


def best_match(img: Tensor, feature: Tensor) -> tuple[float, tuple[int, int]]:
    """Find the place where the feature fits best.

    img: (H, W). feature: (h, w). Returns (score, (row, column)): the largest score of match_feature
    and its place, the upper left corner of the window, as a Python float and two Python ints. If
    several places are equally good, any of them will do.
    """
    raise NotImplementedError


def receptive_field(layers: list[tuple[int, ...]]) -> int:
    """Return how many rows of the picture one number behind all these layers depends on.

    layers: for each layer, convolution or pooling, first to last, (k, s) or (k, s, d): kernel size,
    stride and dilation, which is 1 where it is not given. Rows between the first and the last one
    count, also where a dilated kernel skips them. Without layers it is 1.
    """
    raise NotImplementedError


def measured_rf(model: nn.Module, size: int) -> int:
    """Measure the receptive field of a model by the gradients of its input.

    model: turns (1, 1, size, size) into (1, C, H', W'), and is made of convolutions with random
    weights and average poolings; it has parameters. Take the middle of the result (row H' // 2,
    column W' // 2, all C maps together): its gradient is 0 for every pixel that it does not depend
    on. The picture that you send has the dtype and the device of the model's parameters.
    Returns from the first to the last row with a gradient that is not 0, how many rows that are,
    both included, as a Python int.
    The model is as before afterwards: parameters, their gradients (None stays None) and all else.
    """
    raise NotImplementedError


def make_downsampler(kind: str, c: int) -> nn.Module:
    """Return a layer that halves pictures (N, c, H, W).

    kind "pool": the largest number of each window of 2 x 2, with windows side by side; nothing to
    learn. H' = H // 2, so 33 becomes 16.
    kind "conv": a convolution from c to c maps with kernel 3, stride 2, padding 1 and a bias, whose
    parameters are `weight` and `bias`. H' = (H - 1) // 2 + 1, so 33 becomes 17.
    Raises ValueError for any other kind.
    """
    raise NotImplementedError
