"""Everything is gathered by everybody, and then computed by everybody in the same way."""

import copy
import itertools

import torch
from torch import distributed, nn


class _Halves(nn.Module):
    """Two parts that keep the names of the layers; the parts themselves are no submodules."""

    def __init__(self, layers, cut, first, second):
        super().__init__()
        for number, (name, layer) in enumerate(layers):
            self.add_module(name, layer.to(first if number < cut else second))
        self.cut, self.first, self.second = cut, first, second

    def forward(self, x):
        """Go through the first half, move on, go through the second."""
        layers = list(self.children())
        x = x.to(self.first)
        for layer in layers[: self.cut]:
            x = layer(x)
        x = x.to(self.second)
        for layer in layers[self.cut :]:
            x = layer(x)
        return x


def split_model(model, cut, devices):
    """Take the layers over by their names."""
    layers = list(model.named_children())
    if cut < 1 or cut >= len(layers) or len(devices) == 0 or len(devices) > 2:
        raise ValueError("two parts, on one or two devices")
    return _Halves(layers, cut, devices[0], devices[len(devices) - 1])


class ColumnLinear(nn.Module):
    """Parts that are cut out between the running sums of the widths."""

    def __init__(self, linear, widths, devices):
        super().__init__()
        ends = list(itertools.accumulate(widths, initial=0))
        if ends[-1] != linear.out_features or len(devices) != len(widths) or 0 in widths:
            raise ValueError("widths and devices do not fit the layer")
        parts = []
        for begin, end, device in zip(ends, ends[1:], devices, strict=False):
            part = copy.deepcopy(linear)
            part.out_features = end - begin
            part.weight = nn.Parameter(part.weight.data[begin:end].clone())
            if part.bias is not None:
                part.bias = nn.Parameter(part.bias.data[begin:end].clone())
            parts.append(part.to(device))
        self.parts = nn.ModuleList(parts)

    def forward(self, x):
        """Join what the parts give, where the first one is."""
        home = next(self.parameters()).device
        return torch.cat(
            [part(x.to(next(part.parameters()).device)).to(home) for part in self.parts], -1
        )


def shard(batch, n):
    """Cut at the places i * N / n, rounded up."""
    if n < 1:
        raise ValueError("n < 1")
    count, shards, begin = len(batch), [], 0
    for left in range(n, 0, -1):
        end = begin - (begin - count) // left
        shards.append(batch[begin:end])
        begin = end
    return shards


def data_parallel_grads(model, X, y, n):
    """Give each shard a replica of its own, then put their gradients together."""
    places = [place for place in shard(torch.arange(len(X), device=X.device), n) if len(place)]
    replicas = [copy.deepcopy(model) for _ in places]
    total = {}
    for replica, place in zip(replicas, places, strict=True):
        replica.zero_grad(set_to_none=True)
        nn.CrossEntropyLoss()(replica(X[place]), y[place]).backward()
        for name, parameter in replica.named_parameters():
            total[name] = total.get(name, 0) + len(place) / len(X) * parameter.grad
    return total


def strip_module_prefix(state):
    """Split each name once, at its first dot."""
    new = {}
    for name, value in state.items():
        first, _, rest = name.partition(".")
        new[rest if first == "module" and rest else name] = value
    return new


def _gathered(tensor):
    pieces = [torch.zeros_like(tensor) for _ in range(distributed.get_world_size())]
    distributed.all_gather(pieces, tensor)
    return pieces


def average_gradients(model, samples):
    """Gather the counts, then each gradient of every process."""
    counts = [count.item() for count in _gathered(torch.tensor(samples))]
    for parameter in model.parameters():
        if not parameter.requires_grad:
            continue
        if parameter.grad is None:
            parameter.grad = torch.zeros_like(parameter)
        mean = torch.zeros_like(parameter)
        for count, gradient in zip(counts, _gathered(parameter.grad), strict=True):
            if count:
                mean += gradient * (count / sum(counts))
        parameter.grad.copy_(mean)


def train_by_data(model, X, y, steps, lr):
    """Load the state of process 0; then gradients by average_gradients, steps by hand."""
    start = {name: _gathered(value.clone())[0] for name, value in model.state_dict().items()}
    model.load_state_dict(start)
    rank, world = distributed.get_rank(), distributed.get_world_size()
    images, labels = shard(X, world)[rank], shard(y, world)[rank]
    losses = []
    for _ in range(steps):
        for parameter in model.parameters():
            parameter.grad = None
        each = nn.functional.cross_entropy(model(images), labels, reduction="none")
        if len(images):
            each.mean().backward()
        average_gradients(model, len(images))
        losses.append(sum(_gathered(each.detach().sum())).item() / len(X))
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.sub_(parameter.grad, alpha=lr)
    return losses


def step_by_layers(part, X, y, features):
    """Do both halves with isend and irecv."""
    rank, loss = distributed.get_rank(), torch.zeros(1, dtype=X.dtype)
    part.zero_grad(set_to_none=True)
    middle = torch.zeros(len(X), features, dtype=X.dtype)
    if rank == 1:
        distributed.irecv(middle, 0).wait()
        middle.requires_grad_()
        cost = nn.CrossEntropyLoss()(part(middle), y)
        cost.backward()
        loss[0] = cost.item()
        distributed.isend(middle.grad, 0).wait()
    else:
        middle = part(X)
        distributed.isend(middle.detach(), 1).wait()
        slope = torch.zeros_like(middle)
        distributed.irecv(slope, 1).wait()
        (middle * slope).sum().backward()
    distributed.all_reduce(loss)
    return float(loss)


def step_by_columns(linear, widths, X, upstream):
    """Pad the pieces to one width, gather them, and cut the padding off."""
    rank, widest = distributed.get_rank(), max(widths)
    own = torch.split(upstream, list(widths), dim=-1)[rank]
    with torch.no_grad():
        piece = nn.functional.pad(linear(X), (0, widest - widths[rank]))
        pieces = zip(_gathered(piece.contiguous()), widths, strict=True)
        output = torch.hstack([each[:, :width] for each, width in pieces])
        linear.weight.grad = torch.einsum("no,ni->oi", own, X)
        linear.bias.grad = own.sum(dim=0)
        gradient = sum(_gathered(own @ linear.weight))
    return output, gradient
