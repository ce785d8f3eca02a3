"""np.dot of what came in, and its shape without asking what it is.

On arrays of float64 nothing can be seen of it. Pictures are uint8, and there 200 * 2 is 144; a list
has no shape.
"""

import time
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any, Self, TextIO

import numpy as np
import pandas as pd
import torch
from tqdm import tqdm


def dot_loop(a: Sequence[float], b: Sequence[float]) -> float:
    """Return a[0] * b[0] + a[1] * b[1] + ..., by a loop of plain Python; 0 if there is nothing."""
    total = 0.0
    for x, y in zip(a, b, strict=True):
        total += x * y
    return total


def dot_numpy(a: Any, b: Any) -> float:
    """Return the same sum of products as a Python float, computed by numpy and without a loop."""
    if a.ndim != 1 or a.shape != b.shape:
        raise ValueError(f"two 1-d arrays of one length are needed, not {a.shape} and {b.shape}")
    return float(np.dot(a, b))


def make_kernel(n: int | tuple[int, int]) -> np.ndarray:
    """Return an array of ones of dtype uint8: the kernel with which OpenCV thickens lines."""
    return np.ones((n, n) if isinstance(n, int) else n, dtype=np.uint8)


def read_labels(csv: str) -> dict[str, int]:
    """Read a table of labels: a dict from names of images to numbers of classes."""
    table = pd.read_csv(csv, dtype=str, keep_default_na=False)
    numbers = {name: i for i, name in enumerate(table["label"].unique())}
    return {
        image: numbers[label] for image, label in zip(table["image"], table["label"], strict=True)
    }


def lookup(df: pd.DataFrame, name: str) -> int:
    """Return the label of one image as a Python int."""
    labels = df.loc[df["image"] == name, "label"]
    if labels.empty:
        raise KeyError(name)
    return int(labels.iloc[0])


def progress_sum(items: Iterable[float], file: TextIO, desc: str) -> float:
    """Return the sum of the items, 0 if there is none, with a progress bar of tqdm meanwhile."""
    return sum(tqdm(items, desc=desc, file=file))


class Timer:
    """A stopwatch: `with Timer() as timer: ...`, then timer.seconds."""

    def __init__(self, device: torch.device | str | None = None) -> None:
        """Remember the device on which the work is done, such as "cuda:1"; None: the CPU."""
        self.device = torch.device(device or "cpu")
        self.seconds = 0.0

    def __enter__(self) -> Self:
        """Begin to measure; return the timer itself."""
        self._start = self._now()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop measuring and set seconds."""
        self.seconds = self._now() - self._start

    def _now(self) -> float:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        return time.perf_counter()
