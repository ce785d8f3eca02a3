"""Another right solution: everything passes through bytes in memory and a named temporary file."""

import copy
import io
import os
import tempfile
from collections import OrderedDict
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

_PARTS = ("model", "optimizer", "scheduler")


def save_weights(model: nn.Module, path: str | Path) -> None:
    """Write the bytes with pathlib."""
    buffer = io.BytesIO()
    torch.save(OrderedDict(model.state_dict()), buffer)
    Path(path).write_bytes(buffer.getvalue())


def load_weights(model: nn.Module, path: str | Path, device: str) -> None:
    """Load on the CPU, move, and copy."""
    with Path(path).open("rb") as file:
        state = torch.load(file, weights_only=True, map_location=torch.device("cpu"))
    model.load_state_dict(state, strict=True)
    model.to(torch.device(device))


def save_whole(model: nn.Module, path: str | Path) -> None:
    """Open the file first."""
    with Path(path).open("wb") as file:
        torch.save(model, file)


def load_whole_trusted(path: str | Path) -> nn.Module:
    """Let a function say where each storage goes."""
    return torch.load(str(path), lambda storage, _place: storage, weights_only=False)


def save_checkpoint(
    path: str | Path, model: nn.Module, optimizer: Optimizer, scheduler: LRScheduler, epoch: int
) -> None:
    """Make the bytes, write them to a temporary file in the same folder, rename it."""
    parts = dict(zip(_PARTS, (model, optimizer, scheduler), strict=True))
    checkpoint: dict[str, object] = {name: part.state_dict() for name, part in parts.items()}
    checkpoint.update(rng=torch.random.get_rng_state(), epoch=epoch)
    buffer = io.BytesIO()
    torch.save(checkpoint, buffer)
    folder = os.path.dirname(os.path.abspath(path))  # noqa: PTH100, PTH120
    handle, name = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(buffer.getbuffer())
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)  # noqa: PTH105
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def resume(path: str | Path, model: nn.Module, optimizer: Optimizer, scheduler: LRScheduler) -> int:
    """Take all five out of the dict before the first is put back."""
    checkpoint = torch.load(path, map_location=lambda storage, _place: storage, weights_only=True)
    try:
        states = [checkpoint[name] for name in _PARTS]
        epoch, rng = checkpoint["epoch"], checkpoint["rng"]
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError(f"no checkpoint: {path}") from error
    for part, state in zip((model, optimizer, scheduler), states, strict=True):
        part.load_state_dict(state)
    torch.random.set_rng_state(rng)
    return epoch


def snapshot(model: nn.Module) -> dict[str, Tensor]:
    """Copy the dict and all that is in it."""
    return copy.deepcopy(model.state_dict())
