"""Takes reflect and symmetric for two words for one thing, as the notes did not understand them yet.

Both mirror. With reflect the mirror stands on the last pixel, which is seen once: 3 2 1 2. With
symmetric it stands behind it, and the pixel is seen twice: 2 1 1 2.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor


def pad2(
    x: Tensor, padding: int | Sequence[int], mode: str = "constant", fill: float = 0
) -> Tensor:
    """Return x with more columns on the left and right, and more rows above and below."""
    sides = [padding] * 4 if isinstance(padding, int) else list(padding)
    if len(sides) == 2:
        sides *= 2
    if len(sides) != 4 or min(sides) < 0:
        raise ValueError(f"one, two or four numbers, none negative, are needed: {padding}")
    left, top, right, bottom = sides
    rows = _places(x.shape[-2], top, bottom, mode)
    columns = _places(x.shape[-1], left, right, mode)
    if mode != "constant":
        return x[..., rows[:, None], columns]
    y = x.new_full((*x.shape[:-2], len(rows), len(columns)), fill)
    y[..., top : top + x.shape[-2], left : left + x.shape[-1]] = x
    return y


def _places(n: int, before: int, after: int, mode: str) -> Tensor:
    """Return for each place of a padded row of n pixels where its pixel is taken from."""
    limits = {"constant": None, "edge": None, "reflect": n - 1, "symmetric": n}
    if mode not in limits:
        raise ValueError(f"there is no mode {mode!r}")
    if limits[mode] is not None and max(before, after) > limits[mode]:
        raise ValueError(f"{n} pixels cannot be mirrored to {max(before, after)} more")
    places = torch.arange(-before, n + after)
    if mode in ("reflect", "symmetric"):
        places = torch.where(places < 0, -1 - places, places)
        places = torch.where(places < n, places, 2 * n - 1 - places)
    return places.clamp(0, n - 1)


def _pair(size: int | tuple[int, int]) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else size


def center_crop(x: Tensor, size: int | tuple[int, int]) -> Tensor:
    """Return the middle of x."""
    h, w = _pair(size)
    more_rows, more_columns = max(h - x.shape[-2], 0), max(w - x.shape[-1], 0)
    left, top = more_columns // 2, more_rows // 2
    x = pad2(x, (left, top, more_columns - left, more_rows - top))
    top, left = (x.shape[-2] - h) // 2, (x.shape[-1] - w) // 2
    return x[..., top : top + h, left : left + w]


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
    """Return a window of x, drawn at random."""
    h, w = _pair(size)
    if padding is not None:
        x = pad2(x, padding, padding_mode, fill)
    if pad_if_needed:
        missing = max(w - x.shape[-1], 0), max(h - x.shape[-2], 0)
        x = pad2(x, missing, padding_mode, fill)
    rows, columns = x.shape[-2] - h, x.shape[-1] - w
    if rows < 0 or columns < 0:
        raise ValueError(f"a window {h}x{w} does not fit {tuple(x.shape)}")
    top = torch.randint(rows + 1, (), generator=generator)
    left = torch.randint(columns + 1, (), generator=generator)
    return x[..., top : top + h, left : left + w]


def hflip(x: Tensor, p: float = 0.5, generator: torch.Generator | None = None) -> Tensor:
    """Return, with probability p, x mirrored so that left and right change places, else x."""
    return x.flip(-1) if _happens(p, generator) else x


def vflip(x: Tensor, p: float = 0.5, generator: torch.Generator | None = None) -> Tensor:
    """Return, with probability p, x upside down, else x."""
    return x.flip(-2) if _happens(p, generator) else x


def _happens(p: float, generator: torch.Generator | None) -> bool:
    if not 0 <= p <= 1:
        raise ValueError(f"{p} is no probability")
    return torch.rand((), generator=generator).item() < p


def train_tf(
    size: int | tuple[int, int],
    mean: Sequence[float],
    std: Sequence[float],
    *,
    generator: torch.Generator | None = None,
) -> Callable[[Tensor], Tensor]:
    """Return the transform for training."""

    def transform(x: Tensor) -> Tensor:
        x = random_crop(x, size, 4, generator=generator)
        return _normalized(hflip(x, generator=generator), mean, std)

    return transform


def val_tf(
    size: int | tuple[int, int], mean: Sequence[float], std: Sequence[float]
) -> Callable[[Tensor], Tensor]:
    """Return the transform for validation."""
    return lambda x: _normalized(center_crop(x, size), mean, std)


def _normalized(x: Tensor, mean: Sequence[float], std: Sequence[float]) -> Tensor:
    """Return x / 255, less the mean, divided by the std of its channel."""
    x = x / 255
    return (x - x.new_tensor(mean)[:, None, None]) / x.new_tensor(std)[:, None, None]
