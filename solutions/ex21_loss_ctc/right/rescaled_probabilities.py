"""Another right solution: probabilities, rescaled after every frame, and products with a matrix."""

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor


def collapse(path: Sequence[int], blank: int = 0) -> list[int]:
    """Compare each symbol with the one before it."""
    before = [blank, *path]
    return [b for a, b in zip(before, path, strict=False) if b not in (a, blank)]


def fits(target: Sequence[int], T: int) -> bool:
    """Write the shortest path down, with its blanks, and measure it."""
    shortest: list[int | None] = []
    for label in target:
        if shortest and shortest[-1] == label:
            shortest.append(None)
        shortest.append(label)
    return len(shortest) <= T


def pack_targets(targets: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Fill two tensors of the right size."""
    lengths = torch.zeros(len(targets), dtype=torch.long)
    for n, target in enumerate(targets):
        lengths[n] = len(target)
    labels = torch.zeros(int(lengths.sum()), dtype=torch.long)
    place = 0
    for target in targets:
        for label in target:
            labels[place] = label
            place += 1
    return labels, lengths


def ctc_brute(log_probs: Tensor, target: Sequence[int], blank: int = 0) -> Tensor:
    """Look all paths up at once."""
    _check(target, blank)
    frames, symbols = log_probs.shape
    paths = torch.cartesian_prod(*[torch.arange(symbols)] * frames).reshape(-1, frames)
    says = torch.tensor([collapse(path, blank) == list(target) for path in paths.tolist()])
    scores = log_probs.gather(1, paths.t().to(log_probs.device)).sum(0)
    return -torch.logsumexp(scores[says.to(scores.device)], 0)


def ctc_forward(log_probs: Tensor, target: Sequence[int], blank: int = 0) -> Tensor:
    """Carry on how likely the states are among each other, and the logarithm of their sum."""
    _check(target, blank)
    states = [blank] * (2 * len(target) + 1)
    states[1::2] = target
    moves = log_probs.new_zeros(len(states), len(states))
    for s, symbol in enumerate(states):
        moves[s, s] = 1
        if s >= 1:
            moves[s - 1, s] = 1
        if s >= 2 and symbol not in (blank, states[s - 2]):
            moves[s - 2, s] = 1
    if not fits(target, log_probs.shape[0]):
        return log_probs.new_full((), float("inf"))
    loss = log_probs.new_zeros(())
    reached = torch.zeros_like(moves[0])
    reached[0] = 1
    for row in log_probs:
        # The largest is taken out first: even a sum of probabilities may be too small for float32.
        emitted = row[states]
        ways = reached @ moves
        top = emitted[ways > 0].detach().max()
        reached = ways * (emitted - top).exp()
        loss = loss - reached.sum().log() - top
        reached = reached / reached.sum()
    return loss - reached[-2:].sum().log()


def ctc_loss(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: Tensor,
    target_lengths: Tensor,
    blank: int = 0,
    reduction: str = "mean",
    *,
    zero_infinity: bool = False,
) -> Tensor:
    """Unpad the targets first; then one formula for every reduction."""
    if targets.ndim == 2:
        rows = list(targets)
    else:
        ends = target_lengths.cumsum(0).tolist()
        rows = [targets[a:b] for a, b in itertools.pairwise([0, *ends])]
    reduce = {
        "none": lambda losses: losses,
        "sum": torch.sum,
        "mean": lambda losses: torch.mean(losses / target_lengths.clip(min=1)),
    }.get(reduction)
    if reduce is None:
        raise ValueError(f"unknown reduction {reduction}")
    losses = log_probs.new_zeros(len(rows))
    for n, row in enumerate(rows):
        target = [int(label) for label in row[: target_lengths[n]]]
        frames = int(input_lengths[n])
        if not zero_infinity or fits(target, frames):
            losses[n] = ctc_forward(log_probs.select(1, n)[:frames], target, blank)
    return reduce(losses)


def _check(target: Sequence[int], blank: int) -> None:
    if list(target).count(blank):
        raise ValueError("the target holds a blank")
