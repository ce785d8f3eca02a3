"""pyplot alone: plt.figure, plt.plot, plt.imshow and plt.subplot, as the notes write it."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor, nn


def _array(tensor: Tensor) -> np.ndarray:
    return tensor.detach().cpu().numpy()


def line_figure(
    x: Tensor, y: Tensor, path: str | Path, xlabel: str = "x", ylabel: str = "y"
) -> Figure:
    """Draw y over x as one line, save the figure as a PNG file, and close it."""
    if not (x.ndim == y.ndim == 1 and len(x) == len(y)):
        raise ValueError("two rows of numbers of one length are needed")
    fig = plt.figure(figsize=(7, 5))
    plt.plot(_array(x), _array(y), linewidth=5, color="tab:red")
    plt.xlabel(xlabel, fontsize=14)
    plt.ylabel(ylabel, fontsize=14)
    plt.savefig(path, format="png", bbox_inches="tight")
    plt.close()
    return fig


def show_tensor(picture: Tensor) -> Axes:
    """Show a picture on the axes of a new figure, and leave the figure open."""
    array = _array(picture)
    if array.ndim == 3 and array.shape[0] == 3:
        array = array.transpose(1, 2, 0)
    elif array.ndim == 3 and array.shape[0] == 1:
        array = array[0]
    elif array.ndim != 2:
        raise ValueError(f"no picture has the shape {array.shape}")
    plt.figure()
    if array.ndim == 2:
        plt.imshow(array, cmap="binary_r", clim=(0, 255 if array.dtype == np.uint8 else 1))
    else:
        plt.imshow(array)
    plt.axis("off")
    return plt.gca()


def show_pair(a: Tensor, b: Tensor) -> list[Figure]:
    """Show two pictures, as show_tensor takes them, in two figures; both are left open."""
    figures = []
    for picture in (a, b):
        show_tensor(picture)
        figures.append(plt.gcf())
    return figures


def compare_losses(
    path: str | Path, low: float = -10.0, high: float = 10.0, n: int = 5000
) -> Figure:
    """Draw two losses over the error, save the figure as a PNG file, and close it."""
    x = np.linspace(low, high, n)
    size = np.abs(x)
    fig = plt.figure(dpi=80)
    plt.plot(x, size, "--", label="L1 loss")
    plt.plot(x, np.where(size < 1, 0.5 * x**2, size - 0.5), label="Smooth L1 loss")
    plt.legend(loc="upper center")
    plt.grid(visible=True)
    plt.savefig(path, format="png")
    plt.close(fig)
    return fig


def roc_points(y: Tensor, score: Tensor) -> tuple[Tensor, Tensor]:
    """Return the points of a ROC curve: false positive rates and true positive rates."""
    truth, scores = y.tolist(), score.tolist()
    if not isinstance(truth, list) or y.ndim != 1 or score.ndim != 1 or len(truth) != len(scores):
        raise ValueError("two rows of numbers of one length are needed")
    positives = sum(bool(t) for t in truth)
    negatives = len(truth) - positives
    if not positives or not negatives:
        raise ValueError("both classes are needed")
    points = [(0.0, 0.0)]
    for threshold in sorted(set(scores), reverse=True):
        found = [bool(t) for t, s in zip(truth, scores, strict=True) if s >= threshold]
        points.append((found.count(False) / negatives, found.count(True) / positives))
    return tuple(torch.tensor(points, dtype=torch.float64).t())


def kernel_grid(conv: nn.Conv2d) -> Figure:
    """Show the kernels of a convolution as tiles of a new figure, which is left open."""
    weight = _array(conv.weight)
    m = np.abs(weight).max()
    rows, columns = weight.shape[:2]
    fig = plt.figure(figsize=(columns, rows))
    for place, kernel in enumerate(weight.reshape(-1, *weight.shape[2:])):
        plt.subplot(rows, columns, place + 1)
        plt.imshow(kernel, "gray")
        plt.clim(-m, m)
        plt.axis("off")
    return fig
