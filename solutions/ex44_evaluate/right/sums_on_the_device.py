"""Another right solution: sums stay tensors until the end, the confusion matrix is a product."""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot


def _hits(logits: Tensor, target: Tensor) -> Tensor:
    if logits.dim() != 2 or tuple(target.shape) != (logits.shape[0],):
        raise ValueError(f"{tuple(logits.shape)} and {tuple(target.shape)}")
    return torch.eq(torch.argmax(logits, dim=-1), target)


def accuracy(logits: Tensor, target: Tensor) -> float:
    """Take the mean of zeros and ones."""
    hits = _hits(logits, target)
    if hits.numel() == 0:
        raise ValueError("no samples")
    return float(hits.double().mean())


class Meter:
    """A running mean: it moves towards the mean of each batch by the batch's share."""

    def __init__(self) -> None:
        self.mean = torch.zeros((), dtype=torch.float64)
        self.seen = 0

    def update(self, mean: float | Tensor, n: int) -> None:
        """Move the mean; without a graph."""
        if n < 1:
            raise ValueError(n)
        self.seen += n
        mean = torch.as_tensor(mean, dtype=torch.float64).detach().cpu()
        self.mean = torch.lerp(self.mean, mean, n / self.seen)

    def value(self) -> float:
        """Return the mean as a number."""
        if self.seen < 1:
            raise ValueError("no samples")
        return self.mean.item()


def evaluate(
    model: nn.Module,
    loader: Iterable[tuple[Tensor, Tensor]],
    criterion: Callable[[Tensor, Tensor], Tensor],
    device: str,
) -> dict[str, float]:
    """Do without Meter and accuracy; switch autograd by hand."""
    training = {name for name, module in model.named_modules() if module.training}
    recording = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    loss = right = count = 0
    try:
        model.eval()
        for batch in loader:
            x, y = (part.to(device) for part in batch)
            scores = model(x)
            loss = loss + criterion(scores, y) * y.numel()
            right = right + _hits(scores, y).sum()
            count += y.numel()
    finally:
        torch.set_grad_enabled(recording)
        for name, module in model.named_modules():
            module.training = name in training
    if not count:
        raise ValueError("no batch")
    return {"loss": float(loss / count), "accuracy": float(right / count)}


def confusion(pred: Tensor, target: Tensor, n: int) -> Tensor:
    """Multiply the true classes, one-hot, with the predicted ones: (n, N) @ (N, n)."""
    if pred.dim() != 1 or target.dim() != 1 or len(pred) != len(target):
        raise ValueError("two lists of classes, equally long")
    allowed = torch.arange(n, device=pred.device)
    if not (torch.isin(pred, allowed).all() and torch.isin(target, allowed).all()):
        raise ValueError(f"classes are 0 ... {n - 1}")
    return one_hot(target.cpu(), n).t() @ one_hot(pred.cpu(), n)
