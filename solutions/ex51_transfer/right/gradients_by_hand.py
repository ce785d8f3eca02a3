"""Another right solution: gradients from torch.autograd.grad, and Adam written out."""

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.models import get_model, get_weight


def weights_meta(name: str) -> dict[str, object]:
    """Return what torchvision knows about pre-trained weights."""
    try:
        weights = get_weight(name)
    except Exception as error:
        raise ValueError(name) from error
    settings = vars(weights.transforms())
    found: dict[str, Any] = {"name": f"{type(weights).__name__}.{weights.name}"}
    found["parameters"], classes = weights.meta["num_params"], weights.meta["categories"]
    found["classes"] = classes and len(classes)
    found["resize"] = max(settings["resize_size"])
    found["crop"] = max(settings["crop_size"])
    found |= {key: list(settings[key]) for key in ("mean", "std")}
    return found


def adapt_classifier(model: nn.Module, n: int, mode: str) -> nn.Module:
    """Choose the input of the new layer, then put it where it belongs."""
    layers = model.classifier
    old = layers[len(layers) - 1]
    rows, columns = old.weight.shape
    if n < 1 or mode not in ("append", "replace"):
        raise ValueError((n, mode))
    width, name = (rows, "add_linear") if mode == "append" else (columns, str(len(layers) - 1))
    layers.add_module(name, nn.Linear(width, n).to(old.weight))
    return model


def vgg16_for(n: int, mode: str) -> nn.Module:
    """Return the adapted VGG16, found by its name."""
    return adapt_classifier(get_model("vgg16", weights=None), n, mode)


def freeze(model: nn.Module, except_: Iterable[str] = ()) -> list[str]:
    """Ask of each parameter under which names it stands."""
    wanted = set(except_)
    chosen, used = [], set()
    for name, _ in model.named_parameters():
        parts = name.split(".")
        above = {".".join(parts[:count]) for count in range(1, len(parts) + 1)}
        if above & wanted:
            chosen.append(name)
        used |= above & wanted
    if used != wanted:
        raise ValueError(f"unknown: {wanted - used}")
    for name, parameter in model.named_parameters():
        if name in chosen:
            parameter.requires_grad = True
        else:
            parameter.requires_grad, parameter.grad = False, None
    return chosen


def transfer_state(src: Mapping[str, Tensor], dst: nn.Module) -> tuple[list[str], list[str]]:
    """Load a whole state: src where it fits, and dst's own numbers elsewhere."""
    state = dst.state_dict()
    loaded = [name for name in state if name in src and src[name].size() == state[name].size()]
    if not loaded:
        raise ValueError("no name with the same shape")
    dst.load_state_dict({**state, **{name: src[name] for name in loaded}})
    return loaded, [name for name in state if name not in set(loaded)]


def finetune(
    model: nn.Module,
    data: tuple[Tensor, Tensor],
    epochs: int,
    *,
    lr: float = 3e-3,
    batch_size: int = 16,
    seed: int = 0,
) -> list[float]:
    """Train what may learn with the formulas of Adam."""
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    if not weights:
        raise ValueError("all is frozen")
    for module in model.modules():
        frozen = not any(weight.requires_grad for weight in module.parameters())
        module.training = not (frozen and isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)))
    memory = [(torch.zeros_like(weight), torch.zeros_like(weight)) for weight in weights]
    device, count, step, history = weights[0].device, len(data[1]), 0, []
    random = torch.Generator().manual_seed(seed)
    for _ in range(epochs):
        order, values = torch.rand(count, generator=random).argsort(), []
        for start in range(0, count, batch_size):
            places = order[start : start + batch_size].to(data[0].device)
            x, y = (part[places].to(device) for part in data)
            logs = model(x).log_softmax(1)
            each = -logs.gather(1, y[:, None])[:, 0]
            step += 1
            slopes = torch.autograd.grad(each.mean(), weights)
            with torch.no_grad():
                for weight, slope, (mean, square) in zip(weights, slopes, memory, strict=True):
                    mean.lerp_(slope, 0.1)
                    square.lerp_(slope * slope, 0.001)
                    root = (square / (1 - 0.999**step)).sqrt() + 1e-8
                    weight.sub_(lr / (1 - 0.9**step) * mean / root)
            values.append(each.detach().double())
        history.append(torch.cat(values).mean().item())
    model.eval()
    return history
