"""Counts the centre among its own neighbours.

The slice from i - w to i + w contains place i. The vectors still learn the topics, so the training
looks right.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional


def cbow_pairs(tokens: Sequence[int], w: int) -> list[tuple[tuple[int, ...], int]]:
    """Return (the w words before and the w words after, the centre) for each full window."""
    return [
        ((*tokens[i - w : i], *tokens[i + 1 : i + w + 1]), tokens[i])
        for i in range(w, len(tokens) - w)
    ]


def skipgram_pairs(tokens: Sequence[int], w: int) -> list[tuple[int, int]]:
    """Return (centre, neighbour) for each neighbour at most w places away."""
    return [
        (tokens[i], tokens[j])
        for i in range(len(tokens))
        for j in range(max(0, i - w), min(len(tokens), i + w + 1))
    ]


class CBOW(nn.Module):
    """Guesses a word from the mean of its neighbours' vectors."""

    def __init__(self, vocab_size: int, dim: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, dim)
        nn.init.normal_(self.embedding.weight, std=0.1)
        self.output = nn.Linear(dim, vocab_size, bias=False)

    def forward(self, context: Tensor) -> Tensor:
        """Return the scores (B, V) of all words for contexts (B, 2w)."""
        return self.output(self.embedding(context).mean(1))


class SkipGramNS(nn.Module):
    """Tells true neighbours from drawn ones: skip-gram with negative sampling."""

    def __init__(self, vocab_size: int, dim: int) -> None:
        super().__init__()
        self.centre = nn.Embedding(vocab_size, dim)
        self.context = nn.Embedding(vocab_size, dim)
        nn.init.normal_(self.centre.weight, std=0.1)
        nn.init.normal_(self.context.weight, std=0.1)

    def forward(self, centre: Tensor, positive: Tensor, negatives: Tensor) -> Tensor:
        """Return the mean loss of the pairs (centre, positive) with their negatives (B, k)."""
        v = self.centre(centre)
        true = (self.context(positive) * v).sum(1)
        drawn = (self.context(negatives) @ v.unsqueeze(2)).squeeze(2)
        return -(functional.logsigmoid(true) + functional.logsigmoid(-drawn).sum(1)).mean()


def sample_negatives(
    positive: Tensor, k: int, counts: Tensor, generator: torch.Generator
) -> Tensor:
    """Draw for each positive word k other words, with probabilities as counts ** 0.75."""
    weights = counts.double().pow(0.75).repeat(len(positive), 1)
    weights.scatter_(1, positive.unsqueeze(1), 0)
    return torch.multinomial(weights, k, replacement=True, generator=generator)


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
    """Train a CBOW on the windows of all sentences and return it."""
    torch.manual_seed(seed)
    pairs = [pair for sentence in sentences for pair in cbow_pairs(sentence, w)]
    contexts = torch.tensor([context for context, _ in pairs])
    centres = torch.tensor([centre for _, centre in pairs])
    model = CBOW(vocab_size, dim)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for _ in range(epochs):
        for batch in torch.randperm(len(pairs)).split(batch_size):
            loss = functional.cross_entropy(model(contexts[batch]), centres[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model


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
    """Train a SkipGramNS on the pairs of all sentences and return it."""
    generator = torch.manual_seed(seed)
    pairs = torch.tensor([pair for sentence in sentences for pair in skipgram_pairs(sentence, w)])
    words = torch.tensor([word for sentence in sentences for word in sentence])
    counts = words.bincount(minlength=vocab_size)
    model = SkipGramNS(vocab_size, dim)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for _ in range(epochs):
        for batch in torch.randperm(len(pairs)).split(batch_size):
            centre, positive = pairs[batch].unbind(1)
            loss = model(centre, positive, sample_negatives(positive, k, counts, generator))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model


def nearest(word: str, table: Tensor, vocab: dict[str, int], n: int) -> list[tuple[str, float]]:
    """Return the n words whose vectors have the largest cosine with that of word."""
    cosines = functional.cosine_similarity(table[vocab[word]], table, dim=1).tolist()
    others = [(other, cosines[i]) for other, i in vocab.items() if other != word]
    return sorted(others, key=lambda pair: -pair[1])[:n]
