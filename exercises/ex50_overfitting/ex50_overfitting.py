"""Exercise ex50_overfitting: too little data, the curves that show it, and when to stop.

Labels y are int64 (N,) with classes 0 to 9. Add the imports that you need.
"""

from collections.abc import Callable

from torch import Tensor, nn


def small_split(
    x: Tensor, y: Tensor, n: int = 60, seed: int = 0
) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Return (train, val): n samples drawn at random, and all the others.

    x: (N, ...), y: (N,). Both parts are pairs (x, y) in which each picture still has its own label;
    every sample is in exactly one of them. Which samples are drawn depends on seed and on nothing
    else, and torch's global generator stays as it was.
    Raises ValueError unless 1 <= n < N: both parts need at least one sample.
    """
    raise NotImplementedError


def build_mlp(hidden: int, dropout: float = 0.0) -> nn.Sequential:
    """Return a network that turns pictures (N, 1, 8, 8) into scores (N, 10).

    An nn.Sequential of these five layers, in this order: Flatten, Linear to `hidden` numbers,
    ReLU, Dropout with probability dropout, Linear to 10 scores. The first weights are PyTorch's.
    """
    raise NotImplementedError


def train_curve(
    model: nn.Module,
    train: tuple[Tensor, Tensor],
    val: tuple[Tensor, Tensor],
    epochs: int,
    *,
    lr: float = 1e-3,
    weight_decay: float = 0.0,
    augment: Callable[[Tensor], Tensor] | None = None,
    patience: int | None = None,
) -> dict[str, list[float]]:
    """Train model and return its curves: how it does on train and on val after each epoch.

    model turns inputs (N, ...) into scores (N, K); train and val are pairs (x, y), N >= 1. They may
    be on another device than the model: move them there.
    An epoch is one step: the mean cross entropy of the whole of train in training mode, its
    gradient, and one step of torch.optim.AdamW with lr and weight_decay, otherwise its defaults.
    With augment the step uses augment(x) instead of x, called anew in each epoch, with the inputs
    of train alone.
    After the step both parts are measured: in evaluation mode, without a graph, on the inputs as
    they came. Returns {"train_loss": [...], "train_accuracy": [...], "val_loss": [...],
    "val_accuracy": [...]}, Python floats, one for each epoch; the losses are mean cross entropies,
    the accuracies shares of right answers. val has no part in the steps.
    With patience the training ends as soon as that many epochs in a row have brought no val_loss
    below the lowest before them, and the model gets back the parameters and buffers that it had
    after the epoch of the lowest val_loss (see early_stop), also when all epochs were used up. The
    curves tell of every epoch that was trained. Without patience the model stays as the last epoch
    left it. In either case it is in evaluation mode at the end.
    """
    raise NotImplementedError


def early_stop(val_losses: list[float], patience: int) -> int:
    """Return the epoch, counted from 0, whose weights are worth keeping.

    Go through the losses in order and note the lowest so far. As soon as `patience` epochs in a row
    have not gone below it, stop: what comes later is not looked at. The answer is the epoch of the
    lowest loss that was seen, the first one where several are equal. A loss that is nan or inf goes
    below nothing; the first loss is a finite number.
    Raises ValueError when there are no losses or patience is less than 1.
    """
    raise NotImplementedError


def diagnose(train: list[float], val: list[float]) -> str:
    """Return a name for what two curves of losses show, one number for each epoch.

    The first of these four that fits:
    "diverged": a number in either of them is nan or inf, or the last training loss is above the
        first one;
    "underfit": the last training loss is above half of the first one;
    "overfit": the last validation loss is above the last training loss by more than a tenth of the
        first training loss, or it is more than 1.2 times the lowest validation loss;
    "good".
    Raises ValueError when there are no losses, or not equally many.
    """
    raise NotImplementedError
