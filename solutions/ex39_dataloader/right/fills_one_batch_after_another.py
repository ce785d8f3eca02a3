"""Another right solution: items are collected until a batch is full; a table of kinds to stack."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch.utils.data import DataLoader, RandomSampler


def count_batches(n: int, b: int, *, drop_last: bool = False) -> int:
    """Count the places where a batch begins, then look at the rest."""
    if not b >= 1:
        raise ValueError("a batch holds one item or more")
    full, rest = divmod(n, b)
    return full + (rest > 0 and not drop_last)


def _stack_mappings(items: Sequence[Any]) -> dict[Any, Any]:
    return {key: default_stack([item[key] for item in items]) for key in items[0]}


def _stack_sequences(items: Sequence[Any]) -> list[Any]:
    if len({len(item) for item in items}) != 1:
        raise ValueError("the sequences differ in length")
    return list(map(default_stack, zip(*items, strict=False)))


_KINDS: list[tuple[type, Callable[[Sequence[Any]], Any]]] = [
    (torch.Tensor, torch.stack),
    (bool, torch.BoolTensor),
    (int, torch.LongTensor),
    (float, torch.DoubleTensor),
    (str, list),
    (Mapping, _stack_mappings),
    (Sequence, _stack_sequences),
]


def default_stack(items: list[Any]) -> Any:
    """Find the first kind that the first item is of."""
    for kind, stack in _KINDS:
        if isinstance(items[0], kind):
            return stack(items)
    raise TypeError(f"{type(items[0])} is not known")


class MiniLoader:
    """The items of an epoch come one by one; a full batch is given on."""

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
        self.dataset = dataset
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.drop_last = drop_last
        self.collate = collate_fn or default_stack
        self.generator = generator
        len(self)  # refuses a wrong batch_size

    def __len__(self) -> int:
        """Return the number of batches."""
        return count_batches(len(self.dataset), self.batch_size, drop_last=self.drop_last)

    def __iter__(self) -> Iterator[Any]:
        """Collect items and give them on when there are enough."""
        batch: list[Any] = []
        for i in self._order():
            batch.append(self.dataset[i])
            if len(batch) == self.batch_size:
                yield self.collate(batch)
                batch = []
        if batch and not self.drop_last:
            yield self.collate(batch)

    def _order(self) -> Iterable[int]:
        """Give each place a random number and sort by these."""
        n = len(self.dataset)
        if not self.shuffle:
            return range(n)
        keys = torch.rand(n, generator=self.generator, dtype=torch.float64).tolist()
        return sorted(range(n), key=keys.__getitem__)


def first_batch(loader: Iterable[Any]) -> Any:
    """Turn the end of an empty epoch into a ValueError."""
    try:
        return next(iter(loader))
    except StopIteration:
        raise ValueError("there is no first batch") from None


def torch_loader(loader: MiniLoader, num_workers: int = 0) -> DataLoader:
    """Hand the order over as torch's samplers."""
    sampler = None
    if loader.shuffle:
        sampler = RandomSampler(loader.dataset, generator=loader.generator)
    return DataLoader(
        loader.dataset,
        batch_size=loader.batch_size,
        sampler=sampler,
        drop_last=loader.drop_last,
        collate_fn=loader.collate,
        num_workers=num_workers,
        generator=loader.generator,
    )
