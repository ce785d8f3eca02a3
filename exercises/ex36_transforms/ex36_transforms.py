"""Exercise ex36_transforms: from a picture in a file to a tensor for a network.

A transform is an object that is called with a picture: make it once, use it as often as you like.
Add the imports that you need.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from PIL import Image
from torch import Tensor


class MyToTensor:
    """Makes a tensor (C, H, W) of a picture: MyToTensor()(picture)."""

    def __call__(self, picture: Image.Image | np.ndarray) -> Tensor:
        """Return the picture with its channels first.

        picture: a picture of PIL of mode "L", "RGB" or "RGBA", or an array of rows and columns,
        (H, W), or of rows, columns and channels, (H, W, C); grey pictures get one channel. Arrays
        need not lie in order in memory: array[:, :, ::-1], array[::2] and the like are welcome.
        8-bit values (pictures of PIL, uint8 arrays) become float32, divided by 255. Arrays of any
        other dtype (float32, float64, int32, int64) keep their values and their dtype.
        Raises TypeError for anything else than a picture of PIL or an array, and ValueError for
        an array that is not 2-d or 3-d.
        """
        raise NotImplementedError


class MyNormalize:
    """Computes (x - mean) / std, channel by channel: MyNormalize(mean, std)(x)."""

    def __init__(self, mean: Sequence[float] | Tensor, std: Sequence[float] | Tensor) -> None:
        """Remember one mean and one std for each channel: numbers, or tensors (C,).

        Raises ValueError when there are not as many means as stds, or when a std is 0.
        """
        raise NotImplementedError

    def __call__(self, x: Tensor) -> Tensor:
        """Return (x - mean) / std for pictures x of shape (..., C, H, W).

        x is float32 or float64, and stays as it is; the result has its shape, dtype and device,
        whatever mean and std were given as, and is computed in this dtype. Gradients reach x.
        Raises TypeError when x is no tensor or its dtype is not a floating one, and ValueError
        when x has not as many channels as there are means, or less than three dimensions.
        """
        raise NotImplementedError

    def inverse(self, x: Tensor) -> Tensor:
        """Undo it: return x * std + mean. Everything else is as in __call__."""
        raise NotImplementedError


class MyCompose:
    """Several transforms as one: MyCompose([first, second, ...])(picture)."""

    def __init__(self, steps: Sequence[Callable[[Any], Any]]) -> None:
        """Remember the steps: anything that can be called with one argument."""
        raise NotImplementedError

    def __call__(self, picture: Any) -> Any:
        """Return what comes out when each step gets what the step before it returned.

        Without any steps the picture itself is returned.
        """
        raise NotImplementedError


def short_edge_size(w: int, h: int, s: int) -> tuple[int, int]:
    """Return the size (width, height) of a picture w x h whose shorter edge is made s.

    The longer edge keeps the ratio and is rounded down: an int, as in Resize(s) of torchvision.
    Raises ValueError when w, h or s is less than 1.
    """
    raise NotImplementedError


def make_resize(
    size: int | tuple[int, int], *, nearest: bool = False
) -> Callable[[Image.Image | Tensor], Image.Image | Tensor]:
    """Return a transform that resizes as torchvision's Resize does. It may be used here.

    size: a pair (rows, columns), or one number for the shorter edge, see short_edge_size.
    nearest: take the value of the nearest pixel (InterpolationMode.NEAREST), which makes no new
    values; otherwise bilinear and antialiased, the defaults of Resize.
    The transform takes pictures of PIL and tensors (..., H, W), uint8 or float32, and returns
    the same kind. It raises TypeError for anything else, arrays of numpy for instance.
    """
    raise NotImplementedError


def dataset_mean_std(loader: Iterable[tuple[Tensor, Any]]) -> tuple[Tensor, Tensor]:
    """Return mean and standard deviation of each channel over all pixels of all pictures.

    loader: gives batches (pictures, labels), the pictures (N, C, H, W), float32 or float64. The
    batches may be of different N, H and W, and can be gone through only once.
    Returns two tensors (C,), float64 and computed in float64. The variance is the mean of the
    squared distances: divided by the number of pixels, not by one less.
    Raises ValueError when there is no batch.
    """
    raise NotImplementedError


def default_pipeline(size: tuple[int, int]) -> Callable[[Image.Image], Tensor]:
    """Return a transform from a picture of PIL, of any mode, to a network's input.

    In this order: convert to "RGB"; resize to size = (rows, columns) as make_resize(size) does;
    make a float32 tensor (3, rows, columns) with values from 0 to 1; normalize with mean 0.5 and
    std 0.5, so that the values go from -1 to 1. Classes of torchvision may be used here.
    """
    raise NotImplementedError
