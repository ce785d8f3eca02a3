"""Another right solution: masks, small exponents, and layers merged by formula."""

import torch
from torch import Tensor, nn


def relu(x: Tensor, *, inplace: bool = False) -> Tensor:
    """Multiply by a mask of 0 and 1."""
    mask = (x > 0).to(x.dtype)
    return x.mul_(mask) if inplace else x * mask


def sigmoid(x: Tensor) -> Tensor:
    """Half of tanh at half of x, moved up."""
    return 0.5 + 0.5 * tanh(0.5 * x)


def tanh(x: Tensor) -> Tensor:
    """Beyond 40 nothing changes any more, so stop there before exp gets large."""
    power = torch.exp(-2 * x.clamp(-40, 40))
    return (1 - power) / (1 + power)


def softmax(x: Tensor, dim: int) -> Tensor:
    """Subtract the logarithm of the sum, then exp."""
    return torch.exp(x - torch.logsumexp(x, dim, keepdim=True))


def merge_linear(l1: nn.Linear, l2: nn.Linear) -> nn.Linear:
    """W2 W1 and W2 b1 + b2, with 0 for a bias that is not there."""
    if l2.in_features - l1.out_features != 0:
        raise ValueError("the layers do not fit")
    kind = {"dtype": l1.weight.dtype, "device": l1.weight.device}
    bias = None if l2.bias is None else l2.bias.detach().clone()
    if l1.bias is not None:
        moved = l2.weight.detach().mv(l1.bias.detach())
        bias = moved if bias is None else moved + bias
    merged = nn.Linear(l1.in_features, l2.out_features, bias=bias is not None, **kind)
    merged.weight = nn.Parameter(l2.weight.detach().matmul(l1.weight.detach()))
    if bias is not None:
        merged.bias = nn.Parameter(bias)
    return merged


class _Net(nn.Module):
    def __init__(self, act: nn.Module) -> None:
        super().__init__()
        self.hidden = nn.Linear(2, 16)
        self.act = act
        self.out = nn.Linear(16, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.act(self.hidden(x)))


def train_xor(act: nn.Module, x: Tensor, y: Tensor, steps: int = 100, seed: int = 0) -> nn.Module:
    """Train a module of its own, with the loss written out."""
    torch.manual_seed(seed)
    net = _Net(act).to(device=x.device, dtype=x.dtype)
    adam = torch.optim.Adam(net.parameters(), lr=5e-2)
    for _ in range(steps):
        loss = (net(x) - y).pow(2).mean()
        adam.zero_grad(set_to_none=True)
        loss.backward()
        adam.step()
    return net.eval()
