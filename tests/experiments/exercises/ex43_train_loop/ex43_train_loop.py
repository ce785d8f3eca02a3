"""Exercise ex43_train_loop: one epoch, then several."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

Batches = DataLoader[tuple[Tensor, Tensor]]


class MLP(nn.Module):
    """Two linear layers, `hidden` and `output`, with a ReLU between them."""

    def __init__(self, features: int, hidden: int, classes: int) -> None:
        """Make the layers: features -> hidden -> classes."""
        super().__init__()
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """Return scores of shape (N, classes) for x of shape (N, features)."""
        raise NotImplementedError


def train_one_epoch(
    model: nn.Module,
    loader: Batches,
    criterion: Callable[[Tensor, Tensor], Tensor],
    optimizer: torch.optim.Optimizer,
    device: str,
) -> float:
    """Take one step per batch, in training mode; return the average loss of all samples.

    model and batches are moved to device; criterion(output, target) gives the mean of a batch.
    """
    raise NotImplementedError


def fit(
    model: nn.Module, loaders: dict[str, Batches], epochs: int, lr: float, device: str
) -> list[dict[str, float]]:
    """Train on loaders["train"] with SGD, momentum 0.9, and the cross entropy.

    Returns {"epoch": 1, 2, ..., "loss": average} for every epoch. model is changed in place.
    """
    raise NotImplementedError
