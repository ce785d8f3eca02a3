"""Exercise ex46_devices: choose a device, move what belongs there, and fit into its memory.

Add the imports that you need. A device is given as torch.device or as a string such as "cuda".
The device of a model is that of its parameters; of its buffers, if it has no parameters; a model
that has neither is nowhere. No model here is spread over several devices.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer


def mps_usable() -> bool:
    """Return whether PyTorch can compute on an Apple GPU here, as a bool.

    That is what torch.backends.mps.is_available() says when you are called. On a machine
    without such a GPU the answer is False, and nothing is raised.
    """
    raise NotImplementedError


def select_device(*, cuda: bool | None = None, mps: bool | None = None) -> torch.device:
    """Return torch.device("cuda") if there is CUDA, otherwise "mps" if there is that, or "cpu".

    cuda, mps: whether there is one. A flag that is given is believed, whatever this machine has.
    None: torch.cuda.is_available() or torch.backends.mps.is_available() is asked, by these full
    names, when you are called.
    """
    raise NotImplementedError


def visible_map(value: str | None, cards: int) -> dict[int, int]:
    """Return which card stands behind each number "cuda:0", "cuda:1", ... of this process.

    value: what the environment variable CUDA_VISIBLE_DEVICES holds: whole numbers with commas
    between them, perhaps with spaces beside them, none of them twice; an empty string; or None,
    where the variable is not set and all cards are seen. cards: how many cards the machine has;
    they have the numbers 0 to cards - 1.
    The first card of the list becomes number 0, the next one number 1, and so on. The list ends
    before the first number that no card has.
    Returns a dict {number in this process: number of the card}. Your own environment has no part
    in it and is not changed.
    """
    raise NotImplementedError


def move_batch(batch: Any, device: torch.device | str) -> Any:
    """Return batch with every tensor in it on device.

    batch: a tensor; or a tuple, a list or a dict of batches, nested in any way; or anything else,
    such as a string or a number, which is returned as it is.
    Tuples stay tuples, lists stay lists, dicts stay dicts with the same keys. What was given is
    not changed: every container in the result is a new one.
    """
    raise NotImplementedError


def forward_on_model_device(model: nn.Module, x: Tensor) -> Tensor:
    """Return model(x), after moving x to the device of the model.

    The model stays where it is. A model that is nowhere gets x where x is.
    """
    raise NotImplementedError


def explain_mismatch(model: nn.Module, x: Tensor) -> str:
    """Return what is wrong with the devices of model and x, without calling the model.

    On different devices: "model on A, input on B", where A and B are the devices as str() writes
    them, e.g. "model on cuda:0, input on cpu". If there is nothing wrong, "": both are on one
    device, or the model is nowhere.
    """
    raise NotImplementedError


def make_training_state(
    model: nn.Module, lr: float, device: torch.device | str, weight: Tensor | None = None
) -> dict[str, Any]:
    """Move model to device and make what its training needs there.

    weight: a number for each class, as nn.CrossEntropyLoss takes them, on any device, or None.
    Returns {"model": this very model, moved; "criterion": an nn.CrossEntropyLoss with weight, on
    device; "optimizer": a torch.optim.SGD with learning rate lr and momentum 0.9 that holds the
    model's parameters as they are after the move}.
    """
    raise NotImplementedError


def move_optimizer(optimizer: Optimizer) -> None:
    """Let the memory of an optimizer follow its parameters, after they moved or were converted.

    optimizer: any of torch.optim that has taken steps already; its parameters have at least one
    dimension, and some may never have had a gradient. Afterwards each tensor in its state that
    has the shape of its parameter is on the parameter's device and has its dtype, with the same
    values. Everything else is as before: other tensors, such as the count of steps, the settings,
    the parameters. The training goes on with this optimizer.
    """
    raise NotImplementedError


def find_batch_size(step: Callable[[int], object], start: int) -> int:
    """Return the first of start, start // 2, start // 4, ... whose step fits into the memory.

    step(n) tries a batch of n samples, and raises torch.OutOfMemoryError if it does not fit.
    start >= 1. Each size is tried once. If a single sample does not fit either, the
    torch.OutOfMemoryError of step(1) reaches the caller. Any other error reaches the caller at
    once.
    When the next size is tried, nothing of the failed attempt is kept alive: its error holds on
    to all its tensors, so the error must be gone by then.
    """
    raise NotImplementedError


def accumulate_gradients(
    model: nn.Module,
    criterion: Callable[[Tensor, Tensor], Tensor],
    x: Tensor,
    y: Tensor,
    batch_size: int,
) -> float:
    """Compute the loss and the gradients of a large batch from small pieces.

    x (N, ...) and y (N, ...) may be on another device than the model; N >= 1. Their pieces of
    batch_size samples, in order, the last one perhaps smaller, are moved to the model's device and
    go through the model one after the other, each once. criterion(output, target) gives the mean
    loss of a piece, as a tensor with one number.
    Afterwards the .grad of the model's parameters is the gradient of the mean loss over all N
    samples; what stood there before has no part in it. No step is taken.
    What a piece needed for its gradient (its graph) is let go before the next piece.
    Returns the mean loss over all N samples, a float.
    """
    raise NotImplementedError
