"""SummaryWriter() without its folder, and never closed.

The log lands in a folder named runs, where the next program puts its own. The last numbers may be
missing, as the writer still has them in its queue.
"""

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.tensorboard import SummaryWriter


def build_model() -> nn.Sequential:
    """Return a network that turns pictures (N, 1, 8, 8) into scores (N, 10)."""
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(16 * 2 * 2, 10),
    )


def build_loaders(
    train: tuple[Tensor, Tensor], test: tuple[Tensor, Tensor], batch_size: int, seed: int
) -> dict[str, DataLoader[tuple[Tensor, ...]]]:
    """Return {"train": a loader of train, "test": a loader of test}, in batches (x, y)."""
    order = torch.Generator().manual_seed(seed)
    return {
        "train": DataLoader(TensorDataset(*train), batch_size, shuffle=True, generator=order),
        "test": DataLoader(TensorDataset(*test), batch_size),
    }


@torch.no_grad()
def evaluate(
    model: nn.Module, loader: DataLoader[tuple[Tensor, ...]], device: str
) -> dict[str, float]:
    """Return {"loss": the mean cross entropy, "accuracy": the share of right answers}."""
    was_training = model.training
    model.eval()
    loss, right, count = 0.0, 0, 0
    for pictures, labels in loader:
        x, y = pictures.to(device), labels.to(device)
        scores = model(x)
        loss += functional.cross_entropy(scores, y, reduction="sum").item()
        right += int((scores.argmax(1) == y).sum())
        count += len(y)
    model.train(was_training)
    return {"loss": loss / count, "accuracy": right / count}


def main(
    train: tuple[Tensor, Tensor],
    test: tuple[Tensor, Tensor],
    log_dir: str | Path,
    out_dir: str | Path,
    *,
    epochs: int = 3,
    batch_size: int = 64,
    lr: float = 0.01,
    log_every: int = 10,
    device: str = "cpu",
    seed: int = 0,
) -> dict[str, list[float]]:
    """Train a new model of build_model on train, test it after every epoch, log and save."""
    torch.manual_seed(seed)
    loaders = build_loaders(train, test, batch_size, seed)
    model = build_model().to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    Path(out_dir).mkdir(parents=True, exist_ok=True)
    history: dict[str, list[float]] = {"train_loss": [], "test_loss": [], "test_accuracy": []}
    step = 0
    writer = SummaryWriter()
    if writer:
        for epoch in range(1, epochs + 1):
            total = 0.0
            for pictures, labels in loaders["train"]:
                loss = functional.cross_entropy(model(pictures.to(device)), labels.to(device))
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                step += 1
                total += loss.item() * len(labels)
                if step % log_every == 0:
                    writer.add_scalar("train_loss", loss.item(), step)
            history["train_loss"].append(total / len(train[1]))
            for name, value in evaluate(model, loaders["test"], device).items():
                history[f"test_{name}"].append(value)
                writer.add_scalar(f"test_{name}", value, epoch)
            torch.save(model.state_dict(), Path(out_dir) / f"model_{epoch}.pt")
    return history
