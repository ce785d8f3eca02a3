"""Everything in einsum, and the convolution's parameters set as new ones."""

import torch
from torch import Tensor, nn


class MyLinear(nn.Module):
    """A linear layer whose bias is registered as None where there is none."""

    def __init__(self, in_features: int, out_features: int, *, bias: bool = True) -> None:
        super().__init__()
        bound = in_features**-0.5
        self.weight = nn.Parameter(torch.empty(out_features, in_features).uniform_(-bound, bound))
        if bias:
            self.bias = nn.Parameter(torch.empty(out_features).uniform_(-bound, bound))
        else:
            self.register_parameter("bias", None)

    def forward(self, x: Tensor) -> Tensor:
        """Return x @ weight.T + bias: (..., in_features) becomes (..., out_features)."""
        result = torch.einsum("...i, oi -> ...o", x, self.weight)
        if self.bias is not None:
            result = result + self.bias
        return result


def scores(W: Tensor, x: Tensor, b: Tensor) -> Tensor:
    """Return the scores W x + b of pictures that stand in the columns of x."""
    return torch.einsum("kd, dn -> kn", W, x) + b.unsqueeze(-1)


def predict_class(W: Tensor, x: Tensor, b: Tensor) -> Tensor:
    """Return for each column of x the class, counted from 0, with the largest score."""
    return torch.topk(scores(W, x, b), 1, dim=0).indices[0]


def num_flat_features(x: Tensor) -> int:
    """Return how many numbers one item of the batch x has."""
    count = 1
    for size in x.size()[1:]:
        count *= size
    return count


def flatten_features(x: Tensor) -> Tensor:
    """Return the batch x with each item as one row."""
    if x.ndim <= 1:
        raise ValueError("flatten_features needs a batch with something in it")
    return x.reshape(x.size(0), num_flat_features(x))


def linear_to_conv(fc: nn.Linear, c: int, h: int, w: int) -> nn.Conv2d:
    """Return a convolution that gives for (N, c, h, w) what fc gives for the flattened picture."""
    if c * h * w != fc.in_features:
        raise ValueError("the sizes do not fit the layer")
    kernels = fc.weight.detach().clone().unflatten(1, (c, h, w))
    conv = nn.Conv2d(c, fc.out_features, (h, w), bias=False)
    conv.weight = nn.Parameter(kernels)
    if fc.bias is not None:
        conv.bias = nn.Parameter(fc.bias.detach().clone())
    return conv
