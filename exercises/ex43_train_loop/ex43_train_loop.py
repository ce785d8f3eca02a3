"""Exercise ex43_train_loop: a small network, one epoch of training, and many.

Add the imports that you need.
"""

from collections.abc import Callable, Mapping

from torch import Tensor, nn
from torch.optim import Optimizer
from torch.utils.data import DataLoader


class MLP(nn.Module):
    """A network of two linear layers: `hidden`, ReLU, `output`.

    hidden is an nn.Linear(in_features, hidden_features) and output an
    nn.Linear(hidden_features, classes), both with a bias. Nothing else has parameters.
    """

    def __init__(
        self, in_features: int = 784, hidden_features: int = 256, classes: int = 10
    ) -> None:
        """Make the layers."""
        super().__init__()
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores (N, classes) of a batch x (N, in_features) of N >= 1 samples.

        Scores are any numbers: nothing stands behind `output`, for the criterion turns them into
        probabilities itself. They have the dtype and device of x, and gradients pass through them.
        """
        raise NotImplementedError


def train_one_epoch(
    model: nn.Module,
    loader: DataLoader[tuple[Tensor, Tensor]],
    criterion: Callable[[Tensor, Tensor], Tensor],
    optimizer: Optimizer,
    device: str,
) -> float:
    """Go through loader once, take one step of optimizer for each batch, return the average loss.

    model is on device and may come in evaluation mode; it is trained in training mode.
    loader: gives at least one batch (x, y). Batches differ in size, need not hold all samples of
    loader.dataset, and may be on another device: you move them.
    criterion(output, target) gives the loss of a batch, the mean over its samples, as a tensor
    with one number. Both model and criterion are called once for each batch.
    optimizer holds the parameters of model. A step follows the gradient of its own batch alone:
    what stands in the parameters' .grad before, also when you are called, has no part in it.
    Returns, as a Python float, the mean of the loss over all samples that loader has given, each
    as it was before the step of its batch. What a batch needed for its gradient (its graph) is
    let go when the batch is done.
    """
    raise NotImplementedError


def fit(
    model: nn.Module,
    loaders: Mapping[str, DataLoader[tuple[Tensor, Tensor]]],
    epochs: int,
    lr: float,
    device: str,
) -> list[dict[str, float]]:
    """Train model itself, not a copy, for `epochs` epochs on loaders["train"].

    Moves model to device first. Then one optimizer serves all epochs: torch.optim.SGD with the
    learning rate lr and momentum 0.9. The criterion is nn.CrossEntropyLoss(). Each epoch is one
    pass of train_one_epoch. Other loaders, such as loaders["val"], are not for training and are
    left alone.
    Returns one dict for each epoch, in order: {"epoch": its number, "loss": its average loss},
    where "epoch" is an int that counts from 1 and "loss" is a float.

    Speed counts: making an MLP, training it with fit and scoring new samples are timed together,
    beside a plain solution on the same machine. Up to 3 times its time earns all points of that
    check, up to 10 times half of them, more than that none. The MLP must have learned as well: of
    new pictures it must get at least 93 % right, with settings that suffice for a plain solution.
    """
    raise NotImplementedError
