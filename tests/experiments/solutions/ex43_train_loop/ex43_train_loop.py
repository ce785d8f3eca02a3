"""Reference solution of ex43_train_loop."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

Batches = DataLoader[tuple[Tensor, Tensor]]


class MLP(nn.Module):
    """Two linear layers, `hidden` and `output`, with a ReLU between them."""

    def __init__(self, features: int, hidden: int, classes: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(features, hidden)
        self.output = nn.Linear(hidden, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return scores of shape (N, classes) for x of shape (N, features)."""
        return self.output(torch.relu(self.hidden(x)))


def train_one_epoch(
    model: nn.Module,
    loader: Batches,
    criterion: Callable[[Tensor, Tensor], Tensor],
    optimizer: torch.optim.Optimizer,
    device: str,
) -> float:
    """Take one step per batch, in training mode; return the average loss of all samples."""
    model.to(device)
    model.train()
    total, count = 0.0, 0
    for batch_x, batch_y in loader:
        x, y = batch_x.to(device), batch_y.to(device)
        loss = criterion(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(x)
        count += len(x)
    return total / count


def fit(
    model: nn.Module, loaders: dict[str, Batches], epochs: int, lr: float, device: str
) -> list[dict[str, float]]:
    """Train on loaders["train"] with SGD, momentum 0.9, and the cross entropy."""
    model.to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    criterion = nn.CrossEntropyLoss()
    history = []
    for epoch in range(1, epochs + 1):
        loss = train_one_epoch(model, loaders["train"], criterion, optimizer, device)
        history.append({"epoch": epoch, "loss": loss})
    return history
