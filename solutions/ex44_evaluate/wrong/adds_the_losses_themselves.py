"""running_loss += loss, as in the notes, without .item() and without no_grad().

The loss is a tensor that remembers how it was computed. Their sum remembers all of it: the graphs
of the whole data set stay in memory, and what comes back is a tensor too.
"""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn


def accuracy(logits: Tensor, target: Tensor) -> float:
    """Return the share of samples whose largest score is that of their own class."""
    if logits.dim() != 2 or target.shape != logits.shape[:1] or len(target) == 0:
        raise ValueError(f"scores {tuple(logits.shape)} do not fit classes {tuple(target.shape)}")
    return (logits.argmax(1) == target).sum().item() / len(target)


class Meter:
    """Averages something over samples that come in batches."""

    def __init__(self) -> None:
        self._total, self._count = 0.0, 0

    def update(self, mean: float | Tensor, n: int) -> None:
        """Take in a batch of n samples with this mean."""
        if n < 1:
            raise ValueError(f"a batch of {n} samples has no mean")
        self._total += mean * n
        self._count += n

    def value(self) -> float:
        """Return the mean over all samples so far."""
        if self._count == 0:
            raise ValueError("the mean of no samples")
        return self._total / self._count


def evaluate(
    model: nn.Module,
    loader: Iterable[tuple[Tensor, Tensor]],
    criterion: Callable[[Tensor, Tensor], Tensor],
    device: str,
) -> dict[str, float]:
    """Go through loader once and return the loss and the accuracy of model."""
    modes = [(module, module.training) for module in model.modules()]
    loss, right = Meter(), Meter()
    model.eval()
    try:
        for x, y in loader:
            output, target = model(x.to(device)), y.to(device)
            loss.update(criterion(output, target), len(target))
            right.update(accuracy(output, target), len(target))
    finally:
        for module, mode in modes:
            module.training = mode
    return {"loss": loss.value(), "accuracy": right.value()}  # of no batch: ValueError


def confusion(pred: Tensor, target: Tensor, n: int) -> Tensor:
    """Count for each true class (row) what the samples were taken for (column)."""
    if pred.dim() != 1 or pred.shape != target.shape:
        raise ValueError(f"classes {tuple(pred.shape)} beside classes {tuple(target.shape)}")
    both = torch.cat([pred, target])
    if ((both < 0) | (both >= n)).any():
        raise ValueError(f"a class outside 0 ... {n - 1}")
    return torch.bincount(target * n + pred, minlength=n * n).reshape(n, n)
