"""Another right solution: no loops over bags, a table of two halves, shifted lists for windows."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn


class MyEmbedding(nn.Module):
    """The table is put together of rows that learn and rows that do not."""

    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None
    ) -> None:
        super().__init__()
        self.padding = -1 if padding_idx is None else padding_idx
        first = torch.empty(num_embeddings, embedding_dim).normal_()
        first[torch.arange(num_embeddings) == self.padding] = 0
        self.weight = nn.Parameter(first)

    def forward(self, idx: Tensor) -> Tensor:
        """Compare the smallest and the largest index."""
        flat = idx.reshape(-1)
        if flat.numel() and (int(flat.min()) < 0 or int(flat.max()) >= self.weight.size(0)):
            raise IndexError("no such row")
        learns = torch.arange(self.weight.size(0), device=flat.device) != self.padding
        table = torch.where(learns[:, None], self.weight, self.weight.detach())
        return table.index_select(0, flat).unflatten(0, idx.shape) if idx.dim() else table[flat[0]]


def one_hot_lookup(idx: Tensor, table: Tensor) -> tuple[Tensor, Tensor]:
    """Compare each index with all row numbers."""
    numbers = torch.arange(table.size(0), device=table.device)
    rows = idx.unsqueeze(-1).eq(numbers).type(table.dtype)
    return rows, torch.matmul(rows, table)


def lookup_gradient(idx: Tensor, upstream: Tensor, n: int) -> Tensor:
    """Add up first, and make a sparse tensor of what has become of it."""
    rows, places = idx.reshape(-1).unique(return_inverse=True)
    flat = upstream.reshape(places.numel(), upstream.shape[-1])
    values = flat.new_zeros(len(rows), flat.shape[1]).index_add_(0, places, flat)
    return torch.sparse_coo_tensor(rows[None], values, (n, flat.shape[1]), is_coalesced=True)


def bag_mean(table: Tensor, idx: Tensor, offsets: Tensor) -> Tensor:
    """Find for each word the bag that it lies in, then add all words at once."""
    total = torch.tensor([len(idx)], device=offsets.device)
    lengths = torch.cat([offsets, total]).diff()
    if offsets[0] != 0 or (lengths < 0).any():
        raise ValueError("these are no beginnings of bags")
    bag = torch.arange(len(lengths), device=table.device).repeat_interleave(lengths)
    sums = table.new_zeros(len(lengths), table.shape[1]).index_add(0, bag, table[idx])
    return sums / lengths.clamp(min=1).unsqueeze(1)


def build_vocab(sentences: Sequence[Sequence[str]], min_count: int = 1) -> dict[str, int]:
    """Count by hand; sort by two keys, the second one being the first place."""
    text = [word for sentence in sentences for word in sentence if word != "<unk>"]
    counts: dict[str, int] = {}
    for word in text:
        counts[word] = counts.get(word, 0) + 1
    first = {word: place for place, word in reversed(list(enumerate(text)))}
    words = sorted(counts, key=lambda word: (-counts[word], first[word]))
    vocab = {"<unk>": 0}
    for word in words:
        if counts[word] >= min_count:
            vocab[word] = len(vocab)
    return vocab


def encode(sentences: Sequence[Sequence[str]], vocab: dict[str, int]) -> list[list[int]]:
    """Let a dict of its own know the unknown words."""
    known = defaultdict(lambda: vocab["<unk>"], vocab)
    return [list(map(known.__getitem__, sentence)) for sentence in sentences]


def windows(tokens: Sequence[Any], n: int = 3) -> list[tuple[tuple[Any, ...], Any]]:
    """Lay n shifted copies of the list side by side; zip ends with the shortest."""
    if n <= 1:
        raise ValueError("n must be 2 or more")
    shifted = [tokens[shift:] for shift in range(n)]
    return [(group[:-1], group[-1]) for group in zip(*shifted, strict=False)]


def training_pairs(
    sentences: Sequence[Sequence[str]], vocab: dict[str, int], n: int = 3
) -> tuple[Tensor, Tensor]:
    """Let every sentence unfold itself."""
    numbers = [torch.tensor(line, dtype=torch.int64) for line in encode(sentences, vocab)]
    parts = [line.unfold(0, n, 1) for line in numbers if len(line) >= n]
    rows = torch.cat([torch.zeros(0, n, dtype=torch.int64), *parts])
    return rows[:, : n - 1], rows[:, n - 1]
