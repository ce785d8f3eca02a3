"""torch's own functions where they are allowed, one row at a time, and a loaded state."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812


class MyLinear(nn.Module):
    """A linear layer that multiplies all rows as one matrix, or adds up a single row."""

    def __init__(self, in_features: int, out_features: int, *, bias: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(out_features, in_features) / in_features)
        if bias:
            self.bias = nn.Parameter(torch.ones(out_features))

    def forward(self, x: Tensor) -> Tensor:
        """Return x @ weight.T + bias: (..., in_features) becomes (..., out_features)."""
        *leading, last = x.shape
        rows = x.reshape(-1, last)
        outputs = torch.stack([rows @ weights for weights in self.weight], dim=1)
        if "bias" in dict(self.named_parameters()):
            outputs = outputs + self.bias.expand_as(outputs)
        return outputs.reshape(*leading, len(self.weight))


def scores(W: Tensor, x: Tensor, b: Tensor) -> Tensor:
    """Return the scores W x + b of pictures that stand in the columns of x."""
    return F.linear(x.T, W, b).T


def predict_class(W: Tensor, x: Tensor, b: Tensor) -> Tensor:
    """Return for each column of x the class, counted from 0, with the largest score."""
    classes = [torch.argmax(column) for column in scores(W, x, b).unbind(1)]
    return torch.stack(classes)


def num_flat_features(x: Tensor) -> int:
    """Return how many numbers one item of the batch x has."""
    return torch.Size(x.shape[1:]).numel()


def flatten_features(x: Tensor) -> Tensor:
    """Return the batch x with each item as one row."""
    if len(x.shape) < 2:
        raise ValueError(x.shape)
    return nn.Flatten()(x)


def linear_to_conv(fc: nn.Linear, c: int, h: int, w: int) -> nn.Conv2d:
    """Return a convolution that gives for (N, c, h, w) what fc gives for the flattened picture."""
    state = fc.state_dict()
    if state["weight"].size(1) != c * h * w:
        raise ValueError(state["weight"].shape)
    weight = state["weight"].reshape(-1, c, h, w)
    conv = nn.Conv2d(
        in_channels=c,
        out_channels=len(weight),
        kernel_size=(h, w),
        bias="bias" in state,
        device=weight.device,
        dtype=weight.dtype,
    )
    conv.load_state_dict({**state, "weight": weight})
    return conv
