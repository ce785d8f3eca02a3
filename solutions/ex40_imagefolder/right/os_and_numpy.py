"""Another right solution: os.walk, numpy, parts by a permutation, a sheet made by hand."""

# ruff: noqa: PTH103, PTH118, PTH122, PTH123

import os
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torchvision
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset, Subset


def make_image_folder(
    root: str | Path, classes: Sequence[str], n: int, size: tuple[int, int], seed: int
) -> None:
    """Draw all pictures at once."""
    height, width = size
    shape = (len(classes), n, height, width, 3)
    pixels = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
    for name, pictures in zip(classes, pixels, strict=True):
        os.makedirs(os.path.join(root, name), exist_ok=True)
        for k, picture in enumerate(pictures):
            Image.fromarray(picture).save(os.path.join(root, name, f"{k}.png"))


class MiniImageFolder(Dataset):
    """The folders are walked through, class by class."""

    def __init__(
        self,
        root: str | Path,
        transform: Callable[[Image.Image], Any] | None = None,
        *,
        allow_empty: bool = False,
    ) -> None:
        with os.scandir(root) as entries:
            self.classes = sorted(entry.name for entry in entries if entry.is_dir())
        self.class_to_idx = dict(zip(self.classes, range(len(self.classes)), strict=True))
        self.samples = [
            (path, number)
            for name, number in self.class_to_idx.items()
            for path in self._pictures(os.path.join(root, name))
        ]
        self.targets = [sample[1] for sample in self.samples]
        if not self.classes or (len(set(self.targets)) < len(self.classes) and not allow_empty):
            raise FileNotFoundError("pictures are missing")
        self.transform = transform

    @staticmethod
    def _pictures(folder: str) -> list[str]:
        paths = (os.path.join(place, name) for place, _, names in os.walk(folder) for name in names)
        endings = {".png", ".jpg", ".jpeg"}
        return sorted(path for path in paths if os.path.splitext(path)[1].lower() in endings)

    def __len__(self) -> int:
        """Count the targets."""
        return len(self.targets)

    def __getitem__(self, i: int) -> tuple[Any, int]:
        """Read a picture from its file."""
        path, number = self.samples[i]
        with open(path, "rb") as file:
            picture: Any = Image.open(file).convert("RGB")
        if self.transform is not None:
            picture = self.transform(picture)
        return picture, number


def load_cifar10(
    root: str | Path,
    *,
    train: bool = True,
    transform: Callable[[Image.Image], Any] | None = None,
    download: bool = False,
) -> torchvision.datasets.CIFAR10:
    """Gather the settings first."""
    settings = {"train": train, "transform": transform, "download": download}
    return torchvision.datasets.CIFAR10(root=root, **settings)


def class_counts(dataset: Any) -> dict[str, int]:
    """Count the numbers, then look at each class."""
    counts = Counter(dataset.targets)
    return {dataset.classes[k]: counts[k] for k in range(len(dataset.classes))}


def split(dataset: Dataset, fraction: float, seed: int) -> tuple[Dataset, Dataset]:
    """Cut a permutation in two."""
    if fraction < 0 or fraction > 1:
        raise ValueError("a fraction lies between 0 and 1")
    n = len(dataset)
    order = torch.randperm(n, generator=torch.Generator().manual_seed(seed)).tolist()
    border = round(fraction * n)
    return Subset(dataset, order[:border]), Subset(dataset, order[border:])


def dataset_for(task: str) -> type:
    """Match the words."""
    match task:
        case "handwriting":
            name = "MNIST"
        case "objects":
            name = "CIFAR10"
        case "detection":
            name = "CocoDetection"
        case "pre-training":
            name = "ImageNet"
        case "own pictures":
            name = "ImageFolder"
        case _:
            raise ValueError(task)
    return getattr(torchvision.datasets, name)


def can_download(kind: type) -> bool:
    """Look at the names of all arguments, base class by base class."""
    if kind is object:
        return False
    code = getattr(kind.__init__, "__code__", None)
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount] if code else ()
    return "download" in names or any(map(can_download, kind.__bases__))


def contact_sheet(
    images: Tensor | list[Tensor], nrow: int = 8, path: str | Path | None = None
) -> Tensor:
    """Lay the pictures on a black sheet, one by one."""
    n, (_, height, width) = len(images), images[0].shape
    columns = min(nrow, n)
    rows = -(-n // columns)
    sheet = torch.zeros(3, rows * (height + 2) + 2, columns * (width + 2) + 2)
    for k, image in enumerate(images):
        top, left = k // columns * (height + 2) + 2, k % columns * (width + 2) + 2
        sheet[:, top : top + height, left : left + width] = image
    if path:
        pixels = (sheet * 255).round().byte().permute(1, 2, 0)
        Image.fromarray(pixels.numpy()).save(path)
    return sheet
