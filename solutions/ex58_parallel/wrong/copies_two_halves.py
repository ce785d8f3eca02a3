"""Two halves in a Sequential of their own, copied to be on the safe side.

The names become "0.0.weight" and "1.0.weight", the optimizer of the model trains layers that
nobody calls, and nothing moves from one device to the other.
"""

import copy
from collections import OrderedDict
from collections.abc import Mapping, Sequence

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn import functional


class _Split(nn.Sequential):
    """The layers of a model, the first ones in one place and the others in another."""

    def __init__(self, model: nn.Sequential, places: list[torch.device | str]) -> None:
        super().__init__(OrderedDict(model.named_children()))
        self._places = places
        for layer, place in zip(self, places, strict=True):
            layer.to(place)

    def forward(self, x: Tensor) -> Tensor:
        """Move x along with the layers."""
        for layer, place in zip(self, self._places, strict=True):
            x = layer(x.to(place))
        return x


def split_model(model: nn.Sequential, cut: int, devices: Sequence[torch.device | str]) -> nn.Module:
    """Return a module that computes model(x) in two parts, each on its own device."""
    if not 0 < cut < len(model) or len(devices) not in (1, 2):
        raise ValueError(f"cannot cut {len(model)} layers at {cut} for {len(devices)} devices")
    first, second = copy.deepcopy(model[:cut]), copy.deepcopy(model[cut:])
    return nn.Sequential(first.to(devices[0]), second.to(devices[-1]))


class ColumnLinear(nn.Module):
    """A linear layer whose outputs are divided among devices: together they compute the same."""

    def __init__(
        self, linear: nn.Linear, widths: Sequence[int], devices: Sequence[torch.device | str]
    ) -> None:
        super().__init__()
        fits = sum(widths) == linear.out_features and len(widths) == len(devices)
        if not fits or min(widths) < 1:
            raise ValueError(f"widths {widths} do not fit {linear} and {len(devices)} devices")
        self.parts = nn.ModuleList()
        start = 0
        for width, device in zip(widths, devices, strict=True):
            part = nn.Linear(linear.in_features, width, bias=linear.bias is not None)
            rows = slice(start, start + width)
            part.weight = nn.Parameter(linear.weight.detach()[rows].clone())
            if linear.bias is not None:
                part.bias = nn.Parameter(linear.bias.detach()[rows].clone())
            self.parts.append(part.to(device))
            start += width

    def forward(self, x: Tensor) -> Tensor:
        """Return what linear would, on the device of the first part."""
        pieces = [part(x.to(part.weight.device)) for part in self.parts]
        return torch.cat([piece.to(pieces[0].device) for piece in pieces], dim=-1)


def shard(batch: Tensor, n: int) -> list[Tensor]:
    """Cut a batch along its first dimension into exactly n shards, in order."""
    if n < 1:
        raise ValueError(f"cannot cut into {n} shards")
    return list(batch.tensor_split(n))


def data_parallel_grads(model: nn.Module, X: Tensor, y: Tensor, n: int) -> dict[str, Tensor]:
    """Compute the gradients of the cross entropy of a whole batch from its n shards."""
    replica = copy.deepcopy(model)
    replica.zero_grad()
    for samples, labels in zip(shard(X, n), shard(y, n), strict=True):
        if len(samples):
            loss = functional.cross_entropy(replica(samples), labels)
            (loss * len(samples) / len(X)).backward()
    return {name: parameter.grad for name, parameter in replica.named_parameters()}


def strip_module_prefix(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return state with "module." taken off the names, once and only at their beginning."""
    return {name.removeprefix("module."): value for name, value in state.items()}


def average_gradients(model: nn.Module, samples: int) -> None:
    """Give the parameters in all processes the gradient of all samples."""
    total = torch.tensor(samples)
    dist.all_reduce(total)
    for parameter in model.parameters():
        if parameter.requires_grad:
            mean = torch.zeros_like(parameter)
            if samples and parameter.grad is not None:
                mean += parameter.grad * samples / total
            dist.all_reduce(mean)
            parameter.grad = mean


def train_by_data(model: nn.Module, X: Tensor, y: Tensor, steps: int, lr: float) -> list[float]:
    """Train one model in all processes, each on its share of the batch."""
    for value in model.state_dict().values():
        dist.broadcast(value, src=0)
    rank, world = dist.get_rank(), dist.get_world_size()
    samples, labels = shard(X, world)[rank], shard(y, world)[rank]
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        total = torch.zeros((), dtype=X.dtype)
        if len(samples):
            loss = functional.cross_entropy(model(samples), labels)
            loss.backward()
            total += loss.detach() * len(samples) / len(X)
        average_gradients(model, len(samples))
        dist.all_reduce(total)
        losses.append(total.item())
        optimizer.step()
    return losses


def step_by_layers(part: nn.Module, X: Tensor, y: Tensor, features: int) -> float:
    """Compute loss and gradients of a network that lies in two processes."""
    part.zero_grad()
    loss = X.new_zeros(())
    if dist.get_rank() == 0:
        hidden = part(X)
        dist.send(hidden.detach(), dst=1)
        gradient = torch.zeros_like(hidden)
        dist.recv(gradient, src=1)
        hidden.backward(gradient)
    else:
        hidden = X.new_zeros(len(X), features)
        dist.recv(hidden, src=0)
        hidden.requires_grad_()
        scores_loss = functional.cross_entropy(part(hidden), y)
        scores_loss.backward()
        dist.send(hidden.grad, dst=0)
        loss += scores_loss.detach()
    dist.broadcast(loss, src=1)
    return loss.item()


def step_by_columns(
    linear: nn.Linear, widths: Sequence[int], X: Tensor, upstream: Tensor
) -> tuple[Tensor, Tensor]:
    """Compute forwards and backwards through a linear layer that is divided among processes."""
    rank = dist.get_rank()
    start = sum(widths[:rank])
    own = slice(start, start + widths[rank])
    output = torch.zeros_like(upstream)
    with torch.no_grad():
        output[:, own] = linear(X)
        linear.weight.grad = upstream[:, own].t() @ X
        linear.bias.grad = upstream[:, own].sum(0)
        gradient = upstream[:, own] @ linear.weight
    dist.all_reduce(output)
    dist.all_reduce(gradient)
    return output, gradient
