"""No shape and no range is looked at: if something is wrong, torch will say so.

Often it does not. (N, 1) is broadcast against (N,) and compared with every sample, the mean of
nothing is nan, and a class n is counted in the row below.
"""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn


def accuracy(logits: Tensor, target: Tensor) -> float:
    """Return the share of samples whose largest score is that of their own class."""
    return (logits.argmax(1) == target).sum().item() / len(target)


class Meter:
    """Averages something over samples that come in batches."""

    def __init__(self) -> None:
        self._total, self._count = 0.0, 0

    def update(self, mean: float | Tensor, n: int) -> None:
        """Take in a batch of n samples with this mean."""
        self._total += (mean.item() if isinstance(mean, Tensor) else mean) * n
        self._count += n

    def value(self) -> float:
        """Return the mean over all samples so far."""
        return self._total / self._count if self._count else float("nan")


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
        with torch.no_grad():
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
    return torch.bincount(target * n + pred, minlength=n * n).reshape(n, n)
