"""state_dict() looks like a copy and is none."""

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler


def save_weights(model: nn.Module, path: str) -> None:
    """Save model.state_dict() so that torch.load(path), with its defaults, returns it."""
    torch.save(model.state_dict(), path)


def load_weights(model: nn.Module, path: str, device: str) -> None:
    """Load the state_dict in the file into model, by way of `device`."""
    model.load_state_dict(torch.load(path, map_location=device, weights_only=True))


def save_checkpoint(
    path: str, model: nn.Module, optimizer: Optimizer, scheduler: LRScheduler, epoch: int
) -> None:
    """Save all that training depends on. A save that fails raises and leaves an old file whole."""
    checkpoint = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "scheduler": scheduler.state_dict(),
        "epoch": epoch,
    }
    torch.save(checkpoint, path + ".new")
    Path(path + ".new").replace(path)


def resume(path: str, model: nn.Module, optimizer: Optimizer, scheduler: LRScheduler) -> int:
    """Put a checkpoint back into model, optimizer and scheduler; return its epoch."""
    checkpoint = torch.load(path, weights_only=True)
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(checkpoint["optimizer"])
    scheduler.load_state_dict(checkpoint["scheduler"])
    return checkpoint["epoch"]


def snapshot(model: nn.Module) -> dict[str, Tensor]:
    """Return a copy of the state that later training does not change."""
    return dict(model.state_dict())
