"""Logs what print shows of the model, as a text.

That names the layers; how the numbers flow through them is only in a graph.
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image
from torch import Tensor, nn
from torch.utils.tensorboard import SummaryWriter


def log_image(
    writer: SummaryWriter,
    tag: str,
    img: Image.Image | np.ndarray | Tensor,
    step: int,
    *,
    bgr: bool = False,
) -> None:
    """Log one picture under the tag and the step, so that it looks as it should."""
    if isinstance(img, Image.Image):
        img = np.asarray(img.convert("RGB"))
    if not isinstance(img, np.ndarray | Tensor):
        raise TypeError(f"{type(img).__name__} is no picture")
    layout, channels = ("CHW", 0) if isinstance(img, Tensor) else ("HWC", 2)
    array = img.numpy(force=True) if isinstance(img, Tensor) else img
    if layout == "HWC" and array.ndim == 2:
        array = array[:, :, None]
    if array.dtype not in (np.uint8, np.float32, np.float64):
        raise TypeError(f"a picture is uint8 or float, not {array.dtype}")
    if array.ndim != 3 or array.shape[channels] not in (1, 3):
        raise ValueError("one picture with 1 or 3 channels was expected")
    if array.dtype != np.uint8 and not ((array >= 0) & (array <= 1)).all():
        raise ValueError("the values of a float picture lie between 0 and 1")
    writer.add_image(tag, array[:, :, ::-1] if bgr else array, step, dataformats=layout)


def log_feature_maps(writer: SummaryWriter, tag: str, maps: Tensor, step: int) -> Tensor:
    """Log the feature maps of a batch as pictures of three channels, all in one add_images."""
    if maps.dim() != 4 or maps.numel() == 0:
        raise ValueError(f"maps (N, C, H, W) were expected, not {tuple(maps.shape)}")
    scaled = maps.detach() - maps.detach().min()
    if scaled.max() > 0:
        scaled = scaled / scaled.max()
    missing = -maps.shape[1] % 3
    filled = nn.functional.pad(scaled, (0, 0, 0, 0, 0, missing))
    pictures = filled.reshape(-1, 3, *maps.shape[2:])
    writer.add_images(tag, pictures, step)
    return pictures


def log_weights(writer: SummaryWriter, model: nn.Module, step: int) -> None:
    """Log one histogram for every parameter of the model, with the parameter's name as its tag."""
    for name, parameter in model.named_parameters():
        writer.add_histogram(name, parameter, step)


def log_embedding(
    writer: SummaryWriter, mat: Tensor, labels: Sequence[str] | Sequence[int] | Tensor, step: int
) -> None:
    """Log the rows of a matrix with their labels, for TensorBoard's projector."""
    if mat.dim() != 2 or len(mat) != len(labels):
        raise ValueError("every row of a matrix needs a label")
    names = labels.tolist() if isinstance(labels, Tensor) else list(labels)
    writer.add_embedding(mat, metadata=names, global_step=step)


def log_graph(writer: SummaryWriter, model: nn.Module, x: Tensor) -> None:
    """Log the graph of the model, as it computes its output for the input x."""
    modes = [(module, module.training) for module in model.modules()]
    try:
        model.eval()(x)
        writer.add_text("graph", str(model))
    finally:
        for module, mode in modes:  # add_graph sets the mode of the model for all that is in it
            module.training = mode
