"""Exercise ex21_loss_ctc: a loss for sequences whose alignment nobody knows.

Add the imports that you need.
"""

from collections.abc import Sequence

from torch import Tensor


def collapse(path: Sequence[int], blank: int = 0) -> list[int]:
    """Return what a path says: merge equal neighbours first, then drop the blanks.

    path: one symbol for each frame. [1, 1, 0, 1, 2, 2] says [1, 1, 2].
    """
    raise NotImplementedError


def fits(target: Sequence[int], T: int) -> bool:
    """Return whether any path of T frames says the target.

    target: labels, none of them a blank; it may be empty. Two equal neighbours need a blank
    between them.
    """
    raise NotImplementedError


def pack_targets(targets: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Return all targets one after the other as one tensor, and their lengths.

    targets: N lists of labels; a list may be empty, and so may the list of all lists.
    Returns two 1-d tensors of dtype int64, on the CPU: the labels, and the N lengths.
    """
    raise NotImplementedError


def ctc_brute(log_probs: Tensor, target: Sequence[int], blank: int = 0) -> Tensor:
    """Return -log of the probability of the target, by trying all C**T paths.

    The probability of a path is the product of its symbols' probabilities, one for each frame;
    that of the target is the sum over all paths that say it.

    log_probs: (T, C), T >= 1, the log-probability of each symbol in each frame; float32 or
    float64, all finite. target: labels 0 to C - 1, or empty.
    Returns a 0-d tensor of the dtype and on the device of log_probs; inf when no path says the
    target. Raises ValueError when the target holds a blank.
    """
    raise NotImplementedError


def ctc_forward(log_probs: Tensor, target: Sequence[int], blank: int = 0) -> Tensor:
    """Return the same as ctc_brute in about T * S steps, by the forward recursion.

    S is the length of the target. It is computed in logarithms, so that a thousand frames do no
    harm. When the target fits, gradients reach log_probs, and they are finite.
    The arguments, the result and the errors are those of ctc_brute; log_probs may be not
    contiguous.
    """
    raise NotImplementedError


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
    """Return the CTC loss of a batch as torch.nn.functional.ctc_loss does.

    log_probs: (T, N, C). input_lengths and target_lengths: (N,), int64. Of example n the first
    input_lengths[n] frames (one or more) count, and target_lengths[n] labels (0 or more).
    targets: int64, either (N, S), filled up with any numbers behind the labels, or 1-d, the
    labels of all examples one after the other; the number of dimensions tells which.

    zero_infinity: if True, an infinite loss counts as 0 and sends no gradient back.
    reduction: "none" returns the N losses, "sum" their sum. "mean" divides each loss by its
    target length (by 1 where that is 0), and then takes the mean over the batch.
    Returns a tensor (N,) or 0-d of the dtype and on the device of log_probs; gradients reach
    log_probs. Raises ValueError for another reduction, or when a target holds a blank.
    """
    raise NotImplementedError
