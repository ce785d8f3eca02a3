"""Another right solution: looks at each entry of a file by itself."""

from collections.abc import Sequence
from pathlib import Path

import torch
from network import build_network
from pictures import make_transform
from PIL import Image
from torch import nn


def load_classifier(path: str | Path, device: str = "cpu") -> tuple[nn.Module, list[str]]:
    """Check before use; whatever torch.load does not like becomes a ValueError."""
    with Path(path).open("rb") as file:
        try:
            found = torch.load(file, map_location=torch.device("cpu"), weights_only=True)
        except Exception as error:
            raise ValueError("this is no file of weights") from error
    if not isinstance(found, dict) or not {"classes", "weights"} <= found.keys():
        raise ValueError("an entry is missing")
    classes, weights = found["classes"], found["weights"]
    if not isinstance(classes, list) or not classes or not isinstance(weights, dict):
        raise ValueError("the entries are of other kinds")
    if any(not isinstance(name, str) for name in classes):
        raise ValueError("a class has no name")
    network = build_network(len(classes))
    shapes = {name: value.shape for name, value in network.state_dict().items()}
    if shapes != {name: getattr(value, "shape", None) for name, value in weights.items()}:
        raise ValueError("the weights are those of another network")
    network.load_state_dict(weights)
    network.to(device)
    network.train(mode=False)
    return network, classes


def predict_image(model: nn.Module, path: str | Path, classes: Sequence[str]) -> tuple[str, float]:
    """Exponentials by hand."""
    picture = Image.open(path)
    batch = torch.stack([make_transform(train=False)(picture)])
    before = model.training
    model.train(mode=False)
    try:
        with torch.inference_mode():
            scores = model(batch.to(next(iter(model.parameters())).device)).squeeze(0)
    finally:
        model.train(before)
    shares = torch.exp(scores - scores.logsumexp(0)).tolist()
    return max(zip(classes, shares, strict=True), key=lambda pair: pair[1])
