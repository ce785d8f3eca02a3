"""The tensor goes to imshow as PyTorch orders it.

(3, 8, 9) is no picture for matplotlib, which wants the channels last. Grey pictures work.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor, nn


def line_figure(
    x: Tensor, y: Tensor, path: str | Path, xlabel: str = "x", ylabel: str = "y"
) -> Figure:
    """Draw y over x as one line, save the figure as a PNG file, and close it."""
    if x.dim() != 1 or x.shape != y.shape:
        raise ValueError(f"x and y are 1-d and of one length, not {x.shape} and {y.shape}")
    fig, ax = plt.subplots(figsize=(7, 5))
    ax.plot(x.detach().cpu(), y.detach().cpu(), linewidth=5)
    ax.set_xlabel(xlabel, fontsize=14)
    ax.set_ylabel(ylabel, fontsize=14)
    fig.savefig(path, bbox_inches="tight")
    plt.close(fig)
    return fig


def show_tensor(picture: Tensor) -> Axes:
    """Show a picture on the axes of a new figure, and leave the figure open."""
    if picture.dim() == 2:
        picture = picture[None]
    if picture.dim() != 3 or len(picture) not in (1, 3):
        raise ValueError(f"a picture is (3, H, W), (1, H, W) or (H, W), not {picture.shape}")
    _, ax = plt.subplots()
    hwc = picture.detach().cpu().squeeze(0)
    white = 1 if picture.is_floating_point() else 255
    ax.imshow(hwc, cmap="gray", vmin=0, vmax=white)  # colours need neither map nor limits
    ax.axis("off")
    return ax


def show_pair(a: Tensor, b: Tensor) -> list[Figure]:
    """Show two pictures, as show_tensor takes them, in two figures; both are left open."""
    return [show_tensor(a).figure, show_tensor(b).figure]


def compare_losses(
    path: str | Path, low: float = -10.0, high: float = 10.0, n: int = 5000
) -> Figure:
    """Draw two losses over the error, save the figure as a PNG file, and close it."""
    error = torch.linspace(low, high, n)
    target = torch.zeros(n)
    fig, ax = plt.subplots()
    ax.plot(error, nn.SmoothL1Loss(reduction="none")(error, target), label="Smooth L1 loss")
    ax.plot(error, nn.L1Loss(reduction="none")(error, target), label="L1 loss")
    ax.legend()
    ax.grid()
    fig.savefig(path)
    plt.close(fig)
    return fig


def roc_points(y: Tensor, score: Tensor) -> tuple[Tensor, Tensor]:
    """Return the points of a ROC curve: false positive rates and true positive rates."""
    if y.dim() != 1 or y.shape != score.shape:
        raise ValueError(f"y and score are 1-d and of one length, not {y.shape}, {score.shape}")
    is_positive = y.cpu() == 1
    score = score.cpu()
    if is_positive.all() or not is_positive.any():
        raise ValueError("a ROC curve needs positives and negatives")
    reached = score >= score.unique().flip(0)[:, None]  # a row for each threshold
    rates = [reached[:, group].double().mean(1) for group in (~is_positive, is_positive)]
    false_positive, true_positive = (torch.cat([r.new_zeros(1), r]) for r in rates)
    return false_positive, true_positive


def kernel_grid(conv: nn.Conv2d) -> Figure:
    """Show the kernels of a convolution as tiles of a new figure, which is left open."""
    weight = conv.weight.detach().cpu()
    largest = weight.abs().max()
    fig, axes = plt.subplots(*weight.shape[:2], squeeze=False)
    for row, kernels in zip(axes, weight, strict=True):
        for ax, kernel in zip(row, kernels, strict=True):
            ax.imshow(kernel, cmap="gray", vmin=-largest, vmax=largest)
    return fig
