"""Another style: factorize, a Series by name, products and sums, while loops."""

import time
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any, Self, TextIO

import numpy as np
import pandas as pd
import torch
from tqdm.auto import tqdm


def dot_loop(a: Sequence[float], b: Sequence[float]) -> float:
    """Return a[0] * b[0] + a[1] * b[1] + ..., by a loop of plain Python; 0 if there is nothing."""
    total, i = 0, 0
    if len(a) - len(b):
        raise ValueError
    while i < len(a):
        total, i = total + a[i] * b[i], i + 1
    return total


def dot_numpy(a: Any, b: Any) -> float:
    """Return the same sum of products as a Python float, computed by numpy and without a loop."""
    if np.ndim(a) != 1 or np.ndim(b) != 1 or len(a) != len(b):
        raise ValueError("two 1-d arrays of one length")
    products = np.multiply(a, b, dtype=np.float64)
    return float(products.sum())


def make_kernel(n: int | tuple[int, int]) -> np.ndarray:
    """Return an array of ones of dtype uint8: the kernel with which OpenCV thickens lines."""
    shape = (n, n) if type(n) is int else tuple(n)
    return np.zeros(shape, np.uint8) + np.uint8(1)


def read_labels(csv: str) -> dict[str, int]:
    """Read a table of labels: a dict from names of images to numbers of classes."""
    table = pd.read_csv(csv, usecols=["image", "label"], dtype=str, na_filter=False)
    codes, _ = pd.factorize(table["label"])
    return dict(zip(table["image"].tolist(), codes.tolist(), strict=True))


def lookup(df: pd.DataFrame, name: str) -> int:
    """Return the label of one image as a Python int."""
    return int(df.set_index("image")["label"].loc[name])


def progress_sum(items: Iterable[float], file: TextIO, desc: str) -> float:
    """Return the sum of the items, 0 if there is none, with a progress bar of tqdm meanwhile."""
    result: float = 0
    bar = tqdm(items, desc, file=file)
    for item in bar:
        result = result + item
    return result


class Timer:
    """A stopwatch: `with Timer() as timer: ...`, then timer.seconds."""

    def __init__(self, device: torch.device | str | None = None) -> None:
        """Remember the device on which the work is done, such as "cuda:1"; None: the CPU."""
        self.device = None if device is None else torch.device(device)
        self.seconds = 0.0

    def __enter__(self) -> Self:
        """Begin to measure; return the timer itself."""
        self._wait()
        self.began = time.perf_counter()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop measuring and set seconds."""
        self._wait()
        self.seconds = time.perf_counter() - self.began

    def _wait(self) -> None:
        if self.device is not None and self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
