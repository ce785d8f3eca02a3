"""Another right solution: negatives are drawn again where they hit, batches by a loader."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset


def cbow_pairs(tokens: Sequence[int], w: int) -> list[tuple[tuple[int, ...], int]]:
    """Shift the sentence 2w + 1 times; zip ends where the last shift ends."""
    shifted = zip(*(tokens[shift:] for shift in range(2 * w + 1)), strict=False)
    return [(window[:w] + window[w + 1 :], window[w]) for window in shifted]


def skipgram_pairs(tokens: Sequence[int], w: int) -> list[tuple[int, int]]:
    """Go through the distances from -w to w."""
    pairs = []
    for place, centre in enumerate(tokens):
        places = [place + distance for distance in [*range(-w, 0), *range(1, w + 1)]]
        pairs += [(centre, tokens[p]) for p in places if 0 <= p < len(tokens)]
    return pairs


class CBOW(nn.Module):
    """Written with matrix products."""

    def __init__(self, vocab_size: int, dim: int) -> None:
        super().__init__()
        self.output = nn.Linear(dim, vocab_size, bias=False)
        self.embedding = nn.Embedding.from_pretrained(
            0.1 * torch.randn(vocab_size, dim), freeze=False
        )

    def forward(self, context: Tensor) -> Tensor:
        """Add up the vectors word by word."""
        total = sum(self.embedding(words) for words in context.unbind(1))
        return total / context.shape[1] @ self.output.weight.t()


class SkipGramNS(nn.Module):
    """The positive word and the negatives in one look-up."""

    def __init__(self, vocab_size: int, dim: int) -> None:
        super().__init__()
        for name in ("centre", "context"):
            table = nn.Embedding(vocab_size, dim)
            table.weight.data.mul_(0.1)
            self.add_module(name, table)

    def forward(self, centre: Tensor, positive: Tensor, negatives: Tensor) -> Tensor:
        """Turn the sign of all but the first product; softplus(-x) is -log(sigmoid(x))."""
        words = torch.cat([positive[:, None], negatives], dim=1)
        products = torch.einsum("bd,bkd->bk", self.centre(centre), self.context(words))
        signs = torch.full_like(products, 1.0)
        signs[:, 0] = -1.0
        return nn.functional.softplus(signs * products).sum() / len(centre)


def sample_negatives(
    positive: Tensor, k: int, counts: Tensor, generator: torch.Generator
) -> Tensor:
    """Draw from all words, and draw anew wherever the positive one came."""
    chances = counts.to(torch.float64) ** 0.75
    drawn = positive[:, None].repeat(1, k)
    while (hit := drawn == positive[:, None]).any():
        number = int(hit.sum())
        drawn[hit] = torch.multinomial(chances, number, replacement=True, generator=generator)
    return drawn


def _batches(
    columns: Sequence[Tensor], epochs: int, size: int, seed: int
) -> Iterator[tuple[Tensor, ...]]:
    order = torch.Generator().manual_seed(seed)
    for _ in range(epochs):
        places = torch.randperm(len(columns[0]), generator=order)
        for start in range(0, len(places), size):
            yield tuple(column[places[start : start + size]] for column in columns)


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
    """Use a DataLoader, which takes whole batches of places from a sampler."""
    torch.manual_seed(seed)
    model = CBOW(vocab_size, dim)
    pairs = chain.from_iterable(cbow_pairs(sentence, w) for sentence in sentences)
    contexts, centres = zip(*pairs, strict=True)
    data = TensorDataset(torch.tensor(contexts), torch.tensor(centres))
    loader = DataLoader(
        data, batch_size, shuffle=True, generator=torch.Generator().manual_seed(seed)
    )
    optimizer, criterion = torch.optim.Adam(model.parameters(), lr), nn.CrossEntropyLoss()
    for _ in range(epochs):
        for context, centre in loader:
            optimizer.zero_grad()
            criterion(model(context), centre).backward()
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
    """Count with a Counter, and go through batches of a generator of its own."""
    torch.manual_seed(seed)
    model = SkipGramNS(vocab_size, dim)
    frequency = Counter(word for sentence in sentences for word in sentence)
    counts = torch.tensor([frequency[word] for word in range(vocab_size)])
    generator = torch.Generator().manual_seed(seed + 1)
    pairs = torch.tensor([pair for sentence in sentences for pair in skipgram_pairs(sentence, w)])
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for centre, positive in _batches(pairs.unbind(1), epochs, batch_size, seed):
        negatives = sample_negatives(positive, k, counts, generator)
        optimizer.zero_grad()
        model(centre, positive, negatives).backward()
        optimizer.step()
    return model


def nearest(word: str, table: Tensor, vocab: dict[str, int], n: int) -> list[tuple[str, float]]:
    """Normalise all vectors, and let topk sort."""
    unit = nn.functional.normalize(table, dim=1)
    cosines = unit @ unit[vocab[word]]
    cosines[vocab[word]] = -2.0
    words = {row: name for name, row in vocab.items()}
    values, rows = cosines.topk(min(n, len(vocab) - 1))
    return [(words[row], value) for row, value in zip(rows.tolist(), values.tolist(), strict=True)]
