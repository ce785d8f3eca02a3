"""Another right solution: views of tensors, statistics that are merged, and the classes of v2."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms import v2


class MyToTensor:
    """Two kinds of input, one way out."""

    def __call__(self, picture: Image.Image | np.ndarray) -> Tensor:
        """Move the channels to the front with numpy."""
        match picture:
            case Image.Image():
                array = np.asarray(picture)
            case np.ndarray():
                array = picture
            case _:
                raise TypeError("neither a picture of PIL nor an array")
        if array.ndim not in (2, 3):
            raise ValueError("the array must be 2-d or 3-d")
        channels_first = np.moveaxis(np.atleast_3d(array), -1, 0)
        x = torch.tensor(np.ascontiguousarray(channels_first))
        if x.dtype == torch.uint8:
            x = x.to(torch.float32).div(255)
        return x


class MyNormalize:
    """Keeps tensors of the shape (C, 1, 1), in float64."""

    def __init__(self, mean: Sequence[float] | Tensor, std: Sequence[float] | Tensor) -> None:
        self.mean = torch.as_tensor(mean, dtype=torch.float64).reshape(-1, 1, 1)
        self.std = torch.as_tensor(std, dtype=torch.float64).reshape(-1, 1, 1)
        if self.mean.shape != self.std.shape or bool((self.std == 0).any()):
            raise ValueError("as many stds as means are needed, none of them 0")

    def _check(self, x: Tensor) -> None:
        if not torch.is_tensor(x) or x.dtype not in (torch.float32, torch.float64):
            raise TypeError("x must be a tensor, float32 or float64")
        if x.ndim < 3 or x.size(-3) != self.mean.size(0):
            raise ValueError("wrong number of channels")

    def __call__(self, x: Tensor) -> Tensor:
        """Subtract, then divide."""
        self._check(x)
        return x.sub(self.mean.to(x)).div(self.std.to(x))

    def inverse(self, x: Tensor) -> Tensor:
        """Multiply, then add."""
        self._check(x)
        return x.mul(self.std.to(x)).add(self.mean.to(x))


class MyCompose:
    """Calls itself with one step less."""

    def __init__(self, steps: Sequence[Callable[[Any], Any]]) -> None:
        self.steps = tuple(steps)

    def __call__(self, picture: Any) -> Any:
        """Do the first step; the others are another MyCompose."""
        if not self.steps:
            return picture
        first, *rest = self.steps
        return MyCompose(rest)(first(picture))


def short_edge_size(w: int, h: int, s: int) -> tuple[int, int]:
    """Scale both edges by s / the shorter one."""
    if w < 1 or h < 1 or s < 1:
        raise ValueError("all sizes must be positive")
    shorter = min(w, h)
    return w * s // shorter, h * s // shorter


class _Resize(v2.Resize):
    """v2's own class, with a look at the type before."""

    def forward(self, picture: Any) -> Any:
        if not isinstance(picture, (Image.Image, Tensor)):
            raise TypeError("Resize takes pictures and tensors")
        return super().forward(picture)


def make_resize(
    size: int | tuple[int, int], *, nearest: bool = False
) -> Callable[[Image.Image | Tensor], Image.Image | Tensor]:
    """Make the class above."""
    if nearest:
        return _Resize(size, interpolation=v2.InterpolationMode.NEAREST)
    return _Resize(size, antialias=True)


def dataset_mean_std(loader: Iterable[tuple[Tensor, Any]]) -> tuple[Tensor, Tensor]:
    """Merge the statistics of each batch into those of all before it."""
    n = 0
    for pictures, _ in loader:
        pixels = pictures.to(torch.float64).transpose(0, 1).flatten(1)
        k, batch_mean = pixels.shape[1], pixels.mean(1)
        batch_squares = ((pixels - batch_mean[:, None]) ** 2).sum(1)
        if n == 0:
            n, mean, squares = k, batch_mean, batch_squares
            continue
        apart = batch_mean - mean
        squares = squares + batch_squares + apart**2 * n * k / (n + k)
        mean = mean + apart * k / (n + k)
        n += k
    if n == 0:
        raise ValueError("the loader is empty")
    return mean, (squares / n).sqrt()


def default_pipeline(size: tuple[int, int]) -> Callable[[Image.Image], Tensor]:
    """The five classes that stand for the notes' four today."""
    return v2.Compose(
        [
            v2.Lambda(lambda picture: picture.convert("RGB")),
            v2.Resize(size),
            v2.ToImage(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(mean=[0.5] * 3, std=[0.5] * 3),
        ]
    )
