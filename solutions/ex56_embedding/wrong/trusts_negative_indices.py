"""Leaves the errors to indexing, which takes negative indices without a word.

weight[7] raises IndexError by itself where there are five rows, so the student saw no need for a test.
weight[-1] is the last row. Every public check passes.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import chain, pairwise
from typing import Any

import torch
from torch import Tensor, nn


class MyEmbedding(nn.Module):
    """A table that learns: nn.Embedding, written by hand."""

    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None
    ) -> None:
        super().__init__()
        self.padding_idx = padding_idx
        self.weight = nn.Parameter(torch.randn(num_embeddings, embedding_dim))
        if padding_idx is not None:
            nn.init.zeros_(self.weight[padding_idx])

    def forward(self, idx: Tensor) -> Tensor:
        """Return for each index its row of weight."""
        vectors = self.weight[idx]
        if self.padding_idx is None:
            return vectors
        return torch.where((idx == self.padding_idx)[..., None], vectors.detach(), vectors)


def one_hot_lookup(idx: Tensor, table: Tensor) -> tuple[Tensor, Tensor]:
    """Look rows up by a matrix product; return (rows, vectors)."""
    rows = nn.functional.one_hot(idx, len(table)).to(table.dtype)
    return rows, rows @ table


def lookup_gradient(idx: Tensor, upstream: Tensor, n: int) -> Tensor:
    """Return the gradient that a table of n rows receives from a look-up, as a sparse tensor."""
    values = upstream.reshape(idx.numel(), upstream.shape[-1])
    return torch.sparse_coo_tensor(idx.reshape(1, -1), values, (n, values.shape[1])).coalesce()


def bag_mean(table: Tensor, idx: Tensor, offsets: Tensor) -> Tensor:
    """Return the mean vector of each bag of words, as nn.EmbeddingBag with mode="mean"."""
    borders = [*offsets.tolist(), len(idx)]
    bags = list(pairwise(borders))
    if borders[0] != 0 or any(start > end for start, end in bags):
        raise ValueError(f"offsets must go up from 0 to at most {len(idx)}")
    return torch.stack([table[idx[a:b]].sum(0) / max(b - a, 1) for a, b in bags])


def build_vocab(sentences: Sequence[Sequence[str]], min_count: int = 1) -> dict[str, int]:
    """Number the words: {"<unk>": 0, the most frequent word: 1, ...}."""
    counts = Counter(chain.from_iterable(sentences))
    del counts["<unk>"]
    known = [word for word, count in counts.most_common() if count >= min_count]
    return {word: number for number, word in enumerate(["<unk>", *known])}


def encode(sentences: Sequence[Sequence[str]], vocab: dict[str, int]) -> list[list[int]]:
    """Return for each sentence the numbers of its words; unknown words have vocab["<unk>"]."""
    return [[vocab.get(word, vocab["<unk>"]) for word in sentence] for sentence in sentences]


def windows(tokens: Sequence[Any], n: int = 3) -> list[tuple[tuple[Any, ...], Any]]:
    """Slide a window of n tokens along one sentence: [(the first n - 1, the last), ...]."""
    if n < 2:
        raise ValueError(f"a window needs an input and a target, {n} is too few")
    ends = range(n - 1, len(tokens))
    return [(tuple(tokens[end - n + 1 : end]), tokens[end]) for end in ends]


def training_pairs(
    sentences: Sequence[Sequence[str]], vocab: dict[str, int], n: int = 3
) -> tuple[Tensor, Tensor]:
    """Return (inputs, targets): the windows of all sentences in numbers, in their order."""
    pairs = [pair for sentence in encode(sentences, vocab) for pair in windows(sentence, n)]
    inputs = torch.tensor([words for words, _ in pairs], dtype=torch.int64)
    targets = torch.tensor([target for _, target in pairs], dtype=torch.int64)
    return inputs.reshape(len(pairs), n - 1), targets
