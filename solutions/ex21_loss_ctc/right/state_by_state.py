"""Another right solution: a table of states in which those that no path reaches are left out."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor


def collapse(path: Sequence[int], blank: int = 0) -> list[int]:
    """Append a symbol whenever it differs from the one before and is no blank."""
    said, before = [], None
    for symbol in path:
        if symbol not in (before, blank):
            said.append(symbol)
        before = symbol
    return said


def fits(target: Sequence[int], T: int) -> bool:
    """Count frame by frame."""
    frames = 0
    for i, label in enumerate(target):
        frames += 2 if i > 0 and target[i - 1] == label else 1
    return frames <= T


def pack_targets(targets: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Join tensors of integers."""
    parts = [torch.tensor(target).long() for target in targets]
    lengths = torch.tensor([len(part) for part in parts]).long()
    return torch.cat([torch.zeros(0).long(), *parts]), lengths


def ctc_brute(log_probs: Tensor, target: Sequence[int], blank: int = 0) -> Tensor:
    """Grow all paths frame by frame, and add the probabilities of those that say the target."""
    if blank in target:
        raise ValueError("blank in the target")
    paths = [((), log_probs.new_zeros(()))]
    for row in log_probs:
        paths = [((*path, c), p + row[c]) for path, p in paths for c in range(len(row))]
    total = log_probs.new_zeros(())
    for path, p in paths:
        if collapse(path, blank) == list(target):
            total = total + p.exp()
    return -total.log()


def ctc_forward(log_probs: Tensor, target: Sequence[int], blank: int = 0) -> Tensor:
    """Keep the log-probabilities of the states that are reached in a dict."""
    if any(label == blank for label in target):
        raise ValueError("blank in the target")
    states = [blank]
    for label in target:
        states.extend((label, blank))
    alpha = {s: log_probs[0, states[s]] for s in range(min(2, len(states)))}
    for t in range(1, log_probs.shape[0]):
        beyond = {}
        for s, symbol in enumerate(states):
            ways = [s, s - 1]
            if symbol != blank and s > 1 and states[s - 2] != symbol:
                ways.append(s - 2)
            found = [alpha[way] for way in ways if way in alpha]
            if found:
                beyond[s] = torch.logsumexp(torch.stack(found), 0) + log_probs[t, symbol]
        alpha = beyond
    ends = [alpha[s] for s in (len(states) - 1, len(states) - 2) if s in alpha]
    if not ends:
        return torch.full((), math.inf, dtype=log_probs.dtype, device=log_probs.device)
    return -torch.logsumexp(torch.stack(ends), 0)


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
    """Walk through the batch with a place in the packed targets."""
    losses, place = [], 0
    for n in range(log_probs.shape[1]):
        length = int(target_lengths[n])
        if targets.dim() == 2:
            target = targets[n, :length]
        else:
            target = targets[place : place + length]
            place += length
        loss = ctc_forward(log_probs[: int(input_lengths[n]), n], target.tolist(), blank)
        if zero_infinity and loss == math.inf:
            loss = torch.zeros_like(loss)
        losses.append(loss)
    if reduction == "mean":
        shares = [loss / max(int(s), 1) for loss, s in zip(losses, target_lengths, strict=True)]
        return sum(shares) / len(shares)
    if reduction == "sum":
        return sum(losses)
    if reduction != "none":
        raise ValueError(reduction)
    return torch.stack(losses)
