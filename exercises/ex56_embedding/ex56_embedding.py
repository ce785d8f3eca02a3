"""Exercise ex56_embedding: tables of word vectors, and the data from which they are learned.

A table has N rows of K numbers, float32 or float64: row i is the vector of word i. Indices are
int64, from 0 to N - 1, and on the table's device; except where IndexError is promised, none lies
outside. Results have the dtype of the table (or of upstream) and stay on its device. Tensors need
not be contiguous. A sentence is a list of words, as str.split() gives them.

Add the imports that you need.
"""

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn


class MyEmbedding(nn.Module):
    """A table that learns: nn.Embedding, written by hand.

    The only parameter is `weight`, (num_embeddings, embedding_dim), float32. Its first values are
    drawn from the standard normal distribution, with torch's global generator.
    padding_idx names the row of a word that stands for nothing and only fills up short sentences.
    That row starts as zeros and always receives the gradient 0; when it is looked up, its numbers
    are returned as they are. With None, every row learns.
    """

    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None
    ) -> None:
        """Make the table. padding_idx is None or a row, 0 to num_embeddings - 1."""
        super().__init__()
        raise NotImplementedError

    def forward(self, idx: Tensor) -> Tensor:
        """Return for each index its row of weight: idx.shape + (embedding_dim,).

        idx: int64 of any shape, with no dimension or no element as well. A row that idx names
        several times receives the sum of the gradients.
        Raises IndexError when an index is num_embeddings or larger, and when one is negative.
        """
        raise NotImplementedError


def one_hot_lookup(idx: Tensor, table: Tensor) -> tuple[Tensor, Tensor]:
    """Look rows up by a matrix product; return (rows, vectors).

    idx: int64 of any shape. table: (N, K).
    rows: idx.shape + (N,), in the table's dtype: for each index 1 at its place, 0 elsewhere.
    vectors: rows @ table, idx.shape + (K,); gradients reach the table.
    It also runs on the meta device, where tensors have shapes but no numbers.
    """
    raise NotImplementedError


def lookup_gradient(idx: Tensor, upstream: Tensor, n: int) -> Tensor:
    """Return the gradient that a table of n rows receives from a look-up, as a sparse tensor.

    idx: int64 of any shape. upstream: idx.shape + (K,), the gradient of the loss with respect to
    the vectors that were looked up. Row i of the gradient is the sum of upstream over all places
    with the index i.
    Returns a sparse COO tensor (n, K), coalesced: its indices() are (1, R), the R different rows
    that idx names, ascending; its values() are (R, K), their gradients. R may be 0.
    """
    raise NotImplementedError


def bag_mean(table: Tensor, idx: Tensor, offsets: Tensor) -> Tensor:
    """Return the mean vector of each bag of words, as nn.EmbeddingBag with mode="mean".

    table: (N, K). idx: int64 (L,), the words of all bags, one bag after the other. offsets: int64
    (B,), B >= 1: where each bag begins. Bag b ends where bag b + 1 begins, the last one with idx.
    Returns (B, K). The mean of an empty bag is a vector of zeros. Gradients reach the table.
    Raises ValueError when offsets do not begin with 0, go down anywhere, or exceed L.
    """
    raise NotImplementedError


def build_vocab(sentences: Sequence[Sequence[str]], min_count: int = 1) -> dict[str, int]:
    """Number the words: {"<unk>": 0, the most frequent word: 1, ...}.

    Index 0 stands for every unknown word. Words that occur at least min_count times in all
    sentences together follow, more frequent ones first; of equally frequent ones that which
    comes first in the text. The dict has its words in the order of their numbers. A "<unk>" that
    stands in the text keeps the number 0 and no other.
    """
    raise NotImplementedError


def encode(sentences: Sequence[Sequence[str]], vocab: dict[str, int]) -> list[list[int]]:
    """Return for each sentence the numbers of its words; unknown words have vocab["<unk>"]."""
    raise NotImplementedError


def windows(tokens: Sequence[Any], n: int = 3) -> list[tuple[tuple[Any, ...], Any]]:
    """Slide a window of n tokens along one sentence: [(the first n - 1, the last), ...].

    tokens: a list of words or of numbers. A list of fewer than n has no window.
    Raises ValueError when n is less than 2.
    """
    raise NotImplementedError


def training_pairs(
    sentences: Sequence[Sequence[str]], vocab: dict[str, int], n: int = 3
) -> tuple[Tensor, Tensor]:
    """Return (inputs, targets): the windows of all sentences in numbers, in their order.

    inputs: int64 (M, n - 1). targets: int64 (M,). A window never reaches from one sentence into
    the next; sentences shorter than n give none. M may be 0, and n is at least 2.
    """
    raise NotImplementedError
