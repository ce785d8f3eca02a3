"""Another right solution: an iterator class for an epoch, and match for the kinds of items."""

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader


def count_batches(n: int, b: int, *, drop_last: bool = False) -> int:
    """Round the quotient down or up."""
    if b <= 0:
        raise ValueError("b must be positive")
    return (math.floor if drop_last else math.ceil)(n / b)


def default_stack(items: list[Any]) -> Any:
    """Tell the kinds apart by their patterns."""
    match items[0]:
        case Tensor():
            return torch.stack(tuple(items), dim=0)
        case bool() | int():
            return torch.tensor(items)
        case float():
            return torch.DoubleTensor(items)
        case str():
            return tuple(items)
        case dict() as first:
            return {key: default_stack([item[key] for item in items]) for key in first}
        case tuple() | list() as first:
            if any(len(item) != len(first) for item in items):
                raise ValueError("the items must be of one length")
            columns = range(len(first))
            return tuple(default_stack([item[column] for item in items]) for column in columns)
    raise TypeError(f"cannot make a batch of {items[0]!r}")


class _Epoch:
    """One epoch under way: the pieces of its order that are still to come."""

    def __init__(self, loader: "MiniLoader") -> None:
        n = len(loader.dataset)
        order = torch.arange(n)
        if loader.shuffle:
            order = torch.randperm(n, generator=loader.generator)
        self.pieces = iter(order.split(loader.batch_size)[: len(loader)])
        self.loader = loader

    def __iter__(self) -> "_Epoch":
        return self

    def __next__(self) -> Any:
        dataset = self.loader.dataset
        return self.loader.collate_fn([dataset[i] for i in next(self.pieces).tolist()])


class MiniLoader:
    """Each iter(loader) is an _Epoch."""

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
        if batch_size < 1:
            raise ValueError("batch_size must be positive")
        self.dataset, self.batch_size = dataset, batch_size
        self.shuffle, self.drop_last = shuffle, drop_last
        self.collate_fn = default_stack if collate_fn is None else collate_fn
        self.generator = generator

    def __len__(self) -> int:
        """Count for the data set as it is now."""
        return count_batches(len(self.dataset), self.batch_size, drop_last=self.drop_last)

    def __iter__(self) -> Iterator[Any]:
        """Begin an epoch."""
        return _Epoch(self)


def first_batch(loader: Iterable[Any]) -> Any:
    """Ask once, with a default that no batch can be."""
    nothing = object()
    batch = next(iter(loader), nothing)
    if batch is nothing:
        raise ValueError("an empty epoch")
    return batch


def torch_loader(loader: MiniLoader, num_workers: int = 0) -> DataLoader:
    """Gather the settings first."""
    names = ("dataset", "batch_size", "shuffle", "drop_last", "collate_fn", "generator")
    settings = {name: getattr(loader, name) for name in names}
    return DataLoader(**settings, num_workers=num_workers)
