"""Another right solution: torch.nn.functional.pad where it can, mirrored slices where it cannot."""

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torchvision.transforms import v2


def _one_axis(x: Tensor, axis: int, before: int, after: int, mode: str) -> Tensor:
    """Glue mirrored or repeated slices to both ends of an axis."""
    n = x.shape[axis]
    skip = 1 if mode == "reflect" else 0
    if mode == "edge":
        first, last = x.narrow(axis, 0, 1), x.narrow(axis, n - 1, 1)
        parts = [*[first] * before, x, *[last] * after]
    else:
        if max(before, after) + skip > n:
            raise ValueError("the picture is too small for such a mirror")
        front = x.narrow(axis, skip, before).flip(axis)
        back = x.narrow(axis, n - after - skip, after).flip(axis)
        parts = [front, x, back]
    return torch.cat(parts, axis)


def pad2(
    x: Tensor, padding: int | Sequence[int], mode: str = "constant", fill: float = 0
) -> Tensor:
    """Pad the rows, then the columns."""
    match padding:
        case int():
            left = top = right = bottom = padding
        case [left, top]:
            right, bottom = left, top
        case [left, top, right, bottom]:
            pass
        case _:
            raise ValueError("one, two or four paddings")
    if any(side < 0 for side in (left, top, right, bottom)):
        raise ValueError("no padding may be negative")
    match mode:
        case "constant":
            return nn.functional.pad(x, (left, right, top, bottom), value=fill)
        case "edge" | "reflect" | "symmetric":
            return _one_axis(_one_axis(x, -2, top, bottom, mode), -1, left, right, mode)
    raise ValueError(f"mode {mode}?")


def center_crop(x: Tensor, size: int | tuple[int, int]) -> Tensor:
    """Let negative paddings cut; what is odd goes to the other side than in the reference."""
    h, w = (size, size) if isinstance(size, int) else size
    rows, columns = h - x.shape[-2], w - x.shape[-1]
    top, left = math.ceil(rows / 2), math.ceil(columns / 2)
    return nn.functional.pad(x, (left, columns - left, top, rows - top))


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
    """Number all windows and draw one."""
    h, w = [size] * 2 if isinstance(size, int) else size
    if padding is not None:
        x = pad2(x, padding, padding_mode, fill)
    if pad_if_needed and x.shape[-2] < h:
        x = pad2(x, (0, h - x.shape[-2]), padding_mode, fill)
    if pad_if_needed and x.shape[-1] < w:
        x = pad2(x, (w - x.shape[-1], 0), padding_mode, fill)
    if x.shape[-2] < h or x.shape[-1] < w:
        raise ValueError("the window is larger than the picture")
    windows = x.unfold(-2, h, 1).unfold(-2, w, 1)
    rows, columns = windows.shape[-4:-2]
    number = int(torch.randint(0, rows * columns, (1,), generator=generator))
    return windows[..., number // columns, number % columns, :, :]


def _flip(x: Tensor, axis: int, p: float, generator: torch.Generator | None) -> Tensor:
    if p < 0 or p > 1:
        raise ValueError("p must be between 0 and 1")
    if p == 0 or torch.rand(1, generator=generator) >= p:
        return x
    backwards = torch.arange(x.shape[axis] - 1, -1, -1, device=x.device)
    return x.index_select(axis, backwards)


def hflip(x: Tensor, p: float = 0.5, generator: torch.Generator | None = None) -> Tensor:
    """Select the columns backwards."""
    return _flip(x, x.dim() - 1, p, generator)


def vflip(x: Tensor, p: float = 0.5, generator: torch.Generator | None = None) -> Tensor:
    """Select the rows backwards."""
    return _flip(x, x.dim() - 2, p, generator)


def train_tf(
    size: int | tuple[int, int],
    mean: Sequence[float],
    std: Sequence[float],
    *,
    generator: torch.Generator | None = None,
) -> Callable[[Tensor], Tensor]:
    """Put v2's classes after the two own functions."""
    return v2.Compose(
        [
            v2.Lambda(lambda x: random_crop(x, size, padding=4, generator=generator)),
            v2.Lambda(lambda x: hflip(x, 0.5, generator)),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(mean, std),
        ]
    )


def val_tf(
    size: int | tuple[int, int], mean: Sequence[float], std: Sequence[float]
) -> Callable[[Tensor], Tensor]:
    """Put v2's classes together, CenterCrop too."""
    return v2.Compose(
        [v2.CenterCrop(size), v2.ToDtype(torch.float32, scale=True), v2.Normalize(mean, std)]
    )
