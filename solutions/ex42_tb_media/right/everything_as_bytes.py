"""Another right solution: pictures become uint8 first, graphs are drawn of a copy."""

import copy
from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.tensorboard import SummaryWriter


def _as_tensor(img: Image.Image | np.ndarray | Tensor) -> Tensor:
    match img:
        case Tensor():
            return img.detach()
        case np.ndarray():
            tensor = torch.tensor(img.copy())
        case Image.Image():
            tensor = torch.tensor(np.array(img.convert("RGB")))
        case _:
            raise TypeError(f"cannot show {img!r}")
    if tensor.dim() == 2:
        return tensor.unsqueeze(0)
    if tensor.dim() != 3:
        raise ValueError("an array needs two or three axes")
    return tensor.permute(2, 0, 1)


def log_image(
    writer: SummaryWriter,
    tag: str,
    img: Image.Image | np.ndarray | Tensor,
    step: int,
    *,
    bgr: bool = False,
) -> None:
    """Make a uint8 tensor (C, H, W) of everything."""
    picture = _as_tensor(img)
    if picture.dtype in (torch.float32, torch.float64):
        if not (picture.min() >= 0 and picture.max() <= 1):
            raise ValueError("floats go from 0 to 1")
        picture = (picture * 255).round().byte()
    if picture.dtype != torch.uint8:
        raise TypeError(f"unknown dtype {picture.dtype}")
    if picture.dim() != 3 or len(picture) not in {1, 3}:
        raise ValueError("one or three channels, please")
    if bgr:
        picture = picture[[2, 1, 0]]
    writer.add_image(tag, picture, global_step=step)


def log_feature_maps(writer: SummaryWriter, tag: str, maps: Tensor, step: int) -> Tensor:
    """Go through the samples one by one."""
    if len(maps.shape) != 4 or 0 in maps.shape:
        raise ValueError("maps are (N, C, H, W)")
    maps = maps.detach()
    lowest, highest = maps.aminmax()
    scaled = torch.zeros_like(maps)
    if lowest < highest:
        scaled = (maps - lowest) / (highest - lowest)
    pictures = []
    for sample in scaled:
        channels = list(sample)
        while len(channels) % 3:
            channels.append(torch.zeros_like(channels[0]))
        pictures.extend(torch.stack(channels[i : i + 3]) for i in range(0, len(channels), 3))
    batch = torch.stack(pictures)
    writer.add_images(tag, batch.permute(0, 2, 3, 1), step, dataformats="NHWC")
    return batch


def log_weights(writer: SummaryWriter, model: nn.Module, step: int) -> None:
    """Go down the tree of modules."""
    for prefix, module in model.named_modules():
        for name, parameter in module.named_parameters(recurse=False):
            values = parameter.detach().cpu().double().numpy()
            writer.add_histogram(f"{prefix}.{name}".strip("."), values, global_step=step)


def log_embedding(
    writer: SummaryWriter, mat: Tensor, labels: Sequence[str] | Sequence[int] | Tensor, step: int
) -> None:
    """Make strings of all labels."""
    names = [str(label.item() if isinstance(label, Tensor) else label) for label in labels]
    if mat.shape[:-1] != (len(names),):
        raise ValueError("rows and labels differ in number")
    writer.add_embedding(mat.detach().cpu().numpy(), names, global_step=step)


def log_graph(writer: SummaryWriter, model: nn.Module, x: Tensor) -> None:
    """Draw the graph of a copy, which may be changed."""
    writer.add_graph(copy.deepcopy(model), x)
