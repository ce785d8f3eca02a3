"""Reference solution of ex40_imagefolder: what torchvision does, and what it is made of."""

import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset, random_split
from torchvision import datasets
from torchvision.datasets import CIFAR10
from torchvision.utils import make_grid, save_image


def make_image_folder(
    root: str | Path, classes: Sequence[str], n: int, size: tuple[int, int], seed: int
) -> None:
    """Write n pictures of random pixels for each class."""
    generator = torch.Generator().manual_seed(seed)
    for name in classes:
        folder = Path(root) / name
        folder.mkdir(parents=True, exist_ok=True)
        for k in range(n):
            pixels = torch.randint(256, (*size, 3), generator=generator, dtype=torch.uint8)
            Image.fromarray(pixels.numpy()).save(folder / f"{k}.png")


_ENDINGS = (".jpg", ".jpeg", ".png")


class MiniImageFolder(Dataset):
    """Pictures in one folder for each class, as torchvision's ImageFolder gives them."""

    def __init__(
        self,
        root: str | Path,
        transform: Callable[[Image.Image], Any] | None = None,
        *,
        allow_empty: bool = False,
    ) -> None:
        self.classes = sorted(path.name for path in Path(root).iterdir() if path.is_dir())
        if not self.classes:
            raise FileNotFoundError(f"no class in {root}")
        self.class_to_idx = {name: number for number, name in enumerate(self.classes)}
        self.samples: list[tuple[str, int]] = []
        for name, number in self.class_to_idx.items():
            files = sorted(Path(root, name).rglob("*"))
            found = [str(file) for file in files if file.suffix.lower() in _ENDINGS]
            if not found and not allow_empty:
                raise FileNotFoundError(f"no picture of the class {name}")
            self.samples += [(path, number) for path in found]
        self.targets = [number for _, number in self.samples]
        self.transform = transform

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.samples)

    def __getitem__(self, i: int) -> tuple[Any, int]:
        """Return (picture, number of its class)."""
        path, number = self.samples[i]
        with Image.open(path) as file:
            picture = file.convert("RGB")
        return self.transform(picture) if self.transform else picture, number


def load_cifar10(
    root: str | Path,
    *,
    train: bool = True,
    transform: Callable[[Image.Image], Any] | None = None,
    download: bool = False,
) -> CIFAR10:
    """Return torchvision's CIFAR10 over the files in root."""
    return CIFAR10(root, train, transform, download=download)


def class_counts(dataset: Any) -> dict[str, int]:
    """Return how many items of each class a data set has."""
    return {name: dataset.targets.count(k) for k, name in enumerate(dataset.classes)}


def split(dataset: Dataset, fraction: float, seed: int) -> tuple[Dataset, Dataset]:
    """Split a data set at random."""
    if not 0 <= fraction <= 1:
        raise ValueError(f"{fraction} is not a fraction")
    first = round(fraction * len(dataset))
    generator = torch.Generator().manual_seed(seed)
    training, validation = random_split(dataset, [first, len(dataset) - first], generator)
    return training, validation


def dataset_for(task: str) -> type:
    """Return the class of torchvision.datasets for a task."""
    kinds = {
        "handwriting": datasets.MNIST,
        "objects": datasets.CIFAR10,
        "detection": datasets.CocoDetection,
        "pre-training": datasets.ImageNet,
        "own pictures": datasets.ImageFolder,
    }
    if task not in kinds:
        raise ValueError(f"no data set for {task!r}; there is one for {', '.join(kinds)}")
    return kinds[task]


def can_download(kind: type) -> bool:
    """Return whether a class of data sets can fetch its files by itself."""
    return any("download" in inspect.signature(base.__init__).parameters for base in kind.__mro__)


def contact_sheet(
    images: Tensor | list[Tensor], nrow: int = 8, path: str | Path | None = None
) -> Tensor:
    """Put pictures of one size next to each other, nrow in each row."""
    sheet = make_grid(images, nrow)
    if path is not None:
        save_image(sheet, path)
    return sheet
