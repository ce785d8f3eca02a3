"""Another right solution: torch.where with safe numbers, probes of the layers, a careful loop."""

import torch
from torch import Tensor, nn, optim


def relu(x: Tensor, *, inplace: bool = False) -> Tensor:
    """Choose between x and 0; in place, fill what is not positive."""
    if inplace:
        return x.masked_fill_(x <= 0, 0)
    return torch.where(x > 0, x, torch.zeros_like(x))


def sigmoid(x: Tensor) -> Tensor:
    """Give either branch only numbers with which its exp is at most 1."""
    zero = torch.zeros_like(x)
    above, below = torch.where(x > 0, x, zero), torch.where(x > 0, zero, x)
    power = torch.exp(below)
    return torch.where(x > 0, 1 / (1 + torch.exp(-above)), power / (1 + power))


def tanh(x: Tensor) -> Tensor:
    """The same with exp(-2x) above 0 and exp(2x) below."""
    zero = torch.zeros_like(x)
    down = torch.exp(-2 * torch.where(x > 0, x, zero))
    up = torch.exp(2 * torch.where(x > 0, zero, x))
    return torch.where(x > 0, (1 - down) / (1 + down), (up - 1) / (up + 1))


def softmax(x: Tensor, dim: int) -> Tensor:
    """Bring dim to the front, compute, and bring it back."""
    moved = x.movedim(dim, 0)
    powers = torch.exp(moved - moved.max(0).values)
    return (powers / powers.sum(0)).movedim(0, dim)


@torch.no_grad()
def merge_linear(l1: nn.Linear, l2: nn.Linear) -> nn.Linear:
    """Ask the two layers what they make of 0 and of each unit vector."""
    if l1.weight.shape[0] != l2.weight.shape[1]:
        raise ValueError(f"{l2} does not fit {l1}")
    units = torch.eye(l1.in_features, dtype=l1.weight.dtype, device=l1.weight.device)
    origin = l2(l1(torch.zeros_like(units[0])))
    biased = not (l1.bias is None and l2.bias is None)
    state = {"weight": (l2(l1(units)) - origin).T}
    if biased:
        state["bias"] = origin
    merged = nn.Linear(l1.in_features, l2.out_features, biased).to(l1.weight)
    merged.load_state_dict(state)
    return merged


def train_xor(act: nn.Module, x: Tensor, y: Tensor, steps: int = 100, seed: int = 0) -> nn.Module:
    """Add the layers one by one, and count the steps down."""
    torch.manual_seed(seed)
    model = nn.Sequential()
    model.append(nn.Linear(2, 16, device=x.device, dtype=x.dtype))
    model.append(act)
    model.append(nn.Linear(16, 1, device=x.device, dtype=x.dtype))
    criterion = nn.MSELoss()
    optimizer = optim.Adam(params=model.parameters(), lr=0.05)
    while steps > 0:
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        steps -= 1
    return model
