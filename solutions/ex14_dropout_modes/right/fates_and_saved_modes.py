"""Numbers that are picked by torch.where, and modes that train(mode) puts back."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd


class MyDropout(nn.Module):
    """Dropout that chooses between 0 and the scaled number."""

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        if not 0.0 <= p <= 1.0:
            raise ValueError(p)
        self.p = float(p)

    def forward(self, x: Tensor) -> Tensor:
        """Return x with numbers dropped in training mode, x itself in evaluation mode."""
        if not self.training or self.p == 0:
            return x
        scale = 0.0 if self.p == 1 else 1 / (1 - self.p)
        fate = torch.rand(x.shape, device=x.device)
        return torch.where(fate < self.p, x.new_zeros(()), x * scale)


class Net(nn.Module):
    """Two layers; eval() is honoured by a p of 0."""

    def __init__(self, in_features: int, hidden: int, classes: int, p: float) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(in_features, hidden), nn.Linear(hidden, classes)
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores (N, classes) of x, (N, in_features)."""
        return self.fc2(F.dropout(self.fc1(x).clamp(min=0), self.p if self.training else 0.0))


@contextmanager
def evaluating(model: nn.Module) -> Iterator[nn.Module]:
    """Put model into evaluation mode for the time of a with block, and give it to the block."""
    with ExitStack() as stack:
        # The last one is called first: the model, and then its children, which have a say too.
        for module in reversed(list(model.modules())):
            stack.callback(module.train, module.training)
        yield model.eval()


def predict(model: nn.Module, x: Tensor) -> Tensor:
    """Return model(x), computed in evaluation mode and without a graph."""
    with evaluating(model):
        return model(x).detach()


def mode_sensitive(model: nn.Module) -> list[str]:
    """Return the names of all modules in model that compute differently in the two modes."""
    kinds = (_DropoutNd, _BatchNorm, MyDropout)
    return [name for name, module in model.named_modules() if isinstance(module, kinds)]
