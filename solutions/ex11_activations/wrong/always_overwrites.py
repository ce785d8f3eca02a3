"""x[x < 0] = 0, whatever inplace says.

The assignment writes into the tensor that the caller passed in, which may still be needed; and a
leaf that requires a gradient refuses it.
"""

import torch
from torch import Tensor, nn


def relu(x: Tensor, *, inplace: bool = False) -> Tensor:
    """Keep what is positive and turn the rest into 0, number by number."""
    x[x < 0] = 0
    return x


def sigmoid(x: Tensor) -> Tensor:
    """Return 1 / (1 + exp(-x)): the softmax of x beside 0."""
    return softmax(torch.stack([x, torch.zeros_like(x)]), 0)[0]


def tanh(x: Tensor) -> Tensor:
    """Return (exp(x) - exp(-x)) / (exp(x) + exp(-x)): a sigmoid, stretched."""
    return 2 * sigmoid(2 * x) - 1


def softmax(x: Tensor, dim: int) -> Tensor:
    """Return exp(x) divided by its sum along the dimension dim."""
    powers = (x - x.detach().amax(dim, keepdim=True)).exp()
    return powers / powers.sum(dim, keepdim=True)


def merge_linear(l1: nn.Linear, l2: nn.Linear) -> nn.Linear:
    """Make one layer that does what l2 does after l1, with nothing in between."""
    if l1.out_features != l2.in_features:
        raise ValueError(f"{l1.out_features} numbers do not fit {l2.in_features}")
    has_bias = l1.bias is not None or l2.bias is not None
    merged = nn.Linear(l1.in_features, l2.out_features, bias=has_bias).to(l1.weight)
    with torch.no_grad():
        merged.weight.copy_(l2.weight @ l1.weight)
        if has_bias:
            origin = l1.weight.new_zeros(l1.in_features)
            merged.bias.copy_(l2(l1(origin)))
    return merged


def train_xor(act: nn.Module, x: Tensor, y: Tensor, steps: int = 100, seed: int = 0) -> nn.Module:
    """Train a network with 16 hidden units on a handful of points."""
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(2, 16), act, nn.Linear(16, 1)).to(x)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()
    return model
