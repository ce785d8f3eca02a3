"""Another right solution: modules found by name, copies under no_grad, a DataLoader."""

from collections.abc import Iterable, Mapping

import torch
import torchvision
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset


def weights_meta(name: str) -> dict[str, object]:
    """Return what torchvision knows about pre-trained weights: look the class up."""
    kind, _, member = name.partition(".")
    weights = getattr(getattr(torchvision.models, kind, None), member, None)
    if weights is None:
        raise ValueError(f"torchvision knows no {name}")
    transforms, meta = weights.transforms(), weights.meta
    answer: dict[str, object] = {"name": f"{kind}.{weights.name}"}
    answer["parameters"] = meta["num_params"]
    answer["classes"] = len(meta["categories"]) if meta["categories"] else None
    (answer["resize"],), (answer["crop"],) = transforms.resize_size, transforms.crop_size
    answer["mean"], answer["std"] = [*transforms.mean], [*transforms.std]
    return answer


def adapt_classifier(model: nn.Module, n: int, mode: str) -> nn.Module:
    """Put a new layer behind the last one, or in its place."""
    if n <= 0:
        raise ValueError("at least one class")
    name, old = list(model.classifier.named_children())[-1]
    with torch.no_grad():
        if mode == "append":
            new = nn.Linear(len(old.bias), n, device=old.bias.device, dtype=old.bias.dtype)
            name = "add_linear"
        elif mode == "replace":
            shape = old.weight.shape
            new = nn.Linear(shape[1], n, device=old.bias.device).to(old.bias.dtype)
        else:
            raise ValueError(f"no such mode: {mode}")
    setattr(model.classifier, name, new)
    return model


def vgg16_for(n: int, mode: str) -> nn.Module:
    """Return the adapted VGG16."""
    if n < 1 or mode not in {"append", "replace"}:
        raise ValueError("n or mode")
    model = torchvision.models.vgg16()
    return adapt_classifier(model, n, mode)


def freeze(model: nn.Module, except_: Iterable[str] = ()) -> list[str]:
    """Freeze by the identity of the parameters, not by their names."""
    modules, parameters = dict(model.named_modules()), dict(model.named_parameters())
    free = set()
    for name in except_:
        if name in parameters:
            inside = [parameters[name]]
        else:
            inside = list(modules[name].parameters()) if name in modules else []
        if not inside:
            raise ValueError(name)
        free |= {id(parameter) for parameter in inside}
    for parameter in parameters.values():
        parameter.requires_grad = id(parameter) in free
        if not parameter.requires_grad:
            parameter.grad = None
    return [name for name, parameter in parameters.items() if parameter.requires_grad]


def transfer_state(src: Mapping[str, Tensor], dst: nn.Module) -> tuple[list[str], list[str]]:
    """Copy entry by entry."""
    loaded: list[str] = []
    skipped: list[str] = []
    for name, tensor in dst.state_dict().items():
        fits = name in src and tuple(src[name].shape) == tuple(tensor.shape)
        (loaded if fits else skipped).append(name)
        if fits:
            with torch.no_grad():
                tensor.copy_(src[name])
    if not loaded:
        raise ValueError("nothing to copy")
    return loaded, skipped


def finetune(
    model: nn.Module,
    data: tuple[Tensor, Tensor],
    epochs: int,
    *,
    lr: float = 3e-3,
    batch_size: int = 16,
    seed: int = 0,
) -> list[float]:
    """Train what may learn, with a DataLoader."""
    parameters = list(filter(lambda parameter: parameter.requires_grad, model.parameters()))
    if not parameters:
        raise ValueError("nothing can learn")
    order = torch.Generator()
    order.manual_seed(seed)
    loader = DataLoader(TensorDataset(*data), batch_size, shuffle=True, generator=order)
    optimizer = torch.optim.Adam(parameters, lr)
    criterion = nn.CrossEntropyLoss(reduction="sum")
    model.train()
    norms = [m for m in model.modules() if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d))]
    for norm in norms:
        if not (norm.weight.requires_grad or norm.bias.requires_grad):
            norm.eval()
    losses = []
    for _ in range(epochs):
        sums = []
        for batch in loader:
            x, y = (tensor.to(parameters[0].device) for tensor in batch)
            model.zero_grad()
            loss = criterion(model(x), y)
            (loss / len(y)).backward()
            optimizer.step()
            sums.append(loss.detach())
        losses.append(float(sum(sums)) / len(data[1]))
    model.train(mode=False)
    return losses
