"""Exercise ex40_imagefolder: pictures in folders, CIFAR10, splits and a look at the pictures.

Add the imports that you need.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset
from torchvision.datasets import CIFAR10


def make_image_folder(
    root: str | Path, classes: Sequence[str], n: int, size: tuple[int, int], seed: int
) -> None:
    """Write n pictures of random pixels for each class: root/<class>/0.png, 1.png, ..., n-1.png.

    size: (height, width). The pictures are PNG files in RGB, and no two of them are alike. Folders
    that are missing are made, also for n = 0; others may be there already.
    The same seed (with the same other arguments) gives the same pictures, another seed gives other
    ones. torch's global generator is neither asked nor changed.
    """
    raise NotImplementedError


class MiniImageFolder(Dataset):
    """Pictures in one folder for each class, as torchvision's ImageFolder gives them.

    It has these attributes:

    - classes: the names of the folders in root, a list sorted as sorted() sorts strings
    - class_to_idx: a dict from the name of a class to its number; the first of classes is 0
    - samples: a list of (path, number of the class), the path a str: class after class, within a
      class sorted by path
    - targets: the list of the classes' numbers, one for each sample

    The pictures of a class are the files ending in .jpg, .jpeg or .png, in small or capital
    letters, that lie in its folder, or in folders within that, however deep.
    """

    def __init__(
        self,
        root: str | Path,
        transform: Callable[[Image.Image], Any] | None = None,
        *,
        allow_empty: bool = False,
    ) -> None:
        """Find classes and pictures, and open none.

        Raises FileNotFoundError when root has no folder in it, or when a class has no picture. With
        allow_empty a class without pictures is all right, and it keeps its number.
        """
        raise NotImplementedError

    def __len__(self) -> int:
        """Return the number of pictures."""
        raise NotImplementedError

    def __getitem__(self, i: int) -> tuple[Any, int]:
        """Return (picture, number of its class).

        The picture is an Image of mode "RGB", or transform(that Image).
        """
        raise NotImplementedError


def load_cifar10(
    root: str | Path,
    *,
    train: bool = True,
    transform: Callable[[Image.Image], Any] | None = None,
    download: bool = False,
) -> CIFAR10:
    """Return torchvision's CIFAR10 over the files in root.

    train: its training pictures, or else its test pictures.
    download: fetch the files if they are not there. Without it nothing is fetched, and missing
    files are a RuntimeError (which torchvision raises).
    """
    raise NotImplementedError


def class_counts(dataset: Any) -> dict[str, int]:
    """Return how many items of each class a data set has: {name: number}.

    dataset: an ImageFolder, a CIFAR10, or anything else with the lists `classes` (names) and
    `targets` (for each item the number of its class). Nothing else is asked of it; above all, no
    item is read. A class without items counts 0.
    """
    raise NotImplementedError


def split(dataset: Dataset, fraction: float, seed: int) -> tuple[Dataset, Dataset]:
    """Split a data set at random: (training part, validation part).

    The first part has round(fraction * len(dataset)) items, drawn at random, and the second has
    all the others. No item is read. The same seed gives the same parts, another seed other ones;
    torch's global generator is neither asked nor changed.
    Raises ValueError when fraction is less than 0 or greater than 1.
    """
    raise NotImplementedError


def dataset_for(task: str) -> type:
    """Return the class of torchvision.datasets for a task.

    "handwriting": MNIST. "objects": CIFAR10. "detection": CocoDetection. "pre-training": ImageNet.
    "own pictures": ImageFolder.
    Raises ValueError for any other task.
    """
    raise NotImplementedError


def can_download(kind: type) -> bool:
    """Return whether a class of data sets can fetch its files by itself.

    It can when its __init__, or that of one of its base classes, has a parameter named download.
    """
    raise NotImplementedError


def contact_sheet(
    images: Tensor | list[Tensor], nrow: int = 8, path: str | Path | None = None
) -> Tensor:
    """Put pictures of one size next to each other, nrow in each row, with 2 black pixels between.

    images: (N, C, H, W), or N tensors (C, H, W) in a list; N is 2 or more, C is 1 or 3, the values
    are floats from 0 to 1.
    Returns the sheet (3, height, width) as torchvision.utils.make_grid makes it. With a path the
    sheet is written to this file as well; the path's ending says which format.
    """
    raise NotImplementedError
