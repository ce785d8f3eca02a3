"""Another right solution: os for the folder, columns by their place, + for the sum."""

# ruff: noqa: PTH118, PTH122, PTH123, PTH208

import csv
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset


class TensorPairs(Dataset):
    """Both tensors in one tuple."""

    def __init__(self, xs: Tensor, ys: Tensor) -> None:
        if xs.shape[0] != ys.shape[0]:
            raise ValueError("xs and ys differ in length")
        self.tensors = (xs, ys)

    def __len__(self) -> int:
        """Read the first size."""
        return self.tensors[0].shape[0]

    def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
        """Index both."""
        x, y = (tensor[i] for tensor in self.tensors)
        return x, y


class FolderClass(Dataset):
    """Names in a list, as the notes have them, but sorted and sieved."""

    def __init__(
        self, root: str | Path, label: str, transform: Callable[[Image.Image], Any] | None = None
    ) -> None:
        self.root_dir, self.label_dir = root, label
        self.img_path_list = sorted(filter(self._is_picture, os.listdir(os.path.join(root, label))))
        if len(self.img_path_list) == 0:
            raise FileNotFoundError(f"{label} is empty")
        self.transform = transform or _identity

    @staticmethod
    def _is_picture(name: str) -> bool:
        ending = os.path.splitext(name)[1].lower()
        return ending in {".jpg", ".jpeg", ".png"} and name[0] != "."

    def __len__(self) -> int:
        """Count the names."""
        return len(self.img_path_list)

    def __getitem__(self, i: int) -> tuple[Any, str]:
        """Join the path when it is needed."""
        path = os.path.join(self.root_dir, self.label_dir, self.img_path_list[i])
        picture = Image.open(path).convert("RGB")
        return self.transform(picture), self.label_dir


def _identity(picture: Image.Image) -> Image.Image:
    """Return the picture; a lambda could not be pickled."""
    return picture


class CsvImages(Dataset):
    """Two lists side by side: names and labels."""

    def __init__(
        self,
        folder: str | Path,
        csv_file: str | Path,
        list_file: str | Path,
        transform: Callable[[Image.Image], Any] | None = None,
    ) -> None:
        with open(csv_file, encoding="utf-8") as table:
            rows = list(csv.reader(table))
        name, label = rows[0].index("name"), rows[0].index("label")
        by_name = {row[name]: row[label] for row in rows[1:]}
        lines = Path(list_file).read_bytes().decode("utf-8").split("\n")
        self.names = [line for line in lines if line != ""]
        self.labels = [by_name[name] for name in self.names]
        self.folder = folder
        self.transform = transform

    def __len__(self) -> int:
        """Count the labels."""
        return len(self.labels)

    def __getitem__(self, i: int) -> tuple[Any, int]:
        """Make a number of the label now."""
        label = int(self.labels[i])
        with open(os.path.join(self.folder, self.names[i]), "rb") as file:
            picture = Image.open(file).convert("RGB")
        return (picture if self.transform is None else self.transform(picture)), label


def concat(a: Dataset, b: Dataset) -> Dataset:
    """Add them."""
    return a + b
