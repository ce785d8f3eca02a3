"""Exercise ex47_full_pipeline: the complete recipe, from the data to the checkpoints.

Pictures are float32 (N, 1, 8, 8) with numbers from 0 to 1, labels are int64 (N,) with classes 0 to
9, N >= 1. Add the imports that you need; importing this file does nothing but define its names.
"""

from pathlib import Path

from torch import Tensor, nn
from torch.utils.data import DataLoader


def build_model() -> nn.Sequential:
    """Return a network that turns pictures (N, 1, 8, 8) into scores (N, 10).

    An nn.Sequential of these ten layers, in this order: Conv2d from 1 to 8 maps, BatchNorm2d,
    ReLU, MaxPool2d(2); Conv2d from 8 to 16 maps, BatchNorm2d, ReLU, MaxPool2d(2); Flatten; Linear
    to 10 scores. Both kernels are 3 x 3 with padding 1. The first weights are PyTorch's own.
    """
    raise NotImplementedError


def build_loaders(
    train: tuple[Tensor, Tensor], test: tuple[Tensor, Tensor], batch_size: int, seed: int
) -> dict[str, DataLoader[tuple[Tensor, ...]]]:
    """Return {"train": a loader of train, "test": a loader of test}, in batches (x, y).

    train, test: pictures and labels. Each pass gives every sample once; the last batch may be
    smaller. "train" shuffles anew at each pass. Its orders depend on seed and on nothing else:
    not on random numbers that were drawn elsewhere. "test" keeps the order.
    """
    raise NotImplementedError


def evaluate(
    model: nn.Module, loader: DataLoader[tuple[Tensor, ...]], device: str
) -> dict[str, float]:
    """Return {"loss": the mean cross entropy, "accuracy": the share of right answers}.

    model is on device and gives scores (N, K); the batches (x, y) of loader may be on another
    device. Both numbers are Python floats and means over all samples. The model is asked in
    evaluation mode, and without a graph. Afterwards it is in the mode in which it came, with all
    its parameters and buffers as they were.
    """
    raise NotImplementedError


def main(
    train: tuple[Tensor, Tensor],
    test: tuple[Tensor, Tensor],
    log_dir: str | Path,
    out_dir: str | Path,
    *,
    epochs: int = 3,
    batch_size: int = 64,
    lr: float = 0.01,
    log_every: int = 10,
    device: str = "cpu",
    seed: int = 0,
) -> dict[str, list[float]]:
    """Train a new model of build_model on train, test it after every epoch, log and save.

    Every step: cross entropy of a batch of build_loaders' "train" in training mode, its gradient,
    one step of torch.optim.Adam with the rate lr and otherwise its defaults. The steps are
    counted from 1, through all epochs.
    log_dir gets one event file of TensorBoard, complete when main returns, with the scalars
      "train_loss" at the steps log_every, 2 * log_every, ...: the loss of that step's batch;
      "test_loss" and "test_accuracy" at 1, 2, ..., the number of the epoch, after it.
    out_dir gets for each epoch a file with the model's state_dict after it: "model_1.pt",
    "model_2.pt", ... Both folders are made if they are not there; nothing is written elsewhere.
    test has no part in the training. Model and batches are on device.
    The first weights and the order of the samples depend on seed and on nothing else.
    Returns {"train_loss": [...], "test_loss": [...], "test_accuracy": [...]} with one float for
    each epoch. An epoch's train_loss is the mean over its samples, with the losses as they were
    before each step.

    Speed counts: a run of main on 1437 pictures with the scores of its last checkpoint for new
    pictures is timed beside a plain solution. Up to 3 times its time earns all points of that
    check, up to 5 times half of them, more than that none. The model must have learned as well:
    after two epochs with lr=0.015 it must get at least 80 % of new pictures right.
    """
    raise NotImplementedError
