"""Inference for ex59_ants_bees: a classifier from a file, and its answer for one picture."""

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import torch
from network import build_network
from pictures import make_transform
from PIL import Image
from torch import nn


def _read(file: BinaryIO) -> tuple[nn.Module, list[str]]:
    checkpoint = torch.load(file, map_location="cpu")
    classes = checkpoint["classes"]
    if not isinstance(classes, list) or {type(name) for name in classes} != {str}:
        raise TypeError("the classes are no list of names")
    model = build_network(len(classes))
    model.load_state_dict(checkpoint["weights"])
    return model, classes


def load_classifier(path: str | Path, device: str = "cpu") -> tuple[nn.Module, list[str]]:
    """Return the network in a file of save_classifier, ready for use, and its classes."""
    with Path(path).open("rb") as file:
        try:
            model, classes = _read(file)
        except Exception as error:
            raise ValueError(f"{path} holds no classifier: {error}") from error
    return model.to(device).eval(), classes


@torch.no_grad()
def predict_image(model: nn.Module, path: str | Path, classes: Sequence[str]) -> tuple[str, float]:
    """Return what model sees in a picture: (name of the class, its probability)."""
    with Image.open(path) as picture:
        x = make_transform(train=False)(picture)[None]
    was_training = model.training
    scores = model.eval()(x.to(next(model.parameters()).device))
    model.train(was_training)
    probability, number = scores.softmax(1)[0].max(0)
    return classes[int(number)], float(probability)
