"""Another right solution: names first, Python's own random numbers, sets of places."""

import inspect
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torchvision.datasets as ds
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset, Subset
from torchvision.utils import make_grid, save_image


def make_image_folder(
    root: str | Path, classes: Sequence[str], n: int, size: tuple[int, int], seed: int
) -> None:
    """Make every picture of random bytes."""
    source = random.Random(seed)  # noqa: S311 (a picture is no secret)
    height, width = size
    for name in classes:
        Path(root, name).mkdir(parents=True, exist_ok=True)
        for k in range(n):
            content = source.randbytes(height * width * 3)
            with Path(root, name, f"{k}.png").open("wb") as file:
                Image.frombytes("RGB", (width, height), content).save(file, format="PNG")


class MiniImageFolder(Dataset):
    """All files of the folder are listed once, then sorted into their classes."""

    def __init__(
        self,
        root: str | Path,
        transform: Callable[[Image.Image], Any] | None = None,
        *,
        allow_empty: bool = False,
    ) -> None:
        root = Path(root)
        self.classes = [entry.name for entry in sorted(root.glob("*/"))]
        self.class_to_idx = {name: self.classes.index(name) for name in self.classes}
        files = [file for file in root.rglob("*.*") if file.is_file()]
        pictures = [file for file in files if file.suffix.lower()[1:] in ("jpg", "jpeg", "png")]
        inside = [file for file in pictures if file.parent != root]
        self.samples = sorted(
            (str(file), self.class_to_idx[file.relative_to(root).parts[0]]) for file in inside
        )
        self.samples.sort(key=lambda sample: sample[1])
        self.targets = list(map(self.number_of, self.samples))
        missing = set(self.class_to_idx.values()) - set(self.targets)
        if not self.classes or (missing and allow_empty is False):
            raise FileNotFoundError(f"nothing for {missing}")
        self.transform = transform or self.unchanged

    @staticmethod
    def number_of(sample: tuple[str, int]) -> int:
        """Return the second half."""
        return sample[1]

    @staticmethod
    def unchanged(picture: Image.Image) -> Image.Image:
        """Return the picture."""
        return picture

    def __len__(self) -> int:
        """Count the samples."""
        return len(self.samples)

    def __getitem__(self, i: int) -> tuple[Any, int]:
        """Open, convert, transform."""
        return self.transform(Image.open(self.samples[i][0]).convert("RGB")), self.targets[i]


def load_cifar10(
    root: str | Path,
    *,
    train: bool = True,
    transform: Callable[[Image.Image], Any] | None = None,
    download: bool = False,
) -> ds.CIFAR10:
    """Set the transform afterwards."""
    dataset = ds.CIFAR10(str(root), train, download=download)
    dataset.transform = transform
    return dataset


def class_counts(dataset: Any) -> dict[str, int]:
    """Begin with 0 for all."""
    counts = dict.fromkeys(dataset.classes, 0)
    for number in dataset.targets:
        counts[dataset.classes[number]] += 1
    return counts


def split(dataset: Dataset, fraction: float, seed: int) -> tuple[Dataset, Dataset]:
    """Draw the places of the first part; the others are the second."""
    if min(fraction, 1 - fraction) < 0:
        raise ValueError(fraction)
    places = range(len(dataset))
    chosen = random.Random(seed).sample(places, round(fraction * len(places)))  # noqa: S311
    return Subset(dataset, chosen), Subset(dataset, sorted(set(places) - set(chosen)))


_TASKS = ["handwriting", "objects", "detection", "pre-training", "own pictures"]
_KINDS = [ds.MNIST, ds.CIFAR10, ds.CocoDetection, ds.ImageNet, ds.ImageFolder]


def dataset_for(task: str) -> type:
    """Look both lists up; index raises ValueError by itself."""
    return _KINDS[_TASKS.index(task)]


def can_download(kind: type) -> bool:
    """Ask each class that has an __init__ of its own."""
    makers = [vars(base)["__init__"] for base in kind.__mro__ if "__init__" in vars(base)]
    return any("download" in inspect.getfullargspec(make).args for make in makers[:-1]) or any(
        "download" in inspect.getfullargspec(make).kwonlyargs for make in makers[:-1]
    )


def contact_sheet(
    images: Tensor | list[Tensor], nrow: int = 8, path: str | Path | None = None
) -> Tensor:
    """Leave both to torchvision, which makes the sheet twice."""
    if path is not None:
        save_image(images, path, nrow=nrow)
    return make_grid(images, nrow=nrow)
