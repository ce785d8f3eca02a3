"""Another right solution: the classes call functions, and all pixels are gathered first."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial, reduce
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms.v2 import InterpolationMode, functional


def _channels(array: np.ndarray) -> list[np.ndarray]:
    return [array] if array.ndim == 2 else [array[..., c] for c in range(array.shape[2])]


class MyToTensor:
    """Stacks the channels, one after another."""

    def __call__(self, picture: Image.Image | np.ndarray) -> Tensor:
        """Make an array of a picture of PIL first."""
        if isinstance(picture, Image.Image):
            picture = np.asarray(picture)
        if not isinstance(picture, np.ndarray):
            raise TypeError(f"cannot make a tensor of {picture!r}")
        if not 2 <= picture.ndim <= 3:
            raise ValueError(f"{picture.ndim} dimensions are no picture")
        array = np.stack(_channels(picture))
        if array.dtype == np.uint8:
            array = array.astype(np.float32) / np.float32(255)
        return torch.from_numpy(array)


class MyNormalize:
    """Goes channel by channel."""

    def __init__(self, mean: Sequence[float] | Tensor, std: Sequence[float] | Tensor) -> None:
        self.pairs = [(float(m), float(s)) for m, s in zip(mean, std, strict=True)]
        if not all(s for _, s in self.pairs):
            raise ValueError("no std may be 0")

    def _each(self, x: Tensor, function: Callable[[Tensor, float, float], Tensor]) -> Tensor:
        if not (isinstance(x, Tensor) and x.dtype.is_floating_point):
            raise TypeError("not a tensor of floats")
        if x.dim() < 3:
            raise ValueError("channels, rows and columns are needed")
        channels = x.unbind(-3)
        if len(channels) != len(self.pairs):
            raise ValueError(f"{len(channels)} channels, {len(self.pairs)} means")
        return torch.stack(
            [function(c, m, s) for c, (m, s) in zip(channels, self.pairs, strict=True)], -3
        )

    def __call__(self, x: Tensor) -> Tensor:
        """Subtract, then divide."""
        return self._each(x, lambda channel, m, s: (channel - m) / s)

    def inverse(self, x: Tensor) -> Tensor:
        """Multiply, then add."""
        return self._each(x, lambda channel, m, s: channel * s + m)


class MyCompose:
    """A reduction."""

    def __init__(self, steps: Sequence[Callable[[Any], Any]]) -> None:
        self.steps = list(steps)

    def __call__(self, picture: Any) -> Any:
        """Reduce the steps to one value."""
        return reduce(lambda value, step: step(value), self.steps, picture)


def short_edge_size(w: int, h: int, s: int) -> tuple[int, int]:
    """Two cases, and floats that are cut off."""
    if any(size <= 0 for size in (w, h, s)):
        raise ValueError("not a size")
    if w <= h:
        return s, int(s * h / w)
    return int(s * w / h), s


def _resize(
    picture: Image.Image | Tensor, size: list[int], interpolation: InterpolationMode
) -> Image.Image | Tensor:
    if isinstance(picture, Image.Image):
        width, height = picture.size
    elif isinstance(picture, Tensor):
        height, width = picture.shape[-2:]
    else:
        raise TypeError("not a picture")
    if len(size) == 1:
        size = list(reversed(short_edge_size(width, height, size[0])))
    return functional.resize(picture, size, interpolation=interpolation, antialias=True)


def make_resize(
    size: int | tuple[int, int], *, nearest: bool = False
) -> Callable[[Image.Image | Tensor], Image.Image | Tensor]:
    """Fill in the size."""
    mode = InterpolationMode.NEAREST if nearest else InterpolationMode.BILINEAR
    return partial(
        _resize, size=[size] if isinstance(size, int) else list(size), interpolation=mode
    )


def dataset_mean_std(loader: Iterable[tuple[Tensor, Any]]) -> tuple[Tensor, Tensor]:
    """Gather the pixels of all pictures, then two lines do it."""
    pixels = [x.movedim(1, -1).reshape(-1, x.shape[1]).double() for x, _ in loader]
    if not pixels:
        raise ValueError("no batch")
    everything = torch.cat(pixels)
    mean = everything.mean(dim=0)
    return mean, ((everything - mean) ** 2).mean(dim=0).sqrt()


def default_pipeline(size: tuple[int, int]) -> Callable[[Image.Image], Tensor]:
    """One function, step by step; PIL resizes."""

    def pipeline(picture: Image.Image) -> Tensor:
        rows, columns = size
        small = picture.convert("RGB").resize((columns, rows), Image.Resampling.BILINEAR)
        return MyToTensor()(small) * 2 - 1

    return pipeline
