"""Exercise ex44_evaluate: how good is a model, measured without changing it.

Add the imports that you need.
"""

from collections.abc import Callable, Iterable

from torch import Tensor, nn


def accuracy(logits: Tensor, target: Tensor) -> float:
    """Return the share of samples whose largest score is that of their own class.

    logits: the scores (N, K) of N >= 1 samples, one row for each sample and one column for each
    class, float32 or float64. target: the classes (N,), int64, on the same device.
    Returns a Python float from 0.0 to 1.0.
    Raises ValueError when logits is not 2-d, when target is not of shape (N,), or when N is 0.
    """
    raise NotImplementedError


class Meter:
    """Averages something over samples that come in batches."""

    def __init__(self) -> None:
        """Begin with no samples. What one Meter has seen, no other Meter knows."""
        raise NotImplementedError

    def update(self, mean: float | Tensor, n: int) -> None:
        """Take in a batch of n samples with this mean.

        mean: a float, or a tensor without dimensions, on any device, which may have a graph: the
        graph is not kept. n: the number of samples in the batch.
        Raises ValueError when n is less than 1.
        """
        raise NotImplementedError

    def value(self) -> float:
        """Return the mean over all samples so far, each counting the same, as a Python float.

        It can be asked for at any time, and more batches may follow.
        Raises ValueError when there has been no sample.
        """
        raise NotImplementedError


def evaluate(
    model: nn.Module,
    loader: Iterable[tuple[Tensor, Tensor]],
    criterion: Callable[[Tensor, Tensor], Tensor],
    device: str,
) -> dict[str, float]:
    """Go through loader once and return {"loss": ..., "accuracy": ...} of model.

    model: is on device, and turns x (N, ...) into scores (N, K).
    loader: gives batches (x, y) in a for loop, and nothing else may be asked of it. y are classes
    (N,), N >= 1. Batches differ in size and may be on another device: you move them.
    criterion(output, target) gives the loss of a batch, the mean over its samples, as a tensor
    without dimensions. Both model and criterion are called once for each batch.
    Returns two Python floats, each the mean over all samples that loader has given.

    While it runs, all of model is in evaluation mode, and no graph is built. Afterwards
    everything is as it was, also when model, loader or criterion has raised an error: the values
    of model and its gradients, the mode of model and of each module in it (they need not be the
    same), and whether autograd records (torch.is_grad_enabled()).
    Raises ValueError when loader gives no batch.
    """
    raise NotImplementedError


def confusion(pred: Tensor, target: Tensor, n: int) -> Tensor:
    """Count for each true class what the samples were taken for.

    pred and target: the predicted and the true classes of the samples, both (N,), int64, N >= 0,
    from 0 to n - 1, on the same device. n: the number of classes, at least 1.
    Returns an int64 tensor (n, n), on a device of your choice: in row i and column j stands how
    many samples of class i were taken for class j.
    Raises ValueError when pred and target are not both 1-d and equally long, or when a class is
    less than 0 or greater than n - 1.
    """
    raise NotImplementedError
