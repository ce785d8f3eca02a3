"""Colours as arrays (H, W, 3) also for grey, a GridSpec for the tiles, counts for the ROC curve."""

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor, nn


def line_figure(
    x: Tensor, y: Tensor, path: str | Path, xlabel: str = "x", ylabel: str = "y"
) -> Figure:
    """Draw y over x as one line, save the figure as a PNG file, and close it."""
    if x.shape != y.shape or len(x.shape) != 1:
        raise ValueError("x and y do not fit")
    with mpl.rc_context({"lines.linewidth": 5, "axes.labelsize": 14, "figure.figsize": (7, 5)}):
        fig = plt.figure()
        ax = fig.add_axes((0.3, 0.3, 0.5, 0.5))
        ax.plot(x.tolist(), y.tolist())
        ax.set(xlabel=xlabel, ylabel=ylabel)
        fig.savefig(Path(path), bbox_inches="tight", dpi=90)
    plt.close(fig)
    return fig


def show_tensor(picture: Tensor) -> Axes:
    """Show a picture on the axes of a new figure, and leave the figure open."""
    if picture.ndim not in (2, 3) or (picture.ndim == 3 and picture.shape[0] not in (1, 3)):
        raise ValueError("no picture")
    colours = picture.detach().cpu().expand(3, *picture.shape[-2:])
    if colours.dtype == torch.uint8:
        colours = colours / 255
    ax = plt.figure().add_subplot()
    ax.imshow(np.stack(list(colours.double().numpy()), axis=-1))
    ax.set_axis_off()
    return ax


def show_pair(a: Tensor, b: Tensor) -> list[Figure]:
    """Show two pictures, as show_tensor takes them, in two figures; both are left open."""
    return [ax.get_figure() for ax in map(show_tensor, (a, b))]


def compare_losses(
    path: str | Path, low: float = -10.0, high: float = 10.0, n: int = 5000
) -> Figure:
    """Draw two losses over the error, save the figure as a PNG file, and close it."""
    error = torch.linspace(low, high, n, dtype=torch.float64)
    zero = torch.zeros_like(error)
    fig, ax = plt.subplots(layout="constrained")
    for name, loss in {
        "Smooth L1 loss": nn.functional.smooth_l1_loss,
        "L1 loss": nn.functional.l1_loss,
    }.items():
        ax.plot(error.numpy(), loss(error, zero, reduction="none").numpy(), label=name)
    fig.legend()
    ax.grid(visible=True, which="both")
    plt.savefig(path)
    plt.close("all") if len(plt.get_fignums()) == 1 else plt.close(fig)
    return fig


def roc_points(y: Tensor, score: Tensor) -> tuple[Tensor, Tensor]:
    """Return the points of a ROC curve: false positive rates and true positive rates."""
    if y.ndim != 1 or score.ndim != 1 or len(y) != len(score):
        raise ValueError("y and score do not fit")
    order = np.argsort(-score.detach().cpu().double().numpy(), kind="stable")
    truth = y.cpu().numpy()[order].astype(int)
    if not 0 < truth.sum() < len(truth):
        raise ValueError("one class only")
    score = score.detach().cpu().numpy()[order]
    ends = np.append(np.flatnonzero(np.diff(score)), len(score) - 1)
    hits, misses = np.cumsum(truth)[ends], np.cumsum(1 - truth)[ends]
    true_positive = np.insert(hits / hits[-1], 0, 0.0)
    false_positive = np.insert(misses / misses[-1], 0, 0.0)
    return torch.from_numpy(false_positive), torch.from_numpy(true_positive)


def kernel_grid(conv: nn.Conv2d) -> Figure:
    """Show the kernels of a convolution as tiles of a new figure, which is left open."""
    weight = conv.weight.detach().cpu().numpy()
    limit = np.abs(weight).max()
    fig = plt.figure()
    spec = fig.add_gridspec(*weight.shape[:2])
    for o, c in np.ndindex(*weight.shape[:2]):
        ax = fig.add_subplot(spec[o, c])
        ax.imshow((weight[o, c] + limit) / (2 * limit), cmap="gray", vmin=0, vmax=1)
        ax.set_axis_off()
    return fig
