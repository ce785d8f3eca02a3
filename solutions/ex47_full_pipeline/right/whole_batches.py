"""Another right solution: batches are picked at once, gradients come from torch.autograd.grad."""

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import (
    BatchSampler,
    DataLoader,
    RandomSampler,
    SequentialSampler,
    TensorDataset,
)
from torch.utils.tensorboard import SummaryWriter


def build_model() -> nn.Sequential:
    """Append one layer after the other."""
    model = nn.Sequential()
    for channels in (8, 16):
        model.append(nn.LazyConv2d(channels, 3, padding=1)).append(nn.LazyBatchNorm2d())
        model.append(nn.ReLU()).append(nn.MaxPool2d(kernel_size=2))
    model.append(nn.Flatten()).append(nn.Linear(64, 10))
    model.eval()(torch.zeros(1, 1, 8, 8))
    return model.train()


def build_loaders(
    train: tuple[Tensor, Tensor], test: tuple[Tensor, Tensor], batch_size: int, seed: int
) -> dict[str, DataLoader[tuple[Tensor, ...]]]:
    """Let the data sets pick a whole batch by its places."""
    one, two = TensorDataset(*train), TensorDataset(*test)
    order = RandomSampler(one, generator=torch.Generator().manual_seed(seed + 17))
    samplers = {"train": (one, order), "test": (two, SequentialSampler(two))}
    return {
        name: DataLoader(
            data, sampler=BatchSampler(places, batch_size, drop_last=False), batch_size=None
        )
        for name, (data, places) in samplers.items()
    }


def evaluate(
    model: nn.Module, loader: DataLoader[tuple[Tensor, ...]], device: str
) -> dict[str, float]:
    """Keep running means."""
    mode, sums, seen = model.training, torch.zeros(2, dtype=torch.float64), 0
    model.train(mode=False)
    for pictures, labels in loader:
        with torch.no_grad():
            scores = model(pictures.to(device)).cpu()
        right = (scores.argmax(-1) == labels.cpu()).sum()
        sums += torch.stack([functional.cross_entropy(scores, labels.cpu()) * len(labels), right])
        seen += labels.shape[0]
    model.train(mode)
    loss, accuracy = (sums / seen).tolist()
    return {"accuracy": accuracy, "loss": loss}


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
    """Give every parameter its gradient, and log what was noted at the end of the epoch."""
    torch.manual_seed(2 * seed + 1)
    model = build_model().to(device)
    parameters = [*model.parameters()]
    loaders = build_loaders(train, test, batch_size, seed)
    optimizer = torch.optim.Adam(parameters, lr=lr, foreach=False)
    folder = Path(out_dir)
    folder.mkdir(parents=True, exist_ok=True)
    history: dict[str, list[float]] = {}
    noted: list[float] = []
    for epoch in range(1, epochs + 1):
        losses, sizes = [], []
        for batch in loaders["train"]:
            x, y = (tensor.to(device) for tensor in batch)
            loss = functional.cross_entropy(model(x), y)
            gradients = torch.autograd.grad(loss, parameters)
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter.grad = gradient
            optimizer.step()
            losses.append(loss.item())
            sizes.append(len(y))
        noted += losses
        told = evaluate(model, loaders["test"], device)
        epoch_loss = sum(loss * size for loss, size in zip(losses, sizes, strict=True)) / sum(sizes)
        history.setdefault("train_loss", []).append(epoch_loss)
        history.setdefault("test_loss", []).append(told["loss"])
        history.setdefault("test_accuracy", []).append(told["accuracy"])
        torch.save(model.state_dict(), folder.joinpath(f"model_{epoch}.pt"))
    writer = SummaryWriter(log_dir=str(log_dir))
    for step, loss in enumerate(noted, start=1):
        if not step % log_every:
            writer.add_scalar("train_loss", loss, step)
    for name in ("test_loss", "test_accuracy"):
        for epoch, value in enumerate(history[name], start=1):
            writer.add_scalar(name, value, epoch)
    writer.close()
    return history
