"""Reference solution of ex43_train_loop: the loop as it is written a thousand times a day."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.utils.data import DataLoader


class MLP(nn.Module):
    """A network of two linear layers: `hidden`, ReLU, `output`."""

    def __init__(
        self, in_features: int = 784, hidden_features: int = 256, classes: int = 10
    ) -> None:
        super().__init__()
        self.hidden = nn.Linear(in_features, hidden_features)
        self.act = nn.ReLU()
        self.output = nn.Linear(hidden_features, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores (N, classes) of a batch x (N, in_features)."""
        return self.output(self.act(self.hidden(x)))


def train_one_epoch(
    model: nn.Module,
    loader: DataLoader[tuple[Tensor, Tensor]],
    criterion: Callable[[Tensor, Tensor], Tensor],
    optimizer: Optimizer,
    device: str,
) -> float:
    """Take one step for each batch and return the average loss of all samples."""
    model.train()
    total, count = 0.0, 0
    for x, y in loader:
        output = model(x.to(device))
        loss = criterion(output, y.to(device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(x)
        count += len(x)
    return total / count


def fit(
    model: nn.Module,
    loaders: Mapping[str, DataLoader[tuple[Tensor, Tensor]]],
    epochs: int,
    lr: float,
    device: str,
) -> list[dict[str, float]]:
    """Train model on loaders["train"] with one SGD for all epochs."""
    model.to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    criterion = nn.CrossEntropyLoss()
    history = []
    for epoch in range(1, epochs + 1):
        loss = train_one_epoch(model, loaders["train"], criterion, optimizer, device)
        history.append({"epoch": epoch, "loss": loss})
    return history
