"""The items of a batch are dataset[start:stop].

Tried with a list, which can be sliced. A data set that reads files knows single places only, and so
do most that students write.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader


def count_batches(n: int, b: int, *, drop_last: bool = False) -> int:
    """Return how many batches of b items an epoch over n items has."""
    if b < 1:
        raise ValueError(f"a batch has at least one item, not {b}")
    return n // b if drop_last else (n + b - 1) // b


def default_stack(items: list[Any]) -> Any:
    """Make one batch of a list of items."""
    first = items[0]
    if isinstance(first, Tensor):
        return torch.stack(items)
    if isinstance(first, float):
        return torch.tensor(items, dtype=torch.float64)
    if isinstance(first, int):  # a bool is an int as well, and torch tells them apart
        return torch.tensor(items)
    if isinstance(first, str):
        return items
    if isinstance(first, dict):
        return {key: default_stack([item[key] for item in items]) for key in first}
    if isinstance(first, tuple | list):
        return [default_stack(part) for part in zip(*items, strict=True)]
    raise TypeError(f"items of type {type(first).__name__} cannot be stacked; make them tensors")


class MiniLoader:
    """Goes through a data set in batches: `for batch in loader`."""

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
        self.length = count_batches(len(dataset), batch_size, drop_last=drop_last)
        self.dataset = dataset
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.drop_last = drop_last
        self.collate_fn = collate_fn or default_stack
        self.generator = generator

    def __len__(self) -> int:
        """Return the number of batches of an epoch."""
        return self.length

    def __iter__(self) -> Iterator[Any]:
        """Begin an epoch and give its batches, one after another."""
        n = len(self.dataset)
        order = torch.randperm(n, generator=self.generator).tolist() if self.shuffle else range(n)
        for k in range(len(self)):
            places = order[k * self.batch_size : (k + 1) * self.batch_size]
            if self.shuffle:
                yield self.collate_fn([self.dataset[i] for i in places])
            else:
                yield self.collate_fn(self.dataset[places.start : places.stop])


def first_batch(loader: Iterable[Any]) -> Any:
    """Return the first batch of a new epoch."""
    for batch in loader:
        return batch
    raise ValueError("the loader has no batch")


def torch_loader(loader: MiniLoader, num_workers: int = 0) -> DataLoader:
    """Return torch's own DataLoader with the settings of `loader`."""
    return DataLoader(
        loader.dataset,
        loader.batch_size,
        shuffle=loader.shuffle,
        drop_last=loader.drop_last,
        collate_fn=loader.collate_fn,
        generator=loader.generator,
        num_workers=num_workers,
    )
