"""Another right solution: singledispatch for the kinds, a context manager for the modes."""

import contextlib
import functools
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.tensorboard import SummaryWriter


@functools.singledispatch
def _rgb(img: object) -> np.ndarray:
    raise TypeError(f"no picture: {type(img)}")


@_rgb.register
def _(img: Image.Image) -> np.ndarray:
    return np.array(img.convert("RGB"))


@_rgb.register
def _(img: np.ndarray) -> np.ndarray:
    return np.stack([img] * 3, axis=2) if img.ndim == 2 else img


@_rgb.register
def _(img: Tensor) -> np.ndarray:
    if img.dim() != 3:
        raise ValueError("a tensor picture has three axes")
    return img.permute(1, 2, 0).numpy(force=True)


def log_image(
    writer: SummaryWriter,
    tag: str,
    img: Image.Image | np.ndarray | Tensor,
    step: int,
    *,
    bgr: bool = False,
) -> None:
    """Make an array (H, W, C) of everything."""
    array = _rgb(img)
    if array.dtype.name not in {"uint8", "float32", "float64"}:
        raise TypeError(array.dtype.name)
    if array.ndim != 3 or array.shape[-1] not in {1, 3}:
        raise ValueError(f"not a picture: {array.shape}")
    top = 255 if array.dtype == np.uint8 else 1
    if np.any(np.isnan(array)) or array.min() < 0 or array.max() > top:
        raise ValueError("out of range")
    if bgr:
        array = np.flip(array, axis=-1)
    writer.add_image(tag, array.transpose(2, 0, 1), step)


def log_feature_maps(writer: SummaryWriter, tag: str, maps: Tensor, step: int) -> Tensor:
    """Put the scaled maps into a black tensor that is large enough."""
    if maps.dim() != 4 or not maps.numel():
        raise ValueError("maps must be (N, C, H, W)")
    n, c, h, w = maps.shape
    groups = (c + 2) // 3
    with torch.no_grad():
        spread = maps.max() - maps.min()
        room = maps.new_zeros(n, 3 * groups, h, w)
        room[:, :c] = (maps - maps.min()) / torch.where(spread > 0, spread, 1)
    pictures = room.view(n * groups, 3, h, w)
    writer.add_images(tag, pictures, global_step=step)
    return pictures


def log_weights(writer: SummaryWriter, model: nn.Module, step: int) -> None:
    """Take out of the state what is no parameter."""
    names = dict(model.named_parameters())
    for name, value in model.state_dict().items():
        if name in names:
            writer.add_histogram(tag=name, values=value, global_step=step)


def log_embedding(
    writer: SummaryWriter, mat: Tensor, labels: Sequence[str] | Sequence[int] | Tensor, step: int
) -> None:
    """Let numpy make plain numbers of the labels."""
    if mat.ndim != 2 or mat.shape[0] != len(labels):
        raise ValueError("one label for each row")
    if isinstance(labels, Tensor):
        labels = labels.numpy(force=True)
    writer.add_embedding(mat, [f"{label}" for label in labels], global_step=step)


@contextlib.contextmanager
def _same_modes(model: nn.Module) -> Iterator[None]:
    training = {name for name, module in model.named_modules() if module.training}
    try:
        yield
    finally:
        for name, module in model.named_modules():
            module.training = name in training


def log_graph(writer: SummaryWriter, model: nn.Module, x: Tensor) -> None:
    """Guard the modes."""
    with _same_modes(model):
        writer.add_graph(model, (x,))
