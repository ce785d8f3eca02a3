"""Exercise ex45_checkpoint: weights and checkpoints in files."""

from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler


def save_weights(model: nn.Module, path: str) -> None:
    """Save model.state_dict() so that torch.load(path), with its defaults, returns it."""
    raise NotImplementedError


def load_weights(model: nn.Module, path: str, device: str) -> None:
    """Load the state_dict in the file into model, by way of `device`.

    A file that holds anything but tensors and plain containers raises; none of its code runs.
    """
    raise NotImplementedError


def save_checkpoint(
    path: str, model: nn.Module, optimizer: Optimizer, scheduler: LRScheduler, epoch: int
) -> None:
    """Save all that training depends on. A save that fails raises and leaves an old file whole."""
    raise NotImplementedError


def resume(path: str, model: nn.Module, optimizer: Optimizer, scheduler: LRScheduler) -> int:
    """Put a checkpoint back into model, optimizer and scheduler; return its epoch."""
    raise NotImplementedError


def snapshot(model: nn.Module) -> dict[str, Tensor]:
    """Return a copy of the state that later training does not change."""
    raise NotImplementedError
