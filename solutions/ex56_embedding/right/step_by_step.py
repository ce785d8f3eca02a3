"""Another right solution: plain loops, a gradient of its own, windows with an iterator."""

from collections import deque
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn


class _Lookup(torch.autograd.Function):
    """A look-up that knows its way back."""

    @staticmethod
    def forward(ctx: Any, weight: Tensor, idx: Tensor, padding: int | None) -> Tensor:
        """Gather the rows."""
        ctx.save_for_backward(idx)
        ctx.rows, ctx.padding = len(weight), padding
        return weight[idx]

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor, None, None]:
        """Add up what belongs to a row, and forget the padding."""
        (idx,) = ctx.saved_tensors
        gradient = lookup_gradient(idx, upstream, ctx.rows).to_dense()
        if ctx.padding is not None:
            gradient[ctx.padding] = 0
        return gradient, None, None


class MyEmbedding(nn.Module):
    """A parameter and a function with its own gradient."""

    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(num_embeddings, embedding_dim))
        nn.init.normal_(self.weight)
        self.padding_idx = padding_idx
        if padding_idx is not None:
            self.weight.data[padding_idx] = 0

    def forward(self, idx: Tensor) -> Tensor:
        """Look at every index once."""
        for number in idx.flatten().tolist():
            if not 0 <= number < len(self.weight):
                raise IndexError(number)
        result: Tensor = _Lookup.apply(self.weight, idx, self.padding_idx)
        return result


def one_hot_lookup(idx: Tensor, table: Tensor) -> tuple[Tensor, Tensor]:
    """Write the ones into zeros."""
    rows = table.new_zeros(*idx.shape, len(table))
    rows = rows.scatter(-1, idx[..., None], 1.0)
    return rows, torch.einsum("...n,nk->...k", rows, table)


def lookup_gradient(idx: Tensor, upstream: Tensor, n: int) -> Tensor:
    """Ask for each row where it was looked up."""
    rows = sorted(set(idx.flatten().tolist()))
    sums = [upstream[idx == row].reshape(-1, upstream.shape[-1]).sum(0) for row in rows]
    values = torch.stack(sums) if sums else upstream.new_zeros(0, upstream.shape[-1])
    indices = torch.tensor([rows], dtype=torch.int64, device=idx.device)
    return torch.sparse_coo_tensor(indices, values, (n, upstream.shape[-1])).coalesce()


def bag_mean(table: Tensor, idx: Tensor, offsets: Tensor) -> Tensor:
    """Cut idx at the offsets; torch checks nothing here, so do it first."""
    starts = [int(start) for start in offsets]
    if starts != sorted(starts) or starts[0] or starts[-1] > len(idx):
        raise ValueError(f"impossible offsets {starts}")
    result = []
    for words in torch.tensor_split(idx, starts[1:]):
        if len(words):
            result.append(table[words].mean(dim=0))
        else:
            result.append(0 * table[:1].sum(dim=0))
    return torch.stack(result)


def build_vocab(sentences: Sequence[Sequence[str]], min_count: int = 1) -> dict[str, int]:
    """Take the most frequent of the words that are left, again and again."""
    text = [word for sentence in sentences for word in sentence]
    left = [word for word in dict.fromkeys(text) if word != "<unk>"]
    vocab = {"<unk>": 0}
    while left:
        word = max(left, key=text.count)
        left.remove(word)
        if text.count(word) < min_count:
            break
        vocab[word] = len(vocab)
    return vocab


def encode(sentences: Sequence[Sequence[str]], vocab: dict[str, int]) -> list[list[int]]:
    """Loops with a try."""
    result = []
    for sentence in sentences:
        numbers = []
        for word in sentence:
            try:
                numbers.append(vocab[word])
            except KeyError:
                numbers.append(vocab["<unk>"])
        result.append(numbers)
    return result


def windows(tokens: Sequence[Any], n: int = 3) -> list[tuple[tuple[Any, ...], Any]]:
    """A deque holds the last n tokens."""
    if n < 2:
        raise ValueError("an input and a target are two words")
    last: deque[Any] = deque(maxlen=n)
    result = []
    for token in tokens:
        last.append(token)
        if len(last) == n:
            *before, target = last
            result.append((tuple(before), target))
    return result


def training_pairs(
    sentences: Sequence[Sequence[str]], vocab: dict[str, int], n: int = 3
) -> tuple[Tensor, Tensor]:
    """Make the windows of words first, and number them afterwards."""
    inputs: list[list[int]] = []
    targets: list[int] = []
    for sentence in sentences:
        for words, target in windows(sentence, n):
            numbers, (last,) = encode([words, [target]], vocab)
            inputs.append(numbers)
            targets.append(last)
    if not inputs:
        return torch.empty(0, n - 1, dtype=torch.long), torch.empty(0, dtype=torch.long)
    return torch.tensor(inputs), torch.tensor(targets)
