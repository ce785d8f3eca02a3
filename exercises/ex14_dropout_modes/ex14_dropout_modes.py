"""Exercise ex14_dropout_modes: dropout by hand, and the two modes of a module.

Add the imports that you need.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import Tensor, nn


class MyDropout(nn.Module):
    """A layer that drops numbers while it trains, as nn.Dropout does.

    In training mode each number becomes 0 with probability p, independently of all others and anew
    in every call, and the numbers that remain are divided by 1 - p. In evaluation mode nothing
    happens. The layer has no parameters and no buffers.
    """

    def __init__(self, p: float = 0.5) -> None:
        """Keep the probability p of dropping a number, 0 <= p <= 1.

        Raises ValueError for any other p.
        """
        super().__init__()
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """Return x with numbers dropped in training mode, with the values of x in evaluation mode.

        x: any shape, also an empty one, float32 or float64. The result has the same shape, dtype
        and device; x itself stays as it is. With p = 1 everything becomes 0. The gradient of a
        dropped number is 0, that of one that remains is divided by 1 - p.
        The random numbers come from torch's global generator: torch.manual_seed repeats them.
        """
        raise NotImplementedError


class Net(nn.Module):
    """Two linear layers with dropout between them, written as a function: F.dropout.

    Sub-modules: `fc1` from in_features to hidden, and `fc2` from hidden to classes, both nn.Linear
    with a bias. There is no nn.Dropout among them.
    """

    def __init__(self, in_features: int, hidden: int, classes: int, p: float) -> None:
        """Make the two layers and keep p."""
        super().__init__()
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores (N, classes) of x, (N, in_features).

        fc1, then ReLU, then dropout with probability p (F.dropout), then fc2. The dropout follows
        the mode of this module: it is on in training mode and off in evaluation mode.
        """
        raise NotImplementedError


@contextmanager
def evaluating(model: nn.Module) -> Iterator[nn.Module]:
    """Put model into evaluation mode for the time of a with block, and give it to the block.

    In the block every module of model is in evaluation mode. Afterwards each of them is in the
    mode that it had before, which need not be the same for all, also if the block raised an
    exception, which passes on. Nothing else changes: autograd records in the block as before, and
    requires_grad stays as it is.
    """
    raise NotImplementedError


def predict(model: nn.Module, x: Tensor) -> Tensor:
    """Return model(x), computed in evaluation mode and without a graph.

    The result does not require grad. Each module is afterwards in the mode that it had before,
    also if model raised an exception; parameters and buffers stay as they are.
    """
    raise NotImplementedError


def mode_sensitive(model: nn.Module) -> list[str]:
    """Return the names of all modules in model that compute differently in the two modes.

    These kinds count, and classes derived from them: nn.Dropout, nn.Dropout1d, nn.Dropout2d,
    nn.Dropout3d, nn.AlphaDropout, nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, and your
    MyDropout. No others.
    At any depth, model itself included. The names, and their order, are those of named_modules():
    "features.1" for example, "" for model itself; a module in two places is named once.
    """
    raise NotImplementedError
