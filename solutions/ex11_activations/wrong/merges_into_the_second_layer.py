"""Writes the product into l2 and returns l2.

Whoever still uses l2 now has another layer. And nobody looks whether the two fit: the product
raises RuntimeError.
"""

import torch
from torch import Tensor, nn


def relu(x: Tensor, *, inplace: bool = False) -> Tensor:
    """Keep what is positive and turn the rest into 0, number by number."""
    return x.clamp_(min=0) if inplace else x.clamp(min=0)


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
    has_bias = l1.bias is not None or l2.bias is not None
    with torch.no_grad():
        if has_bias:
            l2.bias = nn.Parameter(l2(l1(l1.weight.new_zeros(l1.in_features))))
        l2.weight = nn.Parameter(l2.weight @ l1.weight)
    l2.in_features = l1.in_features
    return l2


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
