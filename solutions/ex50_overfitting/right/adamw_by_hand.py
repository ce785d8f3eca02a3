"""Another right solution: AdamW written out, both parts measured in one call, a list of states."""

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn


def small_split(
    x: Tensor, y: Tensor, n: int = 60, seed: int = 0
) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Return (train, val); the places are shuffled by NumPy's generator."""
    if n not in range(1, len(x)):
        raise ValueError(f"n must be from 1 to {len(x) - 1}")
    places = np.random.default_rng(seed).permutation(len(x)).tolist()
    return (x[places[:n]], y[places[:n]]), (x[places[n:]], y[places[n:]])


def build_mlp(hidden: int, dropout: float = 0.0) -> nn.Sequential:
    """Return the network."""
    layers = [nn.Flatten(), nn.Linear(64, hidden), nn.ReLU(), nn.Dropout(dropout)]
    return nn.Sequential(*layers, nn.Linear(hidden, 10))


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
    """Train model with the formulas of AdamW, and choose among all states at the end."""
    parameters = list(model.parameters())
    device = parameters[0].device
    (x, y), (val_x, val_y) = [[tensor.to(device) for tensor in part] for part in (train, val)]
    means = [torch.zeros_like(parameter) for parameter in parameters]
    squares = [torch.zeros_like(parameter) for parameter in parameters]
    curves: dict[str, list[float]] = {}
    states = []
    for step in range(1, epochs + 1):
        model.train()
        logs = model(augment(x) if augment else x).log_softmax(1)
        loss = -logs[torch.arange(len(y), device=device), y].mean()
        gradients = torch.autograd.grad(loss, parameters)
        model.eval()
        with torch.no_grad():
            for place, gradient in enumerate(gradients):
                parameters[place].mul_(1 - lr * weight_decay)
                means[place].lerp_(gradient, 0.1)
                squares[place].lerp_(gradient * gradient, 0.001)
                root = (squares[place] / (1 - 0.999**step)).sqrt() + 1e-8
                parameters[place].sub_(lr * means[place] / (1 - 0.9**step) / root)
            scores = model(torch.cat([x, val_x])).split([len(y), len(val_y)])
        for part, values, target in (("train", scores[0], y), ("val", scores[1], val_y)):
            loss = nn.functional.nll_loss(values.log_softmax(1), target)
            right = (values.argmax(1) == target).sum().item() / len(target)
            curves.setdefault(f"{part}_loss", []).append(loss.item())
            curves.setdefault(f"{part}_accuracy", []).append(right)
        if patience is not None:
            states.append([value.clone() for value in model.state_dict().values()])
            best = early_stop(curves["val_loss"], patience)
            if len(states) - best > patience:
                break
    if patience is not None:
        model.load_state_dict(dict(zip(model.state_dict(), states[best], strict=True)))
    return curves


def early_stop(val_losses: list[float], patience: int) -> int:
    """Return the place of the lowest loss among those that are looked at."""
    if patience < 1 or not val_losses:
        raise ValueError("nothing to look at")
    losses = [loss if math.isfinite(loss) else math.inf for loss in val_losses]
    for end in range(patience, len(losses)):
        if min(losses[: end - patience + 1]) <= min(losses[end - patience + 1 : end + 1]):
            losses = losses[: end + 1]
            break
    return losses.index(min(losses))


def diagnose(train: list[float], val: list[float]) -> str:
    """Return the name of what the curves show."""
    if not len(train) == len(val) > 0:
        raise ValueError("the curves do not fit together")
    if not math.isfinite(sum(train) + sum(val)) or train[-1] > train[0]:
        return "diverged"
    if 2 * train[-1] > train[0]:
        return "underfit"
    gap, rise = (val[-1] - train[-1]) / train[0], val[-1] / min(val)
    return "overfit" if gap > 0.1 or rise > 1.2 else "good"
