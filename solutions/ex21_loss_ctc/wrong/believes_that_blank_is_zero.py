"""Writes 0 for the blank into the list of states, whatever the argument says.

Nearly every example has its blank at 0.
"""

import itertools
import math
from collections.abc import Sequence

import torch
from torch import Tensor

_NEVER = -1e30  # finite: the gradient of a logsumexp over nothing but -inf is nan


def collapse(path: Sequence[int], blank: int = 0) -> list[int]:
    """Return what a path says: merge equal neighbours first, then drop the blanks."""
    return [label for label, _ in itertools.groupby(path) if label != blank]


def fits(target: Sequence[int], T: int) -> bool:
    """Return whether any path of T frames says the target."""
    return len(target) + sum(a == b for a, b in itertools.pairwise(target)) <= T


def pack_targets(targets: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Return all targets one after the other as one tensor, and their lengths."""
    labels = list(itertools.chain.from_iterable(targets))
    lengths = [len(target) for target in targets]
    return torch.tensor(labels, dtype=torch.int64), torch.tensor(lengths, dtype=torch.int64)


def ctc_brute(log_probs: Tensor, target: Sequence[int], blank: int = 0) -> Tensor:
    """Return -log of the probability of the target, by trying all C**T paths."""
    _refuse_blank(target, blank)
    frames, symbols = log_probs.shape
    scores = [
        log_probs[range(frames), path].sum()
        for path in itertools.product(range(symbols), repeat=frames)
        if collapse(path, blank) == list(target)
    ]
    return -torch.stack(scores).logsumexp(0) if scores else log_probs.new_tensor(math.inf)


def ctc_forward(log_probs: Tensor, target: Sequence[int], blank: int = 0) -> Tensor:
    """Return the same as ctc_brute in about T * S steps, by the forward recursion."""
    _refuse_blank(target, blank)
    if not fits(target, len(log_probs)):
        return log_probs.new_tensor(math.inf)
    states = [0]
    for label in target:
        states += [label, 0]
    # A state may be reached from the one two before it, unless that is the same symbol.
    closed = [_NEVER * (states[s] == states[max(s - 2, 0)]) for s in range(len(states))]
    penalty = log_probs.new_tensor(closed)
    never = log_probs.new_full((2,), _NEVER)
    # Before the first frame all of the probability is at the blank in front.
    alpha = torch.cat([log_probs.new_zeros(1), never[:1].expand(len(states) - 1)])
    for row in log_probs[:, states]:
        step = torch.cat([never[:1], alpha[:-1]])
        skip = torch.cat([never, alpha])[: len(states)] + penalty
        alpha = torch.stack([alpha, step, skip]).logsumexp(0) + row
    return -alpha[-2:].logsumexp(0)


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
    """Return the CTC loss of a batch as torch.nn.functional.ctc_loss does."""
    if reduction not in ("none", "sum", "mean"):
        raise ValueError(f"reduction must be none, sum or mean, not {reduction!r}")
    lengths = target_lengths.tolist()
    rows = targets.split(lengths) if targets.dim() == 1 else targets
    losses = torch.stack(
        [
            ctc_forward(log_probs[: input_lengths[n], n], rows[n][:length].tolist(), blank)
            for n, length in enumerate(lengths)
        ]
    )
    if zero_infinity:
        losses = losses.where(losses < math.inf, 0)
    if reduction == "mean":
        return (losses / target_lengths.clamp(min=1)).mean()
    return losses.sum() if reduction == "sum" else losses


def _refuse_blank(target: Sequence[int], blank: int) -> None:
    if blank in target:
        raise ValueError(f"a target holds labels only, not the blank {blank}")
