"""Training for ex59_ants_bees: learn, measure, keep the best. Add the imports that you need."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from torch import Tensor, nn


def evaluate(model: nn.Module, loader: Iterable[tuple[Tensor, Tensor]]) -> float:
    """Return the share of the samples of loader that model gets right, a float from 0 to 1.

    model has parameters, all on one device, and gives scores (N, K); the batches (x, y) of loader
    may be on another device. It counts over samples: the last batch may be smaller.
    The model is asked in evaluation mode and without a graph. Afterwards it is in the mode in
    which it came, and its parameters and buffers are unchanged.
    """
    raise NotImplementedError


def save_classifier(model: nn.Module, classes: Sequence[str], path: str | Path) -> None:
    """Write all that inference needs to one file at path: weights, and what their numbers mean.

    torch.load(path), without further arguments, gives a dict with exactly two entries: "classes",
    the names in a list, and "weights", the state_dict of model.
    """
    raise NotImplementedError


def train_classifier(
    root: str | Path, path: str | Path, *, epochs: int = 3, device: str = "cpu", seed: int = 0
) -> dict[str, Any]:
    """Train a new network on the pictures in root/train and keep its best state in a file.

    The pictures come from load_pictures, the network from build_network, with one score for each
    class. Each epoch goes through all of root/train once, on device; after it the share of right
    answers on root/val is measured by evaluate. Batch size, optimizer and learning rate are yours
    to choose. epochs is 1 or more.
    The file at path is written by save_classifier: the classes as ImageFolder numbers them, and
    the state after the epoch that had the highest share on root/val, the earliest of several.
    No other file is written. Nothing but seed (and the pictures) decides the result on a CPU.
    Returns {"classes": the list of names, "val_accuracy": [the share after each epoch]}.

    Speed counts: three epochs with 64 pictures for training and 16 for validation are timed beside
    a plain solution. Up to 3 times its time earns all points of that check, up to 6 times half of
    them, more than that none. The network that is kept must have learned as well: it must get
    at least 75 % of new pictures right.
    """
    raise NotImplementedError
