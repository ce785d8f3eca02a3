"""Another style: the csv module, a dict of rows, einsum, a bar that is moved by hand."""

import csv as csv_files
import itertools
from collections.abc import Iterable, Sequence
from operator import mul
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Any, Self, TextIO

import numpy as np
import pandas as pd
import torch
import tqdm
from torch.cuda import synchronize


def dot_loop(a: Sequence[float], b: Sequence[float]) -> float:
    """Return a[0] * b[0] + a[1] * b[1] + ..., by a loop of plain Python; 0 if there is nothing."""
    if len(a) != len(b):
        raise ValueError("different lengths")
    return sum(map(mul, a, b))


def dot_numpy(a: Any, b: Any) -> float:
    """Return the same sum of products as a Python float, computed by numpy and without a loop."""
    left, right = np.array(a), np.array(b)
    if not left.ndim == right.ndim == 1:
        raise ValueError("1-d, please")
    if len(left) != len(right):
        raise ValueError("different lengths")
    return np.einsum("i,i->", left, right, dtype=np.float64, casting="unsafe").item()


def make_kernel(n: int | tuple[int, int]) -> np.ndarray:
    """Return an array of ones of dtype uint8: the kernel with which OpenCV thickens lines."""
    rows, columns = n if isinstance(n, tuple) else (n, n)
    return np.full((rows, columns), 1, dtype="uint8")


def read_labels(csv: str) -> dict[str, int]:
    """Read a table of labels: a dict from names of images to numbers of classes."""
    numbers: dict[str, int] = {}
    labels = {}
    with Path(csv).open(newline="", encoding="utf-8") as file:
        for row in csv_files.DictReader(file):
            labels[row["image"]] = numbers.setdefault(row["label"], len(numbers))
    return labels


def lookup(df: pd.DataFrame, name: str) -> int:
    """Return the label of one image as a Python int."""
    return dict(zip(df["image"], df["label"].tolist(), strict=True))[name]


def progress_sum(items: Iterable[float], file: TextIO, desc: str) -> float:
    """Return the sum of the items, 0 if there is none, with a progress bar of tqdm meanwhile."""
    total: float = 0
    count = len(items) if hasattr(items, "__len__") else None
    with tqdm.tqdm(total=count, file=file, desc=desc) as bar:
        for item in items:
            total += item
            bar.update()
    return total


class Timer:
    """A stopwatch: `with Timer() as timer: ...`, then timer.seconds."""

    def __init__(self, device: torch.device | str | None = None) -> None:
        """Remember the device on which the work is done, such as "cuda:1"; None: the CPU."""
        self.wait = device is not None and str(device).startswith("cuda")
        self.device = device
        self.seconds = 0.0
        self.looks: list[float] = []

    def _look(self) -> None:
        if self.wait:
            synchronize(self.device)
        self.looks.append(perf_counter())

    def __enter__(self) -> Self:
        """Begin to measure; return the timer itself."""
        self._look()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop measuring and set seconds."""
        self._look()
        self.seconds = -next(itertools.starmap(float.__sub__, [self.looks[-2:]]))
