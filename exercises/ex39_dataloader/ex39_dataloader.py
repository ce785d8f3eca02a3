"""Exercise ex39_dataloader: from single samples to batches, by hand and with torch.

Add the imports that you need.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from torch.utils.data import DataLoader


def count_batches(n: int, b: int, *, drop_last: bool = False) -> int:
    """Return how many batches of b items an epoch over n items has, n >= 0.

    The last batch may be incomplete; with drop_last an incomplete one is left out.
    Raises ValueError when b is less than 1.
    """
    raise NotImplementedError


def default_stack(items: list[Any]) -> Any:
    """Make one batch of a list of items, at least one; the items are all of the same kind.

    - tensors: one tensor with a new first dimension, of the same dtype and device; gradients
      reach the items
    - numbers: a 1-d tensor: bool of bools, int64 of ints, float64 of floats
    - strings: the strings themselves, in a list or a tuple
    - tuples or lists: a tuple or list with one batch for each place: (x0, y0), (x1, y1), ... give
      a batch of x and a batch of y
    - dicts, all with the same keys: a dict with one batch for each key

    Tuples, lists and dicts may hold each other. This is what torch's DataLoader does.
    Raises TypeError for anything else, such as a picture of PIL, and ValueError when tuples or
    lists are not all of the same length.
    """
    raise NotImplementedError


class MiniLoader:
    """Goes through a data set in batches: `for batch in loader`.

    Each iter(loader) is an epoch of its own, with all the items from the beginning; two epochs
    may be under way at the same time. The items of a batch are read when this batch is asked for,
    not before, and each is read once in an epoch.

    Speed counts: one epoch over many small items is timed beside the course's own solution, which
    is plain code. Up to 3 times its time earns all points of that check, up to 8 times half of
    them.
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int = 1,
        *,
        shuffle: bool = False,
        drop_last: bool = False,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        generator: torch.Generator | None = None,
    ) -> None:
        """Remember what the epochs need.

        dataset: anything with len(dataset) and dataset[i] for i = 0, 1, ..., len(dataset) - 1.
        Nothing else may be asked of it; each i is a plain int.
        shuffle: False: the items come in order. True: each epoch has a new random order of all
        the items.
        drop_last: leave out a last batch that is not complete.
        collate_fn: gets the list of a batch's items, and what it returns is the batch;
        default_stack if None.
        generator: all randomness comes from it, so that the same seed gives the same epochs; from
        torch's global generator (torch.manual_seed) if None.
        Raises ValueError when batch_size is less than 1.
        """
        raise NotImplementedError

    def __len__(self) -> int:
        """Return the number of batches of an epoch."""
        raise NotImplementedError

    def __iter__(self) -> Iterator[Any]:
        """Begin an epoch and give its batches, one after another."""
        raise NotImplementedError


def first_batch(loader: Iterable[Any]) -> Any:
    """Return the first batch of a new epoch; no further batch is asked for.

    loader: a MiniLoader, a DataLoader of torch, or anything else that a for loop takes.
    Raises ValueError when the epoch has no batch.
    """
    raise NotImplementedError


def torch_loader(loader: MiniLoader, num_workers: int = 0) -> DataLoader:
    """Return torch's own DataLoader with the settings of `loader`.

    It has the same data set, batch size, shuffling, drop_last, collate_fn (so the batches are
    those of `loader`) and generator, and loads with num_workers processes. Shuffled, its orders
    may be other ones. Here torch's DataLoader is what is wanted.
    """
    raise NotImplementedError
