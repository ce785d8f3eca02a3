"""Hangs the tensors of src into the model, instead of copying their numbers.

parameter.data = src[name] costs no time and looks the same. But both now have one tensor: whoever trains
the new model ruins the old one's state, and its dtype is that of the other.
"""

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision import models


def weights_meta(name: str) -> dict[str, object]:
    """Return what torchvision knows about pre-trained weights, without downloading them."""
    try:
        weights = models.get_weight(name)
    except KeyError as error:
        raise ValueError(f"no weights {name}") from error
    preprocessing = weights.transforms()
    categories = weights.meta["categories"]
    return {
        "name": str(weights),
        "parameters": weights.meta["num_params"],
        "classes": None if categories is None else len(categories),
        "resize": preprocessing.resize_size[0],
        "crop": preprocessing.crop_size[0],
        "mean": list(preprocessing.mean),
        "std": list(preprocessing.std),
    }


def adapt_classifier(model: nn.Module, n: int, mode: str) -> nn.Module:
    """Make model, which ends in other classes, give scores for n classes. Return model itself."""
    if mode not in ("append", "replace") or n < 1:
        raise ValueError(f"{n} classes, mode {mode}")
    old = model.classifier[-1]
    place = {"device": old.weight.device, "dtype": old.weight.dtype}
    if mode == "append":
        model.classifier.add_module("add_linear", nn.Linear(old.out_features, n, **place))
    else:
        model.classifier[-1] = nn.Linear(old.in_features, n, **place)
    return model


def vgg16_for(n: int, mode: str) -> nn.Module:
    """Return torchvision's VGG16 without pre-trained weights, adapted to n classes."""
    return adapt_classifier(models.vgg16(weights=None), n, mode)


def freeze(model: nn.Module, except_: Iterable[str] = ()) -> list[str]:
    """Freeze all parameters of model but those of except_. Return the names of the others."""
    names = [name for name, _ in model.named_parameters()]
    free = set()
    for wanted in except_:
        fitting = [name for name in names if f"{name}.".startswith(f"{wanted}.")]
        if not fitting:
            raise ValueError(f"{wanted} is the name of no parameter and of no module with some")
        free.update(fitting)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name in free)
        if name not in free:
            parameter.grad = None
    return [name for name in names if name in free]


def transfer_state(src: Mapping[str, Tensor], dst: nn.Module) -> tuple[list[str], list[str]]:
    """Copy from src, the state_dict of another model, all that fits into dst."""
    own = dst.state_dict()
    fitting = {
        name: src[name]
        for name, value in own.items()
        if name in src and src[name].shape == value.shape
    }
    if not fitting:
        raise ValueError("no entry has a name and a shape of the model")
    for name, value in [*dst.named_parameters(), *dst.named_buffers()]:
        if name in fitting:
            value.data = fitting[name]
    return list(fitting), [name for name in own if name not in fitting]


def finetune(
    model: nn.Module,
    data: tuple[Tensor, Tensor],
    epochs: int,
    *,
    lr: float = 3e-3,
    batch_size: int = 16,
    seed: int = 0,
) -> list[float]:
    """Train those parameters of model that require gradients. Return the loss of each epoch."""
    learning = [parameter for parameter in model.parameters() if parameter.requires_grad]
    if not learning:
        raise ValueError("every parameter is frozen")
    x, y = (part.to(learning[0].device) for part in data)
    optimizer = torch.optim.Adam(learning, lr=lr)
    generator = torch.Generator().manual_seed(seed)
    model.train()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            module.train(any(parameter.requires_grad for parameter in module.parameters()))
    losses = []
    for _ in range(epochs):
        total = 0.0
        order = torch.randperm(len(x), generator=generator).to(x.device)
        for places in order.split(batch_size):
            loss = functional.cross_entropy(model(x[places]), y[places])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(places)
        losses.append(total / len(x))
    model.eval()
    return losses
