"""Exercise ex45_checkpoint: models in files, and training that goes on where it stopped.

Every path is a str or a pathlib.Path of a file in a folder that exists; a file that stands there
already is replaced. Add the imports that you need.
"""

from pathlib import Path

from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler


def save_weights(model: nn.Module, path: str | Path) -> None:
    """Write the state_dict of model, parameters and buffers, to the file at path.

    torch.load(path), without further arguments, gives this state_dict: names and tensors only.
    """
    raise NotImplementedError


def load_weights(model: nn.Module, path: str | Path, device: str) -> None:
    """Move model to device and fill it with the state_dict in the file at path.

    The file may have been made on a device that this machine does not have.
    Raises RuntimeError when names of model are missing in the file, or the file has names that
    model does not have: the text of the error contains all these names.
    Raises pickle.UnpicklingError when the file holds more than plain data and tensors. Nothing
    that such a file asks for is run.
    """
    raise NotImplementedError


def save_whole(model: nn.Module, path: str | Path) -> None:
    """Write model itself, its structure and its state, to the file at path."""
    raise NotImplementedError


def load_whole_trusted(path: str | Path) -> nn.Module:
    """Return, on the CPU, the model that save_whole has written, with its modes and all.

    It may have been saved on a device that this machine does not have. Such a file can run any
    code when it is loaded: this function is for files that one has made oneself.
    """
    raise NotImplementedError


def save_checkpoint(
    path: str | Path, model: nn.Module, optimizer: Optimizer, scheduler: LRScheduler, epoch: int
) -> None:
    """Write to the file at path all that is needed to go on after `epoch` finished epochs.

    torch.load(path), without further arguments, gives a dict with exactly five entries: "model",
    "optimizer" and "scheduler", the state_dict of each; "epoch", the int; and "rng",
    torch.get_rng_state(), the state of the random numbers of the CPU.

    The file at path is at any time a whole one, the old or the new. If saving fails, be it that
    the disk is full, the error is raised and the old file is still there, unchanged. If it
    succeeds, it leaves no other new file in the folder.
    """
    raise NotImplementedError


def resume(path: str | Path, model: nn.Module, optimizer: Optimizer, scheduler: LRScheduler) -> int:
    """Put back what save_checkpoint has written, and return the number of finished epochs.

    Afterwards model, optimizer, scheduler and the random numbers of the CPU are as they were when
    the file was written, so that training goes on as if it had never stopped, to the last bit.
    model and optimizer stay on their device; the file may have been made on another one.
    Raises ValueError when the file does not hold a dict with these five entries; model,
    optimizer, scheduler and random numbers are then unchanged.
    Raises pickle.UnpicklingError when the file holds more than plain data and tensors. Nothing
    that such a file asks for is run.
    """
    raise NotImplementedError


def snapshot(model: nn.Module) -> dict[str, Tensor]:
    """Return a copy of the state_dict of model: names and tensors, in memory.

    The tensors have the dtypes and devices of those in model and do not require gradients. They
    share no memory with model: whatever happens to the one does not change the other.
    """
    raise NotImplementedError
