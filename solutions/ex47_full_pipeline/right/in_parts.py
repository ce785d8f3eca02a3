"""Another right solution: a sampler for the order, sums on the device, one writer in a closing."""

from contextlib import closing
from itertools import count
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, RandomSampler, TensorDataset
from torch.utils.tensorboard import SummaryWriter


def _block(before: int, after: int) -> list[nn.Module]:
    convolution = nn.Conv2d(before, after, kernel_size=(3, 3), padding="same")
    return [convolution, nn.BatchNorm2d(after), nn.ReLU(inplace=True), nn.MaxPool2d(2, 2)]


def build_model() -> nn.Sequential:
    """Make the two blocks with a helper."""
    return nn.Sequential(*_block(1, 8), *_block(8, 16), nn.Flatten(1), nn.Linear(64, 10))


def build_loaders(
    train: tuple[Tensor, Tensor], test: tuple[Tensor, Tensor], batch_size: int, seed: int
) -> dict[str, DataLoader[tuple[Tensor, ...]]]:
    """Let a sampler of its own shuffle."""
    data, generator = TensorDataset(*train), torch.Generator()
    generator.manual_seed(seed)
    sampler = RandomSampler(data, generator=generator)
    return {
        "test": DataLoader(TensorDataset(*test), batch_size=batch_size, shuffle=False),
        "train": DataLoader(data, batch_size=batch_size, sampler=sampler),
    }


def evaluate(
    model: nn.Module, loader: DataLoader[tuple[Tensor, ...]], device: str
) -> dict[str, float]:
    """Collect losses and answers of all samples, and average them once."""
    criterion = nn.CrossEntropyLoss(reduction="none")
    before = {module: module.training for module in model.modules()}
    losses, right = [], []
    model.eval()
    with torch.inference_mode():
        for batch in loader:
            x, y = (part.to(device) for part in batch)
            scores = model(x)
            losses.append(criterion(scores, y))
            right.append(scores.max(dim=1).indices.eq(y))
    for module, training in before.items():
        module.training = training
    return {
        "accuracy": float(torch.cat(right).float().mean()),
        "loss": float(torch.cat(losses).mean()),
    }


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
    """Build the model first, and write the history at the end."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = build_model()
    model.to(torch.device(device))
    loaders = build_loaders(train, test, batch_size, seed)
    criterion, steps = nn.CrossEntropyLoss(), count(1)
    optimizer = torch.optim.Adam(model.parameters(), lr)
    out = Path(out_dir)
    if not out.exists():
        out.mkdir(parents=True)
    losses: list[float] = []
    tests: list[dict[str, float]] = []
    with closing(SummaryWriter(log_dir)) as writer:
        while len(losses) < epochs:
            model.train()
            weighted = []
            for x, y in loaders["train"]:
                optimizer.zero_grad(set_to_none=False)
                loss = criterion(model(x.to(device)), y.to(device))
                loss.backward()
                optimizer.step()
                weighted.append(loss.detach() * y.numel())
                if (step := next(steps)) % log_every == 0:
                    writer.add_scalar("train_loss", loss.detach(), global_step=step)
            losses.append(float(torch.stack(weighted).sum()) / train[0].shape[0])
            tests.append(evaluate(model, loaders["test"], device))
            writer.add_scalar("test_loss", tests[-1]["loss"], len(tests))
            writer.add_scalar("test_accuracy", tests[-1]["accuracy"], len(tests))
            weights = {name: value.cpu() for name, value in model.state_dict().items()}
            torch.save(weights, out / f"model_{len(tests)}.pt")
    return {
        "train_loss": losses,
        "test_loss": [each["loss"] for each in tests],
        "test_accuracy": [each["accuracy"] for each in tests],
    }
