"""Another right solution: a snapshot of the best state in memory, written once at the end."""

from collections.abc import Iterable, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
from network import build_network
from pictures import load_pictures
from torch import Tensor, nn


def evaluate(model: nn.Module, loader: Iterable[tuple[Tensor, Tensor]]) -> float:
    """Collect all answers, and average them once."""
    modes = {module: module.training for module in model.modules()}
    place = next(parameter.device for parameter in model.parameters())
    model.train(mode=False)
    with torch.inference_mode():
        right = [model(x.to(place)).max(dim=1).indices.eq(y.to(place)) for x, y in loader]
    for module, training in modes.items():
        module.training = training
    return torch.cat(right).double().mean().item()


def save_classifier(model: nn.Module, classes: Sequence[str], path: str | Path) -> None:
    """Write weights of the CPU, whatever the model is on."""
    weights = {name: value.cpu() for name, value in model.state_dict().items()}
    torch.save({"weights": weights, "classes": [*classes]}, Path(path))


def train_classifier(
    root: str | Path, path: str | Path, *, epochs: int = 3, device: str = "cpu", seed: int = 0
) -> dict[str, Any]:
    """Train with AdamW and a falling rate."""
    torch.manual_seed(1000 + seed)
    loaders = load_pictures(root, 8, seed)
    classes = [*loaders["train"].dataset.class_to_idx]
    model = build_network(len(classes)).to(torch.device(device))
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.015)
    falling = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
    criterion = nn.CrossEntropyLoss()
    shares: list[float] = []
    best = deepcopy(model)
    for _ in range(epochs):
        for pictures, labels in loaders["train"]:
            optimizer.zero_grad(set_to_none=True)
            criterion(model(pictures.to(device)), labels.to(device)).backward()
            optimizer.step()
        falling.step()
        share = evaluate(model, loaders["val"])
        if not shares or share > max(shares):
            best = deepcopy(model)
        shares.append(share)
    save_classifier(best, classes, path)
    return {"val_accuracy": shares, "classes": classes}
