"""A Bernoulli mask, and the modes kept by a class with __enter__ and __exit__."""

from types import TracebackType

import torch
from torch import Tensor, nn


class MyDropout(nn.Module):
    """Dropout whose mask holds the scale as well."""

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        if p < 0 or p > 1:
            raise ValueError("p has to lie between 0 and 1")
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        """Return x with numbers dropped in training mode, x itself in evaluation mode."""
        if self.training:
            keep = 1.0 - self.p
            mask = torch.bernoulli(torch.full_like(x, keep))
            return x * (mask / keep if keep else mask)
        return x.clone()


class Net(nn.Module):
    """Two layers; the dropout is done under its full name."""

    def __init__(self, in_features: int, hidden: int, classes: int, p: float) -> None:
        super().__init__()
        self.fc2 = nn.Linear(hidden, classes)
        self.fc1 = nn.Linear(in_features, hidden)
        self.share = p

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores (N, classes) of x, (N, in_features)."""
        x = torch.relu(self.fc1(x))
        if self.training:
            x = nn.functional.dropout(x, p=self.share)
        return self.fc2(x)


class evaluating:  # noqa: N801
    """A guard that remembers which modules were training."""

    def __init__(self, model: nn.Module) -> None:
        self.model = model
        self.training = [module for module in model.modules() if module.training]

    def __enter__(self) -> nn.Module:
        return self.model.eval()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.model.train(mode=False)
        for module in self.training:
            module.training = True


@torch.no_grad()
def predict(model: nn.Module, x: Tensor) -> Tensor:
    """Return model(x), computed in evaluation mode and without a graph."""
    with evaluating(model) as judge:
        return judge(x)


def mode_sensitive(model: nn.Module) -> list[str]:
    """Return the names of all modules in model that compute differently in the two modes."""
    names = []
    for name, module in model.named_modules():
        parents = {parent.__name__ for parent in type(module).__mro__}
        ours = {"MyDropout", "Dropout", "AlphaDropout"}
        ours |= {f"{kind}{n}d" for kind in ("Dropout", "BatchNorm") for n in (1, 2, 3)}
        if parents & ours:
            names.append(name)
    return names
