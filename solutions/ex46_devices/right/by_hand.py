"""Another right solution: kinds of containers in a match, a copied state, a loop of sizes."""

import contextlib
import itertools
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer


def mps_usable() -> bool:
    """Look for the backend itself, which old versions lack."""
    backend = getattr(torch.backends, "mps", None)
    return backend is not None and bool(backend.is_available())


def select_device(*, cuda: bool | None = None, mps: bool | None = None) -> torch.device:
    """Go through the names with their flags."""
    if cuda is None:
        cuda = torch.cuda.is_available()
    for name, has in (("cuda", cuda), ("mps", mps)):
        if mps_usable() if has is None else has:
            return torch.device(name)
    return torch.device("cpu")


def visible_map(value: str | None, cards: int) -> dict[int, int]:
    """Take words as long as they name a card."""
    known = {str(card): card for card in range(cards)}
    words = list(known) if value is None else [word.strip() for word in value.split(",")]
    seen = itertools.takewhile(known.__contains__, words)
    return {number: known[word] for number, word in enumerate(seen)}


def move_batch(batch: Any, device: torch.device | str) -> Any:
    """Match the kind of the batch."""
    match batch:
        case Tensor():
            return batch.to(device=device)
        case tuple():
            return tuple(move_batch(part, device) for part in batch)
        case list():
            return [move_batch(part, device) for part in batch]
        case dict():
            keys, parts = list(batch), [move_batch(part, device) for part in batch.values()]
            return dict(zip(keys, parts, strict=True))
    return batch


def _where(model: nn.Module) -> torch.device | None:
    for tensor in (*model.parameters(), *model.buffers()):
        return tensor.device
    return None


def forward_on_model_device(model: nn.Module, x: Tensor) -> Tensor:
    """Move only if there is somewhere to go."""
    where = _where(model)
    return model(x if where is None else x.to(where, non_blocking=True))


def explain_mismatch(model: nn.Module, x: Tensor) -> str:
    """Compare where both are."""
    where = _where(model)
    if where in (None, x.device):
        return ""
    return " ".join(["model on", f"{where},", "input on", str(x.device)])


def make_training_state(
    model: nn.Module, lr: float, device: torch.device | str, weight: Tensor | None = None
) -> dict[str, Any]:
    """Move model and criterion, and make the optimizer last."""
    state: dict[str, Any] = {"model": model, "criterion": nn.CrossEntropyLoss(weight)}
    for module in state.values():
        module.to(device)
    state["optimizer"] = torch.optim.SGD(model.parameters(), lr, momentum=0.9)
    return state


def move_optimizer(optimizer: Optimizer) -> None:
    """Load a copy of the optimizer's own state."""
    optimizer.load_state_dict(deepcopy(optimizer.state_dict()))


def find_batch_size(step: Callable[[int], object], start: int) -> int:
    """Try all sizes but the last with the error suppressed."""
    while start > 1:
        with contextlib.suppress(torch.OutOfMemoryError):
            step(start)
            return start
        start = start >> 1
    step(start)
    return start


def accumulate_gradients(
    model: nn.Module,
    criterion: Callable[[Tensor, Tensor], Tensor],
    x: Tensor,
    y: Tensor,
    batch_size: int,
) -> float:
    """Give backward() the share of each piece."""
    for parameter in model.parameters():
        parameter.grad = None
    mean = 0.0
    for rows in torch.arange(len(x)).split(batch_size):
        part, target = move_batch((x[rows.to(x.device)], y[rows.to(y.device)]), _where(model))
        loss = criterion(model(part), target)
        share = rows.numel() / x.size(0)
        loss.backward(torch.full_like(loss, share))
        mean += share * loss.item()
    return mean
