"""x.to(device) as if it moved x itself.

That is how it works for a model, so the student wrote the same line for tensors, and went through
the containers without building new ones. On a machine without a GPU nobody notices.
"""

from collections.abc import Callable
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer


def mps_usable() -> bool:
    """Return whether PyTorch can compute on an Apple GPU here, as a bool."""
    return torch.backends.mps.is_available()


def select_device(*, cuda: bool | None = None, mps: bool | None = None) -> torch.device:
    """Return torch.device("cuda") if there is CUDA, otherwise "mps" if there is that, or "cpu"."""
    if torch.cuda.is_available() if cuda is None else cuda:
        return torch.device("cuda")
    if mps_usable() if mps is None else mps:
        return torch.device("mps")
    return torch.device("cpu")


def visible_map(value: str | None, cards: int) -> dict[int, int]:
    """Return which card stands behind each number "cuda:0", "cuda:1", ... of this process."""
    if value is None:
        return {card: card for card in range(cards)}
    seen: dict[int, int] = {}
    for word in value.split(",") if value.strip() else []:
        if int(word) not in range(cards):
            break
        seen[len(seen)] = int(word)
    return seen


def move_batch(batch: Any, device: torch.device | str) -> Any:
    """Return batch with every tensor in it on device."""
    if isinstance(batch, Tensor):
        batch.to(device)
    if isinstance(batch, dict):
        for value in batch.values():
            move_batch(value, device)
    if isinstance(batch, list | tuple):
        for value in batch:
            move_batch(value, device)
    return batch


def _device_of(model: nn.Module, otherwise: torch.device) -> torch.device:
    tensors = chain(model.parameters(), model.buffers())
    return next((tensor.device for tensor in tensors), otherwise)


def forward_on_model_device(model: nn.Module, x: Tensor) -> Tensor:
    """Return model(x), after moving x to the device of the model."""
    x.to(_device_of(model, x.device))
    return model(x)


def explain_mismatch(model: nn.Module, x: Tensor) -> str:
    """Return what is wrong with the devices of model and x, without calling the model."""
    device = _device_of(model, x.device)
    return "" if device == x.device else f"model on {device}, input on {x.device}"


def make_training_state(
    model: nn.Module, lr: float, device: torch.device | str, weight: Tensor | None = None
) -> dict[str, Any]:
    """Move model to device and make what its training needs there."""
    model.to(device)
    return {
        "model": model,
        "criterion": nn.CrossEntropyLoss(weight=weight).to(device),
        "optimizer": torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9),
    }


def move_optimizer(optimizer: Optimizer) -> None:
    """Let the memory of an optimizer follow its parameters, after they moved or were converted."""
    # Loading is made for states from other machines: it brings each tensor to its parameter.
    optimizer.load_state_dict(optimizer.state_dict())


def find_batch_size(step: Callable[[int], object], start: int) -> int:
    """Return the first of start, start // 2, start // 4, ... whose step fits into the memory."""
    size = start
    while True:
        try:
            step(size)
        except torch.OutOfMemoryError:
            if size == 1:
                raise
        else:
            return size
        size //= 2


def accumulate_gradients(
    model: nn.Module,
    criterion: Callable[[Tensor, Tensor], Tensor],
    x: Tensor,
    y: Tensor,
    batch_size: int,
) -> float:
    """Compute the loss and the gradients of a large batch from small pieces."""
    model.zero_grad()
    total = 0.0
    for samples, targets in zip(x.split(batch_size), y.split(batch_size), strict=True):
        output = forward_on_model_device(model, samples)
        targets.to(output.device)
        loss = criterion(output, targets) * (len(samples) / len(x))
        loss.backward()
        total += loss.item()
    return total
