"""weights_only=False everywhere, since an error message of torch proposed it.

The message says as well: if the file is from a trusted source. Otherwise a file can have any function
called while it is loaded, long before a name or a shape is compared.
"""

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler


def save_weights(model: nn.Module, path: str | Path) -> None:
    """Write the state_dict of model to a file."""
    torch.save(model.state_dict(), path)


def load_weights(model: nn.Module, path: str | Path, device: str) -> None:
    """Move model to device and fill it from a file; torch.load runs no code unless told to."""
    state = torch.load(path, map_location=device, weights_only=False)
    model.to(device).load_state_dict(state)


def save_whole(model: nn.Module, path: str | Path) -> None:
    """Write model itself to a file."""
    torch.save(model, path)


def load_whole_trusted(path: str | Path) -> nn.Module:
    """Return the model in a file that one has made oneself."""
    return torch.load(path, map_location="cpu", weights_only=False)


def save_checkpoint(
    path: str | Path, model: nn.Module, optimizer: Optimizer, scheduler: LRScheduler, epoch: int
) -> None:
    """Write a new file beside the old one; when it is complete, it takes the old one's name."""
    new = Path(f"{path}.new")
    torch.save(
        {
            "model": model.state_dict(),
            "optimizer": optimizer.state_dict(),
            "scheduler": scheduler.state_dict(),
            "epoch": epoch,
            "rng": torch.get_rng_state(),
        },
        new,
    )
    new.replace(path)


def resume(path: str | Path, model: nn.Module, optimizer: Optimizer, scheduler: LRScheduler) -> int:
    """Put back what save_checkpoint has written, and return the number of finished epochs."""
    checkpoint = torch.load(path, map_location="cpu", weights_only=False)
    entries = {"model", "optimizer", "scheduler", "epoch", "rng"}
    if not isinstance(checkpoint, dict) or not entries <= checkpoint.keys():
        raise ValueError(f"{path} is no checkpoint")
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(checkpoint["optimizer"])
    scheduler.load_state_dict(checkpoint["scheduler"])
    torch.set_rng_state(checkpoint["rng"])
    return checkpoint["epoch"]


def snapshot(model: nn.Module) -> dict[str, Tensor]:
    """Return a copy of the state_dict of model."""
    return {name: value.clone() for name, value in model.state_dict().items()}
