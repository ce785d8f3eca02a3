"""Exercise ex32_matplotlib: lines, pictures, loss curves, ROC points and kernels.

Every function that draws opens a new figure and leaves the figures that are open already alone.
Tensors may be on any device and may require gradients; they are not changed. Nothing here calls
plt.show(): that is left to the caller.

Add the imports that you need.
"""

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor, nn


def line_figure(
    x: Tensor, y: Tensor, path: str | Path, xlabel: str = "x", ylabel: str = "y"
) -> Figure:
    """Draw y over x as one line, save the figure as a PNG file, and close it.

    x, y: 1-d tensors of the same length.
    The figure is 7 inches wide and 5 high, the line is 5 points wide, both axes have their labels
    in a font of size 14. It is saved to path with bbox_inches="tight", so without empty margins.
    Returns the figure, which is closed: plt knows it no more, but it can still be looked at.
    Raises ValueError when x or y is not 1-d or their lengths differ, and then opens no figure.
    """
    raise NotImplementedError


def show_tensor(picture: Tensor) -> Axes:
    """Show a picture on the axes of a new figure, and leave the figure open.

    picture: (3, H, W) in colour, (1, H, W) or (H, W) in grey; floats from 0 to 1 or uint8 from 0 to
    255. Grey goes evenly from black for 0 to white for 1 (255), also where the picture has neither.
    The axes are switched off: no ticks, no frame.
    Raises ValueError for any other shape, and then opens no figure.
    """
    raise NotImplementedError


def show_pair(a: Tensor, b: Tensor) -> list[Figure]:
    """Show two pictures, as show_tensor takes them, in two figures; both are left open.

    Returns the figure of a and the figure of b.
    """
    raise NotImplementedError


def compare_losses(
    path: str | Path, low: float = -10.0, high: float = 10.0, n: int = 5000
) -> Figure:
    """Draw two losses over the error, save the figure as a PNG file, and close it.

    The error, prediction minus target, takes n values from low to high, evenly spaced. One line,
    called "Smooth L1 loss", is nn.SmoothL1Loss (beta = 1) of each value; the other, called
    "L1 loss", is nn.L1Loss. There are a legend with both names and a grid.
    Returns the closed figure.
    """
    raise NotImplementedError


def roc_points(y: Tensor, score: Tensor) -> tuple[Tensor, Tensor]:
    """Return the points of a ROC curve: false positive rates and true positive rates.

    y: (N,), the truth, 1 (or True) for positive and 0 for negative. score: (N,), floats, the
    higher, the more likely positive.
    The first point is (0, 0). Then the threshold falls from one score to the next, and each
    *different* score adds one point: what share of the negatives, and what share of the positives,
    has at least this score. So the last point is (1, 1).
    Returns two float64 tensors of that many points on the CPU.
    Raises ValueError when y and score are not 1-d and of one length, or y has only one class.
    """
    raise NotImplementedError


def kernel_grid(conv: nn.Conv2d) -> Figure:
    """Show the kernels of a convolution as tiles of a new figure, which is left open.

    conv.weight is (O, C, h, w). There are O rows and C columns of axes, and the one in row o and
    column c shows weight[o, c] in grey. All tiles share one scale: with m, the largest absolute
    value of all weights, black is -m and white is m. The layer stays as it is.
    fig.axes holds the tiles row by row, and nothing else.
    """
    raise NotImplementedError
