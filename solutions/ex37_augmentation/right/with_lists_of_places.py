"""Another right solution: lists say where each row and column comes from; classes transform."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

NOWHERE = -1


def _place(i: int, n: int, mode: str) -> int:
    """Return where place i of an endless row is found among n pixels."""
    if 0 <= i < n:
        return i
    match mode:
        case "constant":
            return NOWHERE
        case "edge":
            return 0 if i < 0 else n - 1
        case "reflect":
            found = -i if i < 0 else 2 * (n - 1) - i
        case "symmetric":
            found = -i - 1 if i < 0 else 2 * n - i - 1
        case _:
            raise ValueError(f"unknown mode {mode}")
    if not 0 <= found < n:
        raise ValueError("out of the mirror's sight")
    return found


def pad2(
    x: Tensor, padding: int | Sequence[int], mode: str = "constant", fill: float = 0
) -> Tensor:
    """Gather rows and columns, then write `fill` where there was none."""
    if mode not in ("constant", "edge", "reflect", "symmetric"):
        raise ValueError(f"unknown mode {mode}")
    numbers = (padding,) if isinstance(padding, int) else tuple(padding)
    if len(numbers) not in (1, 2, 4) or any(number < 0 for number in numbers):
        raise ValueError(f"bad padding {padding}")
    left, top, right, bottom = numbers * (4 // len(numbers))
    height, width = x.shape[-2:]
    rows = [_place(i, height, mode) for i in range(-top, height + bottom)]
    columns = [_place(j, width, mode) for j in range(-left, width + right)]
    y = x[..., rows, :][..., columns]
    for i, row in enumerate(rows):
        if row == NOWHERE:
            y[..., i, :] = fill
    for j, column in enumerate(columns):
        if column == NOWHERE:
            y[..., j] = fill
    return y


def center_crop(x: Tensor, size: int | tuple[int, int]) -> Tensor:
    """Count from the middle; what lies outside is NOWHERE."""
    h, w = (size, size) if isinstance(size, int) else size
    height, width = x.shape[-2:]
    y = x.new_zeros(*x.shape[:-2], h, w)
    top, left = (height - h) // 2, (width - w) // 2
    rows = [i for i in range(h) if 0 <= i + top < height]
    columns = [j for j in range(w) if 0 <= j + left < width]
    into = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    out = slice(rows[0] + top, rows[-1] + 1 + top), slice(columns[0] + left, columns[-1] + 1 + left)
    y[(..., *into)] = x[(..., *out)]
    return y


def _draw(count: int, generator: torch.Generator | None) -> int:
    return torch.randperm(count, generator=generator)[0].item()


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
    """Pad, look, draw, cut."""
    h, w = (size, size) if isinstance(size, int) else size
    x = x if padding is None else pad2(x, padding, padding_mode, fill)
    height, width = x.shape[-2:]
    if pad_if_needed and (height < h or width < w):
        rows, columns = max(h - height, 0), max(w - width, 0)
        x = pad2(x, (columns, rows, columns, rows), padding_mode, fill)
        height, width = x.shape[-2:]
    if height < h or width < w:
        raise ValueError("too large a window")
    top, left = _draw(height - h + 1, generator), _draw(width - w + 1, generator)
    return x.narrow(-2, top, h).narrow(-1, left, w)


class _Flip:
    """Mirrors one axis now and then."""

    def __init__(self, axis: int) -> None:
        self.axis = axis

    def __call__(self, x: Tensor, p: float, generator: torch.Generator | None) -> Tensor:
        if not (p >= 0 and p <= 1):
            raise ValueError("p is a probability")
        weights = torch.tensor([1 - p, p], dtype=torch.float64)
        chosen = torch.multinomial(weights, 1, generator=generator).item()
        return torch.flip(x, [self.axis]) if chosen == 1 else x.clone()


def hflip(x: Tensor, p: float = 0.5, generator: torch.Generator | None = None) -> Tensor:
    """Mirror the last axis."""
    return _Flip(-1)(x, p, generator)


def vflip(x: Tensor, p: float = 0.5, generator: torch.Generator | None = None) -> Tensor:
    """Mirror the last axis but one."""
    return _Flip(-2)(x, p, generator)


class _Transform:
    """Chooses a part of the picture, then normalizes it."""

    def __init__(
        self, choose: Callable[[Tensor], Tensor], mean: Sequence[float], std: Sequence[float]
    ) -> None:
        self.choose, self.mean, self.std = choose, mean, std

    def __call__(self, x: Tensor) -> Tensor:
        """Normalize channel by channel."""
        channels = self.choose(x).float() / 255
        triples = zip(channels, self.mean, self.std, strict=True)
        return torch.stack([(channel - m) / s for channel, m, s in triples])


def train_tf(
    size: int | tuple[int, int],
    mean: Sequence[float],
    std: Sequence[float],
    *,
    generator: torch.Generator | None = None,
) -> Callable[[Tensor], Tensor]:
    """Flip the picture and then crop it: the same windows are equally likely."""

    def choose(x: Tensor) -> Tensor:
        return random_crop(hflip(x, 0.5, generator), size, 4, generator=generator)

    return _Transform(choose, mean, std)


def val_tf(
    size: int | tuple[int, int], mean: Sequence[float], std: Sequence[float]
) -> Callable[[Tensor], Tensor]:
    """Choose the middle."""
    return _Transform(lambda x: center_crop(x, size), mean, std)
