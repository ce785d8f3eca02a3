"""Another right solution: names are compared and values copied by hand, the file is linked anew."""

import itertools
import pickle
import shutil
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler


def _plain(path: str | Path) -> Any:
    try:
        return torch.load(path, weights_only=True, map_location="cpu")
    except pickle.UnpicklingError as error:
        raise pickle.UnpicklingError(f"{path} is not to be trusted") from error


def _own(model: nn.Module) -> dict[str, Tensor]:
    return dict(itertools.chain(model.named_parameters(), model.named_buffers()))


def save_weights(model: nn.Module, path: str | Path) -> None:
    """Parameters and buffers, one after the other."""
    torch.save({name: value.detach() for name, value in _own(model).items()}, path)


@torch.no_grad()
def load_weights(model: nn.Module, path: str | Path, device: str) -> None:
    """Compare the names, then copy."""
    model.to(device)
    state, own = _plain(path), _own(model)
    if wrong := sorted(state.keys() ^ own.keys()):
        names = ", ".join(f'"{name}"' for name in wrong)
        raise RuntimeError(f"these stand on one side only: {names}")
    for name, value in own.items():
        value.copy_(state[name])


def save_whole(model: nn.Module, path: str | Path) -> None:
    """Another protocol of pickle."""
    torch.save(model, path, pickle_protocol=4)


def load_whole_trusted(path: str | Path) -> nn.Module:
    """Load and move."""
    with torch.serialization.safe_globals([]):
        return torch.load(path, map_location="cpu", weights_only=False).cpu()


def save_checkpoint(
    path: str | Path, model: nn.Module, optimizer: Optimizer, scheduler: LRScheduler, epoch: int
) -> None:
    """Write into a folder of its own beside the file, then move the file out of it."""
    path = Path(path)
    folder = path.with_name(f".{path.name}.part")
    folder.mkdir(exist_ok=True)
    checkpoint = {"epoch": epoch, "rng": torch.default_generator.get_state()}
    for name, part in {"scheduler": scheduler, "optimizer": optimizer, "model": model}.items():
        checkpoint[name] = part.state_dict()
    try:
        torch.save(checkpoint, folder / path.name)
        (folder / path.name).rename(path)
    finally:
        shutil.rmtree(folder)


def resume(path: str | Path, model: nn.Module, optimizer: Optimizer, scheduler: LRScheduler) -> int:
    """Match the dict."""
    match _plain(path):
        case {"model": m, "optimizer": o, "scheduler": s, "epoch": int(epoch), "rng": rng}:
            scheduler.load_state_dict(s)
            optimizer.load_state_dict(o)
            model.load_state_dict(m)
            torch.default_generator.set_state(rng)
            return epoch
        case _:
            raise ValueError("this is no checkpoint")


def snapshot(model: nn.Module) -> dict[str, Tensor]:
    """Empty tensors, filled."""
    return {
        name: torch.empty_like(value).copy_(value) for name, value in model.state_dict().items()
    }
