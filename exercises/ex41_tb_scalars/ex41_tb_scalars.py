"""Exercise ex41_tb_scalars: write curves for TensorBoard, read them back, and smooth them.

Add the imports that you need.
"""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from torch import Tensor


def log_line(log_dir: str | Path, n: int = 100) -> None:
    """Write the line y = 2x as n points of the tag "y=2x" into an event file in log_dir.

    Point i, for i = 0, 1, ..., n - 1, has the step i and the value 2 * i. log_dir and the folders
    above it are made where they do not exist; n = 0 makes an event file without points.
    When the function returns, the file is complete and its writer is closed.
    """
    raise NotImplementedError


def read_scalars(log_dir: str | Path, tag: str) -> list[tuple[int, float]]:
    """Return the points (step, value) of a tag, in the order in which they were written.

    All event files that lie in log_dir itself are read, the older before the newer: a training
    that was resumed has several. Folders inside log_dir are runs of their own and are left out.
    step is an int, value a float.
    Raises FileNotFoundError when log_dir is not an existing folder, and KeyError when no scalar
    was written under the tag.
    """
    raise NotImplementedError


class ScalarLog:
    """An event file for scalars that counts the steps by itself and is closed in any case.

        with ScalarLog("runs/first") as log:
            for images, labels in loader:
                ...
                log.add("loss", loss)

    When the with block ends, the writer is closed and the file is complete. An exception that ends
    the block goes on to the caller; the points added before it are in the file all the same.
    """

    def __init__(self, log_dir: str | Path) -> None:
        """Write into log_dir, which is made if needed. Every ScalarLog counts for itself."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        """Return the log itself."""
        raise NotImplementedError

    def add(self, tag: str, value: float | Tensor, step: int | None = None) -> None:
        """Write one point.

        value: a number, or a tensor with one element, also one that requires gradients.
        step: None means one more than the step before it under this tag, and 0 for the first;
        each tag counts for itself. A step that is given is taken as it is, also 0, and the count
        of the tag goes on from it.
        Raises RuntimeError after the end of the with block; no file is touched then.
        """
        raise NotImplementedError

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the writer."""
        raise NotImplementedError


def launch_argv(log_dir: str | Path, port: int = 6006) -> list[str]:
    """Return the command that shows log_dir in the browser, as subprocess.run takes it.

    Five strings: "tensorboard", "--logdir", the absolute path of log_dir, "--port" and the port.
    A relative log_dir is meant from the current folder; it may contain spaces and need not exist.
    Nothing is started.
    Raises ValueError when port is below 0 or above 65535.
    """
    raise NotImplementedError


def ema_smooth(values: Sequence[float], weight: float) -> list[float]:
    """Smooth a curve as TensorBoard's slider does: a debiased exponential moving average.

    With s = 0 at the start, the k-th value (k = 1, 2, ...) moves s to
    weight * s + (1 - weight) * value, and the k-th result is s / (1 - weight**k).
    A value that is not finite (nan, inf, -inf) stands in the result as it is: s does not move
    for it, and k does not count it.
    Returns as many floats as there are values. 0 <= weight < 1, or ValueError is raised.
    """
    raise NotImplementedError
