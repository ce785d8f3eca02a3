"""Splits the lines at the commas and takes column 0 and column 1.

That is right for the one table which the author had. With another order of columns, or with a comma
within quotes, names and labels are something else.
"""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from torch import Tensor
from torch.utils.data import ConcatDataset, Dataset


class TensorPairs(Dataset):
    """Pairs of two tensors that lie in memory: item i is (xs[i], ys[i])."""

    def __init__(self, xs: Tensor, ys: Tensor) -> None:
        if len(xs) != len(ys):
            raise ValueError(f"{len(xs)} items cannot be paired with {len(ys)}")
        self.xs, self.ys = xs, ys

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.xs)

    def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
        """Return (xs[i], ys[i])."""
        return self.xs[i], self.ys[i]


def _read(path: Path, transform: Callable[[Image.Image], Any] | None) -> Any:
    with Image.open(path) as file:
        picture = file.convert("RGB")
    return transform(picture) if transform else picture


class FolderClass(Dataset):
    """The pictures of one class, all of which lie in the folder root/label."""

    def __init__(
        self, root: str | Path, label: str, transform: Callable[[Image.Image], Any] | None = None
    ) -> None:
        folder = Path(root) / label
        names = sorted(path.name for path in folder.iterdir())  # raises if there is no folder
        self.paths = [
            folder / name
            for name in names
            if name.lower().endswith((".jpg", ".jpeg", ".png")) and not name.startswith(".")
        ]
        if not self.paths:
            raise FileNotFoundError(f"no picture in {folder}")
        self.label = label
        self.transform = transform

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.paths)

    def __getitem__(self, i: int) -> tuple[Any, str]:
        """Read picture i and return (picture, label)."""
        return _read(self.paths[i], self.transform), self.label


class CsvImages(Dataset):
    """Pictures of one folder whose labels stand in a table, and whose order stands in a list."""

    def __init__(
        self,
        folder: str | Path,
        csv_file: str | Path,
        list_file: str | Path,
        transform: Callable[[Image.Image], Any] | None = None,
    ) -> None:
        lines = Path(csv_file).read_text("utf-8").splitlines()[1:]
        labels = {line.split(",")[0]: int(line.split(",")[1]) for line in lines}
        names = Path(list_file).read_text("utf-8").splitlines()
        self.items = [(Path(folder) / name, labels[name]) for name in names if name]
        self.transform = transform

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.items)

    def __getitem__(self, i: int) -> tuple[Any, int]:
        """Read picture i and return (picture, label)."""
        path, label = self.items[i]
        return _read(path, self.transform), label


def concat(a: Dataset, b: Dataset) -> Dataset:
    """Return a data set with the items of a, and after them those of b."""
    return ConcatDataset([a, b])
