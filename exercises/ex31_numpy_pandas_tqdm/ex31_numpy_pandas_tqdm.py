"""Exercise ex31_numpy_pandas_tqdm: arrays, tables of labels, progress bars and a stopwatch.

Add the imports that you need.
"""

from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any, Self, TextIO

import numpy as np
import pandas as pd
import torch


def dot_loop(a: Sequence[float], b: Sequence[float]) -> float:
    """Return a[0] * b[0] + a[1] * b[1] + ..., by a loop of plain Python; 0 if there is nothing.

    a and b: lists of numbers. Raises ValueError when they are not of one length.
    """
    raise NotImplementedError


def dot_numpy(a: Any, b: Any) -> float:
    """Return the same sum of products as a Python float, computed by numpy and without a loop.

    a and b: 1-d arrays or lists of numbers. The sum is computed in float64 whatever their dtype is,
    so that the numbers of a picture, uint8, do not overflow.
    Raises ValueError when one of them is not 1-d, or when they are not of one length.

    Speed counts: many short sums are timed beside the course's own solution, which calls numpy
    once for each step. Up to 6 times its time earns all points of that check, up to 15 times half.
    """
    raise NotImplementedError


def make_kernel(n: int | tuple[int, int]) -> np.ndarray:
    """Return an array of ones of dtype uint8: the kernel with which OpenCV thickens lines.

    n: one number for (n, n), or a pair (rows, columns). Each call gives an array of its own.
    """
    raise NotImplementedError


def read_labels(csv: str) -> dict[str, int]:
    """Read a table of labels: a dict from names of images to numbers of classes.

    csv: the path of a file in UTF-8 with a line of column names. The column "image" has the names,
    "label" the classes; they may stand anywhere, and other columns do not matter.
    The classes are numbered 0, 1, 2, ... in the order in which they first appear.
    Names and classes are texts as they stand in the file: an image "007" is not "7", and a class
    "NA" is a class like any other.
    """
    raise NotImplementedError


def lookup(df: pd.DataFrame, name: str) -> int:
    """Return the label of one image as a Python int.

    df: a table with a column "image" of names, none twice, and a column "label" of ints, perhaps
    among others. Its index may be anything. The table stays as it is.
    Raises KeyError when no image has this name.
    """
    raise NotImplementedError


def progress_sum(items: Iterable[float], file: TextIO, desc: str) -> float:
    """Return the sum of the items, 0 if there is none, with a progress bar of tqdm meanwhile.

    file: the open text file to which the bar is written. desc: the words before the bar.
    The last bar shows n/n where the number of items is known beforehand, as for a list, and n
    otherwise. A generator is gone through once, and the bar begins before its first item comes.
    """
    raise NotImplementedError


class Timer:
    """A stopwatch: `with Timer() as timer: ...`, then timer.seconds.

    seconds: 0.0 at first; after each `with` block the seconds from its beginning to its end, also
    when the block ended by an exception, which goes on as if no timer were there.
    The clock is time.perf_counter. A CUDA device still works when Python has gone on already, so
    before each look at the clock the timer waits for that device: torch.cuda.synchronize(device).
    For any other device torch.cuda.synchronize is not called: without a GPU it fails.
    """

    def __init__(self, device: torch.device | str | None = None) -> None:
        """Remember the device on which the work is done, such as "cuda:1"; None: the CPU."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        """Begin to measure; return the timer itself."""
        raise NotImplementedError

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop measuring and set seconds."""
        raise NotImplementedError
