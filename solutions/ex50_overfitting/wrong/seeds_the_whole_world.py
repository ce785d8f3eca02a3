"""Calls torch.manual_seed in small_split, and validates on everything.

The split can be repeated, but so can everything that is drawn after it: each network of a comparison
gets the same first weights. And the validation part contains the training part, which the network
knows by heart.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional


def small_split(
    x: Tensor, y: Tensor, n: int = 60, seed: int = 0
) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Return (train, val): n samples drawn at random, and all the others."""
    if not 1 <= n < len(x):
        raise ValueError(f"{n} of {len(x)} samples leave one of the parts empty")
    torch.manual_seed(seed)
    order = torch.randperm(len(x)).to(x.device)
    first = order[:n]
    return (x[first], y[first]), (x, y)


def build_mlp(hidden: int, dropout: float = 0.0) -> nn.Sequential:
    """Return a network that turns pictures (N, 1, 8, 8) into scores (N, 10)."""
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(64, hidden),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(hidden, 10),
    )


def train_curve(
    model: nn.Module,
    train: tuple[Tensor, Tensor],
    val: tuple[Tensor, Tensor],
    epochs: int,
    *,
    lr: float = 1e-3,
    weight_decay: float = 0.0,
    augment: Callable[[Tensor], Tensor] | None = None,
    patience: int | None = None,
) -> dict[str, list[float]]:
    """Train model and return its curves: how it does on train and on val after each epoch."""
    device = next(model.parameters()).device
    parts = {
        name: (x.to(device), y.to(device)) for name, (x, y) in [("train", train), ("val", val)]
    }
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=weight_decay)
    curves: dict[str, list[float]] = {
        f"{part}_{what}": [] for part in parts for what in ("loss", "accuracy")
    }
    best = {}
    for epoch in range(epochs):
        model.train()
        x, y = parts["train"]
        loss = functional.cross_entropy(model(x if augment is None else augment(x)), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        model.eval()
        for part, (x, y) in parts.items():
            with torch.no_grad():
                scores = model(x)
            curves[f"{part}_loss"].append(functional.cross_entropy(scores, y).item())
            right = (scores.argmax(1) == y).sum().item()
            curves[f"{part}_accuracy"].append(right / len(y))
        if patience is not None:
            keep = early_stop(curves["val_loss"], patience)
            if keep == epoch:
                best = {name: value.clone() for name, value in model.state_dict().items()}
            elif epoch - keep >= patience:
                break
    if patience is not None:
        model.load_state_dict(best)
    return curves


def early_stop(val_losses: list[float], patience: int) -> int:
    """Return the epoch, counted from 0, whose weights are worth keeping."""
    if not val_losses or patience < 1:
        raise ValueError(f"{len(val_losses)} losses and a patience of {patience}")
    best = 0
    for epoch, loss in enumerate(val_losses):
        if loss < val_losses[best]:
            best = epoch
        elif epoch - best >= patience:
            break
    return best


def diagnose(train: list[float], val: list[float]) -> str:
    """Return a name for what two curves of losses show, one number for each epoch."""
    if not train or len(train) != len(val):
        raise ValueError(f"{len(train)} training losses and {len(val)} validation losses")
    if not all(math.isfinite(loss) for loss in [*train, *val]) or train[-1] > train[0]:
        return "diverged"
    if train[-1] > train[0] / 2:
        return "underfit"
    if val[-1] - train[-1] > train[0] / 10 or val[-1] > 1.2 * min(val):
        return "overfit"
    return "good"
