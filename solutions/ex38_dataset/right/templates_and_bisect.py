"""Another right solution: one base class for pictures, pathlib and csv.reader, a joining class."""

# ruff: noqa: PTH123

import csv
import itertools
from bisect import bisect_right
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset


class TensorPairs(Dataset):
    """The pairs are made once: each is two views."""

    def __init__(self, xs: Tensor, ys: Tensor) -> None:
        self.pairs = list(zip(xs.unbind(), ys.unbind(), strict=True))

    def __len__(self) -> int:
        """Count the pairs."""
        return len(self.pairs)

    def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
        """Leave it all to the list."""
        return self.pairs[i]


class _Pictures(Dataset):
    """Any pictures with labels: subclasses say which."""

    def __init__(self, paths: Sequence[Path], labels: Sequence[Any], transform: Any) -> None:
        self.paths, self.labels, self.transform = paths, labels, transform

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, i: int) -> tuple[Any, Any]:
        if not -len(self) <= i < len(self):
            raise IndexError(i)
        file = Image.open(self.paths[i])
        picture = Image.fromarray(np.asarray(file.convert("RGB")))
        file.close()
        if self.transform is not None:
            picture = self.transform(picture)
        return picture, self.labels[i]


class FolderClass(_Pictures):
    """The paths are those of a folder."""

    def __init__(
        self, root: str | Path, label: str, transform: Callable[[Image.Image], Any] | None = None
    ) -> None:
        found = [p for end in ("jpg", "jpeg", "png") for p in self._ending(Path(root, label), end)]
        if not found:
            raise FileNotFoundError(label)
        found.sort(key=lambda path: path.name)
        super().__init__(found, [label] * len(found), transform)

    @staticmethod
    def _ending(folder: Path, ending: str) -> list[Path]:
        pattern = "[!.]*." + "".join(f"[{letter}{letter.upper()}]" for letter in ending)
        return list(folder.glob(pattern))


class CsvImages(_Pictures):
    """The paths are those of a list, the labels those of a table."""

    def __init__(
        self,
        folder: str | Path,
        csv_file: str | Path,
        list_file: str | Path,
        transform: Callable[[Image.Image], Any] | None = None,
    ) -> None:
        with open(csv_file, encoding="utf-8") as table:
            head, *rows = csv.reader(table)
        column = {title: place for place, title in enumerate(head)}
        label_of = {row[column["name"]]: row[column["label"]] for row in rows}
        with open(list_file, encoding="utf-8") as lines:
            names = [line.strip() for line in lines if line.strip()]
        labels = [int(label_of[name]) for name in names]
        super().__init__([Path(folder, name) for name in names], labels, transform)


class _Joined(Dataset):
    """Any number of data sets, one after another."""

    def __init__(self, *parts: Dataset) -> None:
        self.parts = parts
        self.ends = list(itertools.accumulate(map(len, parts)))

    def __len__(self) -> int:
        return self.ends[-1]

    def __getitem__(self, i: int) -> Any:
        place = range(len(self))[i]
        part = bisect_right(self.ends, place)
        return self.parts[part][place - self.ends[part]]  # counted from the part's end


def concat(a: Dataset, b: Dataset) -> Dataset:
    """Join two."""
    return _Joined(a, b)
