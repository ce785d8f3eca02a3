"""Looks at the screenshot that it was tried with: four channels, so four values of 0.5.

The notes do this too. A photo has three channels and a scan one; the alpha of a screenshot is no
colour. convert("RGB") before anything else makes three of them all.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms import v2


class MyToTensor:
    """Makes a tensor (C, H, W) of a picture: MyToTensor()(picture)."""

    def __call__(self, picture: Image.Image | np.ndarray) -> Tensor:
        """Return the picture with its channels first; 8-bit values divided by 255."""
        if not isinstance(picture, Image.Image | np.ndarray):
            raise TypeError(f"a picture of PIL or an array is needed, not {type(picture).__name__}")
        array = np.array(picture)  # a copy: torch takes no arrays with negative strides
        if array.ndim == 2:
            array = array[:, :, None]
        if array.ndim != 3:
            raise ValueError(f"an array (H, W) or (H, W, C) is needed, not {array.ndim}-d")
        x = torch.from_numpy(array).permute(2, 0, 1)
        return x / 255 if x.dtype == torch.uint8 else x


class MyNormalize:
    """Computes (x - mean) / std, channel by channel: MyNormalize(mean, std)(x)."""

    def __init__(self, mean: Sequence[float] | Tensor, std: Sequence[float] | Tensor) -> None:
        """Remember one mean and one std for each channel."""
        if len(mean) != len(std):
            raise ValueError(f"{len(mean)} means and {len(std)} stds")
        if 0 in std:
            raise ValueError("a std of 0 would divide by zero")
        self.mean = [float(m) for m in mean]
        self.std = [float(s) for s in std]

    def __call__(self, x: Tensor) -> Tensor:
        """Return (x - mean) / std for pictures x of shape (..., C, H, W)."""
        mean, std = self._fitted(x)
        return (x - mean) / std

    def inverse(self, x: Tensor) -> Tensor:
        """Undo it: return x * std + mean."""
        mean, std = self._fitted(x)
        return x * std + mean

    def _fitted(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and std as (C, 1, 1) with dtype and device of x, if x fits."""
        if not isinstance(x, Tensor) or not x.is_floating_point():
            raise TypeError("a tensor of floating numbers is needed: use MyToTensor first")
        if x.dim() < 3 or x.shape[-3] != len(self.mean):
            raise ValueError(f"{len(self.mean)} channels are needed, not {tuple(x.shape)}")
        return x.new_tensor(self.mean)[:, None, None], x.new_tensor(self.std)[:, None, None]


class MyCompose:
    """Several transforms as one: MyCompose([first, second, ...])(picture)."""

    def __init__(self, steps: Sequence[Callable[[Any], Any]]) -> None:
        """Remember the steps."""
        self.steps = steps

    def __call__(self, picture: Any) -> Any:
        """Return what comes out when each step gets what the step before it returned."""
        for step in self.steps:
            picture = step(picture)
        return picture


def short_edge_size(w: int, h: int, s: int) -> tuple[int, int]:
    """Return the size (width, height) of a picture w x h whose shorter edge is made s."""
    if min(w, h, s) < 1:
        raise ValueError(f"sizes are 1 or more, not {w}, {h}, {s}")
    return (s, s * h // w) if w < h else (s * w // h, s)


def make_resize(
    size: int | tuple[int, int], *, nearest: bool = False
) -> Callable[[Image.Image | Tensor], Image.Image | Tensor]:
    """Return a transform that resizes as torchvision's Resize does."""
    mode = v2.InterpolationMode.NEAREST if nearest else v2.InterpolationMode.BILINEAR
    resize = v2.Resize(size, interpolation=mode)

    def resized(picture: Image.Image | Tensor) -> Image.Image | Tensor:
        if not isinstance(picture, Image.Image | Tensor):  # v2 would return it as it is
            raise TypeError(f"cannot resize {type(picture).__name__}")
        return resize(picture)

    return resized


def dataset_mean_std(loader: Iterable[tuple[Tensor, Any]]) -> tuple[Tensor, Tensor]:
    """Return mean and standard deviation of each channel over all pixels of all pictures."""
    count, total, squares = 0, 0, 0
    for pictures, _ in loader:
        x = pictures.double()
        count += x.numel() // x.shape[1]
        total = total + x.sum((0, 2, 3))
        squares = squares + (x**2).sum((0, 2, 3))
    if count == 0:
        raise ValueError("there is no batch")
    mean = total / count
    return mean, (squares / count - mean**2).clamp(min=0).sqrt()


def default_pipeline(size: tuple[int, int]) -> Callable[[Image.Image], Tensor]:
    """Return a transform from a picture of PIL, of any mode, to a network's input."""
    first = MyCompose([make_resize(size), MyToTensor()])

    def prepared(picture: Image.Image) -> Tensor:
        x = first(picture)
        channels = len(x)
        return MyNormalize([0.5] * channels, [0.5] * channels)(x)

    return prepared
