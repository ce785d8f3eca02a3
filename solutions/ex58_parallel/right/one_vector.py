"""Hooks that move the input, and one vector with all gradients that is summed at once."""

from collections import OrderedDict

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.functional import cross_entropy, linear
from torch.nn.utils import parameters_to_vector, vector_to_parameters


def split_model(model, cut, devices):
    """Move the layers, and let a hook before each of them move what comes in."""
    parts = list(model.named_children())
    if not 1 <= cut <= len(parts) - 1 or not 1 <= len(devices) <= 2:
        raise ValueError("each part needs a layer, and there are one or two devices")
    split = nn.Sequential(OrderedDict(parts))
    for number, (_, layer) in enumerate(parts):
        device = devices[0] if number < cut else devices[-1]
        layer.to(device)
        layer.register_forward_pre_hook(
            lambda _, inputs, device=device: tuple(x.to(device) for x in inputs)
        )
    return split


class ColumnLinear(nn.Module):
    """Parts whose states are cut out of the state of the whole layer."""

    def __init__(self, linear, widths, devices):
        super().__init__()
        if any(width < 1 for width in widths) or sum(widths) != linear.out_features:
            raise ValueError("the widths do not make up the layer")
        if len(widths) != len(devices):
            raise ValueError("one device for each width")
        self.parts = nn.ModuleList(
            nn.Linear(
                linear.in_features,
                width,
                bias=linear.bias is not None,
                device=device,
                dtype=linear.weight.dtype,
            )
            for width, device in zip(widths, devices, strict=True)
        )
        for name, value in linear.state_dict().items():
            for part, piece in zip(self.parts, value.split(list(widths)), strict=True):
                part.load_state_dict({name: piece}, strict=False)

    def forward(self, x):
        """Join what the parts give, along the last dimension."""
        home = self.parts[0].weight.device
        pieces = [
            linear(x.to(part.weight.device), part.weight, part.bias).to(home) for part in self.parts
        ]
        return torch.cat(pieces, dim=x.dim() - 1)


def shard(batch, n):
    """Count the samples out: everybody gets the quotient, the first ones one more."""
    if n <= 0:
        raise ValueError("at least one shard")
    size, rest = divmod(len(batch), n)
    return list(batch.split([size + (i < rest) for i in range(n)]))


def data_parallel_grads(model, X, y, n):
    """Add up the gradients of sums, then divide by all samples."""
    names, parameters = zip(*model.named_parameters(), strict=True)
    total = [torch.zeros_like(p) for p in parameters]
    for samples, labels in zip(shard(X, n), shard(y, n), strict=True):
        if samples.shape[0] > 0:
            loss = cross_entropy(model(samples), labels, reduction="sum")
            total = [
                a + b for a, b in zip(total, torch.autograd.grad(loss, parameters), strict=True)
            ]
    return {name: value / len(X) for name, value in zip(names, total, strict=True)}


def strip_module_prefix(state):
    """Cut seven letters off where they are the prefix."""
    prefix = "module."
    return {k.removeprefix(prefix): v for k, v in state.items()}


def average_gradients(model, samples):
    """Sum one vector: all gradients times the samples, and the samples at its end."""
    learning = [p for p in model.parameters() if p.requires_grad]
    numbers = []
    for p in learning:
        usable = samples > 0 and p.grad is not None
        numbers.append(p.grad * samples if usable else torch.zeros_like(p))
    vector = torch.cat([g.flatten() for g in numbers] + [numbers[0].new_tensor([samples])])
    dist.all_reduce(vector)
    vector = vector[:-1] / vector[-1]
    for p, piece in zip(learning, vector.split([p.numel() for p in learning]), strict=True):
        p.grad = piece.view_as(p).clone()


def train_by_data(model, X, y, steps, lr):
    """Train with sums instead of means; an empty sum is 0."""
    with torch.no_grad():
        start = parameters_to_vector(model.parameters())
        dist.broadcast(start, 0)
        vector_to_parameters(start, model.parameters())
        for buffer in model.buffers():
            dist.broadcast(buffer, 0)
    place = torch.arange(len(X))
    own = shard(place, dist.get_world_size())[dist.get_rank()]
    losses = []
    for _ in range(steps):
        model.zero_grad()
        loss = cross_entropy(model(X[own]), y[own], reduction="sum") / len(X)
        loss.backward()
        numbers = torch.cat(
            [loss.detach().view(1), *[p.grad.flatten() for p in model.parameters()]]
        )
        dist.all_reduce(numbers)
        losses.append(float(numbers[0]))
        with torch.no_grad():
            now = parameters_to_vector(model.parameters())
            vector_to_parameters(now - lr * numbers[1:], model.parameters())
    return losses


def step_by_layers(part, X, y, features):
    """Send activations forwards, then the gradient and the loss backwards."""
    for p in part.parameters():
        p.grad = None
    if dist.get_rank() == 0:
        activations = part(X)
        dist.send(activations.detach().contiguous(), 1)
        back = torch.empty(len(X) * features + 1, dtype=X.dtype)
        dist.recv(back, 1)
        torch.autograd.backward([activations], [back[1:].view(len(X), features)])
        return back[0].item()
    received = torch.empty(len(X), features, dtype=X.dtype)
    dist.recv(received, 0)
    received = received.requires_grad_()
    loss = cross_entropy(part(received), y)
    loss.backward()
    dist.send(torch.cat([loss.detach().view(1), received.grad.flatten()]), 0)
    return loss.item()


def step_by_columns(linear, widths, X, upstream):
    """Let autograd do the part, and broadcast each piece of the output from where it is."""
    linear.zero_grad()
    x = X.detach().clone().requires_grad_()
    own = upstream.split(list(widths), dim=1)[dist.get_rank()]
    output = linear(x)
    (output * own).sum().backward()
    dist.all_reduce(x.grad)
    pieces = [X.new_empty(len(X), width) for width in widths]
    pieces[dist.get_rank()] = output.detach().contiguous()
    for source, piece in enumerate(pieces):
        dist.broadcast(piece, source)
    return torch.cat(pieces, 1), x.grad
