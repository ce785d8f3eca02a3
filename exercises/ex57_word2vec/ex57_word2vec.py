"""Exercise ex57_word2vec: word vectors from neighbours, after Mikolov and others, 2013.

Words are numbers from 0 to V - 1, in tensors int64. Tables of vectors are float32 or float64, and
results have their dtype. Add the imports that you need.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


def cbow_pairs(tokens: Sequence[int], w: int) -> list[tuple[tuple[int, ...], int]]:
    """Return (context, centre) for each word that has w words on both sides, in their order.

    tokens: one sentence. w >= 1. context: a tuple of 2w words, those before the centre and then
    those after it, as they stand. Words too near to a border are no centre, so a sentence of
    fewer than 2w + 1 words gives no pair.
    """
    raise NotImplementedError


def skipgram_pairs(tokens: Sequence[int], w: int) -> list[tuple[int, int]]:
    """Return (centre, neighbour) for each neighbour at most w places away, in their order.

    tokens: one sentence. w >= 1. Here every word is a centre; near a border it has fewer
    neighbours. All pairs of the first centre come first, each centre's neighbours from left to
    right. A place is not its own neighbour, but an equal word at another place is.
    """
    raise NotImplementedError


class CBOW(nn.Module):
    """Guesses a word from the mean of its neighbours' vectors.

    `embedding` is an nn.Embedding(vocab_size, dim) whose first values are drawn from a normal
    distribution with mean 0 and standard deviation 0.1. `output` is an nn.Linear(dim, vocab_size)
    without a bias, with PyTorch's own first values. Nothing else has parameters.
    """

    def __init__(self, vocab_size: int, dim: int) -> None:
        """Make the layers."""
        super().__init__()
        raise NotImplementedError

    def forward(self, context: Tensor) -> Tensor:
        """Return the scores (B, V) of all words for contexts (B, 2w).

        Scores are output(mean of the vectors of the context): no softmax behind them. A word that
        stands in a context twice counts twice.
        """
        raise NotImplementedError


class SkipGramNS(nn.Module):
    """Tells true neighbours from drawn ones: skip-gram with negative sampling.

    `centre` and `context` are each an nn.Embedding(vocab_size, dim): every word has a vector as a
    centre and another one as a neighbour. First values: as those of CBOW.embedding. Nothing else
    has parameters.
    """

    def __init__(self, vocab_size: int, dim: int) -> None:
        """Make the two tables."""
        super().__init__()
        raise NotImplementedError

    def forward(self, centre: Tensor, positive: Tensor, negatives: Tensor) -> Tensor:
        """Return the mean loss of B pairs, a 0-d tensor.

        centre, positive: (B,), the pairs. negatives: (B, k), for each pair k words that were drawn.
        With v the vector of the centre, u that of the positive word and n that of a negative one
        (both from `context`), the loss of a pair is
        -log(sigmoid(u . v)) - sum over its negatives of log(sigmoid(-n . v)).
        It stays finite where these products are large, +-1000 for instance, and so do gradients.
        """
        raise NotImplementedError


def sample_negatives(
    positive: Tensor, k: int, counts: Tensor, generator: torch.Generator
) -> Tensor:
    """Draw for each positive word k other words, independently and with repetition.

    positive: (B,). counts: int64 (V,), how often each word occurs in the text. The probability of
    a word is proportional to counts ** 0.75 among the words other than the positive one, which is
    never drawn for its row; nor is a word with the count 0. At least one word can be drawn for
    each row; k may be larger than V. Everything is on one device, the generator too.
    Returns int64 (B, k). All randomness comes from generator: from the same state it gives the same
    words. torch's global random numbers are left alone.
    """
    raise NotImplementedError


def fit_cbow(
    sentences: Sequence[Sequence[int]],
    vocab_size: int,
    *,
    dim: int = 8,
    w: int = 2,
    epochs: int = 5,
    batch_size: int = 256,
    lr: float = 0.05,
    seed: int = 0,
) -> CBOW:
    """Train a new CBOW(vocab_size, dim) on all pairs of cbow_pairs and return it.

    Pairs never reach from one sentence into the next; some sentences may be too short for one,
    but not all. Each epoch goes through all pairs once, in a new random order, in batches of
    batch_size; the last batch may be smaller. Each batch is one step of torch.optim.Adam with the
    rate lr, otherwise its defaults, along the gradient of the mean cross entropy of the batch.
    Everything is on the CPU. First values and orders depend on seed and on nothing else.
    """
    raise NotImplementedError


def fit_skipgram(
    sentences: Sequence[Sequence[int]],
    vocab_size: int,
    *,
    dim: int = 8,
    w: int = 2,
    k: int = 5,
    epochs: int = 5,
    batch_size: int = 256,
    lr: float = 0.05,
    seed: int = 0,
) -> SkipGramNS:
    """Train a new SkipGramNS(vocab_size, dim) on all pairs of skipgram_pairs and return it.

    As fit_cbow; the loss of a batch is the model's own, with k new negatives for each pair in each
    epoch, drawn with the counts of all words of the sentences.

    Speed counts: a training is timed beside a plain solution on the same machine. Up to 3 times
    its time earns all points of that check, up to 8 times half of them, more than that none. The
    vectors of `centre` must have learned as well: the text is about several topics, each with words
    of its own, and words of one topic must have a mean cosine that is larger than that of words of
    different topics by 0.4 at least.
    """
    raise NotImplementedError


def nearest(word: str, table: Tensor, vocab: dict[str, int], n: int) -> list[tuple[str, float]]:
    """Return the n words whose vectors have the largest cosine with that of word.

    table: (V, K). vocab: the row of each word, for all V words. Vectors differ in length, and the
    cosine with a vector of zeros is 0.
    Returns (word, cosine) in falling order of the cosine, which is a Python float; never word
    itself. If n is larger than V - 1, there are V - 1. Raises KeyError for a word not in vocab.
    """
    raise NotImplementedError
