"""Another right solution: gradients from autograd.grad, negatives by searching in running sums."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn


def cbow_pairs(tokens: Sequence[int], w: int) -> list[tuple[tuple[int, ...], int]]:
    """Take the centre out of each full window."""
    pairs = []
    for start in range(len(tokens) - 2 * w):
        window = list(tokens[start : start + 2 * w + 1])
        centre = window.pop(w)
        pairs.append((tuple(window), centre))
    return pairs


def skipgram_pairs(tokens: Sequence[int], w: int) -> list[tuple[int, int]]:
    """Put the words before and the words after a centre together."""
    pairs: list[tuple[int, int]] = []
    for i, centre in enumerate(tokens):
        before, after = tokens[max(i - w, 0) : i], tokens[i + 1 : i + 1 + w]
        pairs.extend((centre, neighbour) for part in (before, after) for neighbour in part)
    return pairs


class CBOW(nn.Module):
    """The bag is made by torch itself."""

    def __init__(self, vocab_size: int, dim: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, dim, _weight=torch.empty(vocab_size, dim))
        self.embedding.weight.data.normal_(0.0, 0.1)
        self.output = nn.Linear(dim, vocab_size, bias=False)

    def forward(self, context: Tensor) -> Tensor:
        """Return the scores of mean vectors."""
        means = nn.functional.embedding_bag(context, self.embedding.weight, mode="mean")
        return nn.functional.linear(means, self.output.weight)


class SkipGramNS(nn.Module):
    """The binary cross entropy is this loss."""

    def __init__(self, vocab_size: int, dim: int) -> None:
        super().__init__()
        self.context = nn.Embedding(vocab_size, dim)
        self.centre = nn.Embedding(vocab_size, dim)
        with torch.no_grad():
            for table in self.parameters():
                table.normal_(std=0.1)

    def forward(self, centre: Tensor, positive: Tensor, negatives: Tensor) -> Tensor:
        """Label true pairs with 1 and drawn ones with 0."""
        vectors = self.centre(centre)
        u, n = self.context(positive), self.context(negatives)
        scores = torch.cat([(u * vectors).sum(1, keepdim=True), (n * vectors[:, None]).sum(2)], 1)
        labels = torch.zeros_like(scores)
        labels[:, :1] = 1
        losses = nn.functional.binary_cross_entropy_with_logits(scores, labels, reduction="none")
        return losses.sum(dim=1).mean()


def sample_negatives(
    positive: Tensor, k: int, counts: Tensor, generator: torch.Generator
) -> Tensor:
    """Search even numbers in the running sums of the weights, with the positive one cut out."""
    weights = torch.sqrt(counts.double()) * counts.double() ** 0.25
    ends = weights.cumsum(0)
    size = weights[positive][:, None]
    even = torch.rand(
        len(positive), k, dtype=torch.float64, device=counts.device, generator=generator
    )
    places = even * (ends[-1] - size)
    begin = (ends[positive] - weights[positive])[:, None]
    places = torch.where(places < begin, places, places + size)
    return torch.searchsorted(ends, places, right=True).clamp(max=len(counts) - 1)


def _train(
    model: nn.Module,
    count: int,
    loss_of: Callable[[Tensor], Tensor],
    epochs: int,
    size: int,
    lr: float,
) -> None:
    parameters = list(model.parameters())
    optimizer = torch.optim.Adam(parameters, lr=lr)
    for _ in range(epochs):
        for places in torch.randperm(count).split(size):
            gradients = torch.autograd.grad(loss_of(places), parameters)
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter.grad = gradient
            optimizer.step()


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
    """Cut the windows out of tensors."""
    torch.manual_seed(seed)
    long = [torch.tensor(sentence) for sentence in sentences if len(sentence) > 2 * w]
    rows = torch.cat([sentence.unfold(0, 2 * w + 1, 1) for sentence in long])
    around = [place for place in range(2 * w + 1) if place != w]
    contexts, centres = rows[:, around], rows[:, w]
    model = CBOW(vocab_size, dim)

    def loss_of(places: Tensor) -> Tensor:
        logs = model(contexts[places]).log_softmax(dim=1)
        return nn.functional.nll_loss(logs, centres[places])

    _train(model, len(rows), loss_of, epochs, batch_size, lr)
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
    """Count by adding ones."""
    torch.manual_seed(seed)
    generator = torch.Generator()
    generator.manual_seed(seed)
    counts = torch.zeros(vocab_size, dtype=torch.int64)
    centres: list[int] = []
    neighbours: list[int] = []
    for sentence in sentences:
        for word in sentence:
            counts[word] += 1
        for centre, neighbour in skipgram_pairs(sentence, w):
            centres.append(centre)
            neighbours.append(neighbour)
    centre, neighbour = torch.tensor(centres), torch.tensor(neighbours)
    model = SkipGramNS(vocab_size, dim)

    def loss_of(places: Tensor) -> Tensor:
        positive = neighbour[places]
        negatives = sample_negatives(positive, k, counts, generator)
        loss: Tensor = model(centre[places], positive, negatives)
        return loss

    _train(model, len(centres), loss_of, epochs, batch_size, lr)
    return model


def nearest(word: str, table: Tensor, vocab: dict[str, int], n: int) -> list[tuple[str, float]]:
    """Compare word by word."""
    if word not in vocab:
        raise KeyError(word)
    own = table[vocab[word]]
    found = []
    for other in vocab.keys() - {word}:
        vector = table[vocab[other]]
        length = (own.norm() * vector.norm()).item()
        found.append(((own @ vector).item() / length if length else 0.0, other))
    found.sort(reverse=True)
    return [(other, cosine) for cosine, other in found[:n]]
