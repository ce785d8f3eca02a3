"""Inference for ex59_ants_bees: a classifier from a file, and its answer for one picture.

Add the imports that you need.
"""

from collections.abc import Sequence
from pathlib import Path

from torch import nn


def load_classifier(path: str | Path, device: str = "cpu") -> tuple[nn.Module, list[str]]:
    """Return (network, classes) from a file that save_classifier has written.

    The network is one of build_network, with the weights of the file, on device and in evaluation
    mode. The file may have been made on a device that this machine does not have.
    Raises OSError when there is no file. Raises ValueError when the file is anything else than a
    dict with "classes", a list of one or more strings, and "weights" that fit a network with so
    many classes: be it no file of PyTorch at all, one of which the end is missing, or one that
    holds more than plain data and tensors. Nothing that such a file asks for is run.
    """
    raise NotImplementedError


def predict_image(model: nn.Module, path: str | Path, classes: Sequence[str]) -> tuple[str, float]:
    """Return what model sees in a picture file: (name of the class, its probability, a float).

    The picture, of any mode and size, goes through make_transform(train=False) and reaches the
    model as a batch of one, (1, 3, 32, 32), on the model's device (all its parameters are there).
    The model gives scores (1, K), one for each of the K classes; softmax makes probabilities of
    them, and the largest one counts.
    The model is asked once, in evaluation mode and without a graph; afterwards it is in the mode
    in which it came. Raises OSError when there is no file or it is no picture.
    """
    raise NotImplementedError
