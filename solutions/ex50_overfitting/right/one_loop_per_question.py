"""Another right solution: small helpers, and deep copies of the state."""

import copy
import itertools
import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

Part = tuple[Tensor, Tensor]


def small_split(x: Tensor, y: Tensor, n: int = 60, seed: int = 0) -> tuple[Part, Part]:
    """Return (train, val) by a mask: True for the samples that were drawn."""
    if n < 1 or n >= len(y):
        raise ValueError("both parts need at least one sample")
    own = torch.Generator()
    own.manual_seed(seed)
    keys = torch.rand(len(y), generator=own).argsort()
    mask = torch.zeros(len(y), dtype=torch.bool)
    mask[keys[:n]] = True
    where = torch.where(mask)[0][torch.randperm(n, generator=own)].to(x.device)
    rest = mask.logical_not().to(x.device)
    return (x[where], y[where]), (x[rest], y[rest])


def build_mlp(hidden: int, dropout: float = 0.0) -> nn.Sequential:
    """Return the network, put together layer by layer."""
    model = nn.Sequential(nn.Flatten())
    model.append(nn.Linear(8 * 8, hidden)).append(nn.ReLU())
    model.append(nn.Dropout(p=dropout)).append(nn.Linear(hidden, 10))
    return model


@torch.inference_mode()
def _measure(model: nn.Module, part: Part) -> tuple[float, float]:
    """Return loss and accuracy of a part."""
    model.eval()
    scores = model(part[0])
    loss = nn.CrossEntropyLoss()(scores, part[1])
    return float(loss), float((scores.max(dim=1).indices == part[1]).double().mean())


def train_curve(
    model: nn.Module,
    train: Part,
    val: Part,
    epochs: int,
    *,
    lr: float = 1e-3,
    weight_decay: float = 0.0,
    augment: Callable[[Tensor], Tensor] | None = None,
    patience: int | None = None,
) -> dict[str, list[float]]:
    """Train model; keep the best state beside it."""
    place = next(itertools.chain(model.parameters(), model.buffers())).device
    train, val = (tuple(tensor.to(place) for tensor in part) for part in (train, val))
    optimizer = torch.optim.AdamW(model.parameters(), lr, weight_decay=weight_decay)
    rows: list[tuple[float, float, float, float]] = []
    lowest, waited, best = math.inf, 0, None
    while len(rows) < epochs and (patience is None or waited < patience):
        model.train()
        optimizer.zero_grad(set_to_none=False)
        inputs = augment(train[0]) if augment else train[0]
        nn.functional.cross_entropy(model(inputs), train[1]).backward()
        optimizer.step()
        rows.append((*_measure(model, train), *_measure(model, val)))
        waited += 1
        if rows[-1][2] < lowest:
            lowest, waited, best = rows[-1][2], 0, copy.deepcopy(model.state_dict())
    if patience is not None and best is not None:
        model.load_state_dict(best)
    names = ("train_loss", "train_accuracy", "val_loss", "val_accuracy")
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def early_stop(val_losses: list[float], patience: int) -> int:
    """Return the best epoch: look for the first one that nothing within patience goes below."""
    if patience < 1:
        raise ValueError("patience must be at least 1")
    if len(val_losses) == 0:
        raise ValueError("no losses")
    best, waited = 0, 0
    for epoch in range(1, len(val_losses)):
        waited = 0 if val_losses[epoch] < val_losses[best] else waited + 1
        if waited == 0:
            best = epoch
        if waited == patience:
            return best
    return best


def diagnose(train: list[float], val: list[float]) -> str:
    """Return the name of the first rule that fits."""
    if len(train) == 0 or len(train) != len(val):
        raise ValueError("two curves of the same length are needed")
    first, last = train[0], train[-1]
    finite = torch.tensor([train, val]).isfinite().all().item()
    rules = {
        "diverged": not finite or last > first,
        "underfit": last / first > 0.5,
        "overfit": val[-1] > last + 0.1 * first or val[-1] / min(val) > 1.2,
        "good": True,
    }
    return next(name for name, fits in rules.items() if fits)
