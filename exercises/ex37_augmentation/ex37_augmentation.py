"""Exercise ex37_augmentation: one picture becomes many, and all of them are right.

All functions take pictures (..., H, W): one picture (H, W) or (C, H, W), or a batch (N, C, H, W).
They keep the dtype (uint8, int64, float32 or float64) and the device, do not change x, and let
gradients reach it. A batch is treated as a whole: one draw for all of its pictures.
All random numbers are drawn on the CPU, from `generator`, or from torch's global generator
(torch.manual_seed) if it is None.
Add the imports that you need.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor


def pad2(
    x: Tensor, padding: int | Sequence[int], mode: str = "constant", fill: float = 0
) -> Tensor:
    """Return x with more columns on the left and right, and more rows above and below.

    padding: one number for all four sides; a pair (left and right, top and bottom); or four
    numbers (left, top, right, bottom). Tuples or lists.
    mode: what stands in the new places. 1 2 3 4 padded by 2 becomes
    - "constant": 0 0 | 1 2 3 4 | 0 0, with the number `fill` for 0
    - "edge": 1 1 | 1 2 3 4 | 4 4, the last pixel again and again
    - "reflect": 3 2 | 1 2 3 4 | 3 2, mirrored, the last pixel not repeated
    - "symmetric": 2 1 | 1 2 3 4 | 4 3, mirrored, the last pixel repeated
    Raises ValueError for another mode, another number of paddings, a negative one, or more than a
    mirror can show: n pixels in a direction have n - 1 to reflect, and n with "symmetric".
    """
    raise NotImplementedError


def center_crop(x: Tensor, size: int | tuple[int, int]) -> Tensor:
    """Return the middle of x: (..., h, w) for size = (h, w), or (..., n, n) for size = n.

    On two opposite sides equally much is cut off. Where the picture is smaller than `size`, rows or
    columns of zeros are added in the same way. If an odd number is cut off or added, it is yours
    to choose which side gets one more.
    """
    raise NotImplementedError


def random_crop(
    x: Tensor,
    size: int | tuple[int, int],
    padding: int | Sequence[int] | None = None,
    *,
    pad_if_needed: bool = False,
    fill: float = 0,
    padding_mode: str = "constant",
    generator: torch.Generator | None = None,
) -> Tensor:
    """Return a window of x, drawn at random: (..., h, w) for size = (h, w), or n for (n, n).

    padding: x is padded first, as pad2(x, padding, padding_mode, fill) does, unless it is None.
    pad_if_needed: where x is then still lower (or narrower) than the window, rows are added above
    and below (or columns left and right), on each side as many as are missing, in the same mode.
    Every place of the window within the padded picture is equally likely.
    Raises ValueError when the window is larger than the padded picture.
    """
    raise NotImplementedError


def hflip(x: Tensor, p: float = 0.5, generator: torch.Generator | None = None) -> Tensor:
    """Return, with probability p, x mirrored so that left and right change places, else x.

    Raises ValueError when p is not between 0 and 1; with 0 it never happens, with 1 always.
    """
    raise NotImplementedError


def vflip(x: Tensor, p: float = 0.5, generator: torch.Generator | None = None) -> Tensor:
    """Return, with probability p, x upside down, else x. Everything else is as in hflip."""
    raise NotImplementedError


def train_tf(
    size: int | tuple[int, int],
    mean: Sequence[float],
    std: Sequence[float],
    *,
    generator: torch.Generator | None = None,
) -> Callable[[Tensor], Tensor]:
    """Return the transform for training: from a picture (C, H, W), uint8, to (C, h, w), float32.

    In this order, with new draws at each call: random_crop to `size` out of the picture padded by
    4 zeros on all sides; hflip with probability 0.5; divided by 255; (x - mean) / std for each
    channel. All draws come from `generator`.
    """
    raise NotImplementedError


def val_tf(
    size: int | tuple[int, int], mean: Sequence[float], std: Sequence[float]
) -> Callable[[Tensor], Tensor]:
    """Return the transform for validation: from a picture (C, H, W), uint8, to (C, h, w), float32.

    center_crop to `size`; divided by 255; (x - mean) / std for each channel. Nothing is random.
    """
    raise NotImplementedError
