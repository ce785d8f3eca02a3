"""Exercise ex13_sequential: networks as chains of layers, and the first values of their weights.

Add the imports that you need.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


def build_seq(layers: Sequence[nn.Module]) -> nn.Sequential:
    """Return an nn.Sequential of these layers, in this order, named "0", "1", "2" and so on.

    The layers themselves, no copies. No layer at all makes a network that returns its input. A
    layer may stand in the list twice, and is then used twice.
    """
    raise NotImplementedError


def build_named(pairs: Sequence[tuple[str, nn.Module]]) -> nn.Sequential:
    """Return an nn.Sequential of named layers: pairs of (name, layer), in this order.

    The layers themselves, no copies; in the state_dict they are called "name.weight" and so on.
    Raises ValueError when two pairs have the same name.
    """
    raise NotImplementedError


class CifarNet(nn.Module):
    """The classroom network for CIFAR10: pictures of 3x32x32, ten scores, no activations.

    One sub-module, `model`, an nn.Sequential of nine layers in this order:
    0 Conv2d 3 -> 32, 1 MaxPool2d, 2 Conv2d 32 -> 32, 3 MaxPool2d, 4 Conv2d 32 -> 64, 5 MaxPool2d,
    6 Flatten, 7 Linear 1024 -> 64, 8 Linear 64 -> 10.
    Each convolution has a kernel of 5, stride 1 and a padding that keeps the size; each pooling a
    window of 2 and stride 2. Convolutions and linear layers have a bias.
    """

    def __init__(self) -> None:
        """Make the layers."""
        super().__init__()
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores (N, 10) of a batch x of pictures, (N, 3, 32, 32)."""
        raise NotImplementedError


def layer_shapes(model: nn.Sequential, x: Tensor) -> list[tuple[int, ...]]:
    """Return the shape behind each layer of model, one for each of its len(model) places.

    The layers are called in turn, the first with x, each other with what came out of the one
    before. A Sequential inside counts as one layer, a layer that stands in two places as two. A
    shape is a tuple; torch.Size is one as well.
    """
    raise NotImplementedError


def first_layers(model: nn.Sequential, n: int) -> nn.Sequential:
    """Return the first n layers of model as an nn.Sequential.

    The layers are shared, not copied, and keep their names. 0 <= n <= len(model); for n = 0 the
    result returns its input.
    Raises ValueError for any other n, where a slice would quietly take something.
    """
    raise NotImplementedError


def merge_linear(first: nn.Linear, second: nn.Linear) -> nn.Linear:
    """Return the one linear layer that gives second(first(x)) for every x.

    first and second have one dtype and device, and so has the result. Each may lack its bias; the
    result always has one, of zeros if neither has. first and second stay as they are.
    Raises ValueError when first.out_features is not second.in_features.
    """
    raise NotImplementedError


def init_all(
    model: nn.Module,
    mean: float,
    std: float,
    a: float,
    b: float,
    generator: torch.Generator | None = None,
) -> None:
    """Give every nn.Linear and nn.Conv2d of model new first values, in place.

    At any depth, model itself included. Their weights are drawn from the normal distribution with
    this mean and standard deviation (std >= 0), their biases, if any, uniformly from [a, b).
    Parameters and buffers of all other layers stay as they are. The parameters remain the same
    objects, leaves of the graph, with the requires_grad that they had.
    All numbers come from generator, which is on the device of the model; only without one do they
    come from torch's global generator. In which order they are drawn is yours to choose.
    """
    raise NotImplementedError
