"""Exercise ex38_dataset: data sets over tensors, over a folder and over a table, and their sum.

Add the imports that you need.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset


class TensorPairs(Dataset):
    """Pairs of two tensors that lie in memory: item i is (xs[i], ys[i])."""

    def __init__(self, xs: Tensor, ys: Tensor) -> None:
        """Remember the tensors.

        xs, ys: tensors of any dtype with at least one dimension; the first one counts the items,
        and there may be none.
        Raises ValueError when xs and ys have not equally many items.
        """
        raise NotImplementedError

    def __len__(self) -> int:
        """Return the number of pairs."""
        raise NotImplementedError

    def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
        """Return (xs[i], ys[i]), each with one dimension less than xs and ys.

        A negative i counts from the end: -1 is the last pair.
        Raises IndexError when i is len(self) or larger; a for loop needs that to find the end.
        """
        raise NotImplementedError


class FolderClass(Dataset):
    """The pictures of one class, all of which lie in the folder root/label.

    A picture is a file whose name ends in .jpg, .jpeg or .png, in small or capital letters, and
    does not begin with a dot. They are sorted by name, as sorted() sorts strings. All other files
    are passed over.
    """

    def __init__(
        self, root: str | Path, label: str, transform: Callable[[Image.Image], Any] | None = None
    ) -> None:
        """Find the pictures without opening one of them.

        label: the folder's name and the label of every item, for instance "ants".
        transform: None, or what is to be made of a picture.
        Raises FileNotFoundError when there is no such folder, or no picture in it.
        """
        raise NotImplementedError

    def __len__(self) -> int:
        """Return the number of pictures."""
        raise NotImplementedError

    def __getitem__(self, i: int) -> tuple[Any, str]:
        """Read picture i and return (picture, label).

        The picture is an Image of mode "RGB", whatever the mode in the file; with a transform it is
        transform(that Image), called once. The picture is loaded and its file closed.
        Negative i and IndexError as in TensorPairs.
        """
        raise NotImplementedError


class CsvImages(Dataset):
    """Pictures of one folder whose labels stand in a table, and whose order stands in a list.

    The data set can be pickled (if its transform can), as loading in several processes demands on
    Windows and macOS. FolderClass can, too.
    """

    def __init__(
        self,
        folder: str | Path,
        csv_file: str | Path,
        list_file: str | Path,
        transform: Callable[[Image.Image], Any] | None = None,
    ) -> None:
        """Read the table and the list, close them, and open no picture.

        folder: where the pictures lie.
        csv_file: a table in UTF-8. Its first line names the columns: `name` holds a file's name in
        the folder, `label` a whole number; where they stand among other columns is not known.
        Fields may be quoted.
        list_file: text in UTF-8 with one name per line. These pictures make the data set, in this
        order; empty lines are passed over, and so is a picture that the list does not name.
        Raises KeyError when a name of the list is not in the table.
        """
        raise NotImplementedError

    def __len__(self) -> int:
        """Return the number of pictures."""
        raise NotImplementedError

    def __getitem__(self, i: int) -> tuple[Any, int]:
        """Read picture i and return (picture, label), the label an int.

        Picture, transform, negative i and IndexError as in FolderClass.
        """
        raise NotImplementedError


def concat(a: Dataset, b: Dataset) -> Dataset:
    """Return a data set with the items of a, and after them those of b.

    a and b have len(...) and take i = 0, 1, ..., len - 1; either may be empty. No item is read
    before somebody asks for it. Here all that torch.utils.data has is welcome.
    Negative i and IndexError as in TensorPairs.
    """
    raise NotImplementedError
