"""Another right solution: the state moved by hand, gradients from torch.autograd.grad."""

import importlib
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import SGD, Optimizer
from torch.utils._pytree import tree_map_only


def mps_usable() -> bool:
    """Ask both questions."""
    mps = importlib.import_module("torch.backends.mps")
    return mps.is_built() and mps.is_available()


def select_device(*, cuda: bool | None = None, mps: bool | None = None) -> torch.device:
    """Replace what is not given, then choose a name."""
    cuda = torch.cuda.is_available() if cuda is None else cuda
    mps = mps_usable() if mps is None else mps
    return torch.device("cuda" if cuda else "mps" if mps else "cpu")


def visible_map(value: str | None, cards: int) -> dict[int, int]:
    """Cut the list off at the first number that no card has."""
    if value is None:
        value = ",".join(map(str, range(cards)))
    numbers = [int(number) for number in value.replace(",", " ").split()]
    wrong = [place for place, number in enumerate(numbers) if not 0 <= number < cards]
    return dict(enumerate(numbers[: wrong[0]] if wrong else numbers))


def move_batch(batch: Any, device: torch.device | str) -> Any:
    """Let PyTorch walk through the containers."""
    return tree_map_only(Tensor, lambda tensor: tensor.to(device), batch)


def _tensors(model: nn.Module) -> Iterator[Tensor]:
    yield from model.parameters()
    yield from model.buffers()


def forward_on_model_device(model: nn.Module, x: Tensor) -> Tensor:
    """Leave x where it is for a model that is nowhere."""
    device = x.device
    for tensor in _tensors(model):
        device = tensor.device
    return model(x.to(device))


def explain_mismatch(model: nn.Module, x: Tensor) -> str:
    """Collect the devices of the model in a set."""
    others = {str(tensor.device) for tensor in _tensors(model)} - {str(x.device)}
    return f"model on {others.pop()}, input on {x.device!s}" if others else ""


def make_training_state(
    model: nn.Module, lr: float, device: torch.device | str, weight: Tensor | None = None
) -> dict[str, Any]:
    """Move the weights before the criterion takes them."""
    device = torch.device(device)
    weight = None if weight is None else weight.to(device)
    moved = model.to(device)
    optimizer = SGD([{"params": list(moved.parameters())}], lr=lr, momentum=0.9)
    return {"model": moved, "optimizer": optimizer, "criterion": nn.CrossEntropyLoss(weight)}


def move_optimizer(optimizer: Optimizer) -> None:
    """Go through the state by hand."""
    for parameter, memory in optimizer.state.items():
        for name, value in memory.items():
            if isinstance(value, Tensor) and value.shape == parameter.shape:
                memory[name] = value.to(parameter)


def find_batch_size(step: Callable[[int], object], start: int) -> int:
    """Ask a helper that says yes or no, so that no error outlives it."""

    def fits(size: int) -> bool:
        try:
            step(size)
        except torch.OutOfMemoryError:
            return False
        return True

    while start > 1:
        if fits(start):
            return start
        start //= 2
    step(1)
    return 1


def accumulate_gradients(
    model: nn.Module,
    criterion: Callable[[Tensor, Tensor], Tensor],
    x: Tensor,
    y: Tensor,
    batch_size: int,
) -> float:
    """Add up gradients of sums and divide at the end."""
    parameters = list(model.parameters())
    sums = [torch.zeros_like(parameter) for parameter in parameters]
    total = 0.0
    for first in range(0, x.shape[0], batch_size):
        piece = slice(first, first + batch_size)
        target = y[piece].to(parameters[0].device)
        loss = criterion(model(x[piece].to(parameters[0].device)), target) * target.shape[0]
        for number, gradient in enumerate(torch.autograd.grad(loss, parameters)):
            sums[number] += gradient
        total += float(loss.detach())
    for parameter, gradient in zip(parameters, sums, strict=True):
        parameter.grad = gradient / x.shape[0]
    return total / x.shape[0]
