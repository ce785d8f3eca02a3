"""Another right solution: everything is noted in lists, and the averages are taken at the end."""

from collections.abc import Callable, Iterable
from contextlib import ExitStack

import torch
from torch import Tensor, nn


def accuracy(logits: Tensor, target: Tensor) -> float:
    """Compare the places of the largest scores one by one."""
    if logits.ndim != 2 or target.ndim != 1:
        raise ValueError("scores have two dimensions, classes one")
    if not 0 < logits.size(0) == target.size(0):
        raise ValueError("one class for each row of scores, and at least one")
    _, places = torch.max(logits, dim=1)
    hits = [int(place == wanted) for place, wanted in zip(places, target, strict=True)]
    return sum(hits) / len(hits)


class Meter:
    """A list of means and a list of sizes."""

    def __init__(self) -> None:
        self.means: list[float] = []
        self.sizes: list[int] = []

    def update(self, mean: float | Tensor, n: int) -> None:
        """Note both."""
        if n <= 0:
            raise ValueError("a batch has samples")
        self.means.append(mean.item() if isinstance(mean, Tensor) else mean)
        self.sizes.append(n)

    def value(self) -> float:
        """Weigh each mean with its share of the samples."""
        if not self.sizes:
            raise ValueError("no samples yet")
        count = sum(self.sizes)
        return sum(mean * (n / count) for mean, n in zip(self.means, self.sizes, strict=True))


def _put_back(modes: dict[nn.Module, bool]) -> None:
    for module, mode in modes.items():
        module.train(mode)  # with its children, which come later in `modes`


def evaluate(
    model: nn.Module,
    loader: Iterable[tuple[Tensor, Tensor]],
    criterion: Callable[[Tensor, Tensor], Tensor],
    device: str,
) -> dict[str, float]:
    """Leave the clearing up to an ExitStack."""
    losses, outputs, targets = Meter(), [], []
    with ExitStack() as stack:
        stack.callback(_put_back, {module: module.training for module in model.modules()})
        stack.enter_context(torch.inference_mode())
        model.train(mode=False)
        for x, y in loader:
            target = y.to(torch.device(device))
            output = model(x.to(torch.device(device)))
            losses.update(criterion(output, target), target.shape[0])
            outputs.append(output)
            targets.append(target)
    if not outputs:
        raise ValueError("the loader gave no batch")
    return {"accuracy": accuracy(torch.cat(outputs), torch.cat(targets)), "loss": losses.value()}


def confusion(pred: Tensor, target: Tensor, n: int) -> Tensor:
    """Count sample by sample in lists."""
    if pred.ndim != 1 or target.ndim != 1 or len(pred) != len(target):
        raise ValueError("two lists of classes, equally long")
    counts = [[0] * n for _ in range(n)]
    for j, i in zip(pred.tolist(), target.tolist(), strict=True):
        if i not in range(n) or j not in range(n):
            raise ValueError(f"no such class: {i} or {j}")
        counts[i][j] += 1
    return torch.tensor(counts)
