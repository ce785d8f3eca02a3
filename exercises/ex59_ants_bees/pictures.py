"""The pictures of ex59_ants_bees: drawn, stored, transformed and put into batches.

Add the imports that you need. draw_insect is written already; the rest is yours.
"""

from collections.abc import Callable
from pathlib import Path

import torch
from PIL import Image, ImageDraw
from torch import Tensor
from torch.utils.data import DataLoader

# Ovals (left, top, right, bottom) and their colours, drawn one after the other.
_OVALS = {
    "ants": [
        ((26, 4, 38, 18), (60, 25, 15)),
        ((29, 17, 35, 29), (60, 25, 15)),
        ((25, 28, 39, 58), (60, 25, 15)),
    ],
    "bees": [
        ((12, 10, 30, 40), (235, 245, 255)),
        ((34, 10, 52, 40), (235, 245, 255)),
        ((18, 14, 46, 60), (250, 190, 20)),
        ((19, 24, 45, 31), (40, 30, 20)),
        ((19, 42, 45, 49), (40, 30, 20)),
    ],
}


def draw_insect(kind: str, generator: torch.Generator) -> Image.Image:
    """Draw one of "ants" or "bees" somewhere on a meadow: 64x64 pixels, mode "RGB".

    This function is ready for use. Direction, place and meadow come from generator, and other
    numbers of the generator make another picture. Draw better insects if you like.
    """
    turn, red, green, blue, right, down = torch.rand(6, generator=generator).tolist()
    insect = Image.new("RGBA", (64, 64))
    pencil = ImageDraw.Draw(insect)
    for box, colour in _OVALS[kind]:
        pencil.ellipse(box, fill=colour)
    insect = insect.rotate(360 * turn)
    colour = (70 + int(80 * red), 130 + int(80 * green), 60 + int(70 * blue))
    meadow = Image.new("RGB", (64, 64), colour)
    meadow.paste(insect, (int(12 * right) - 6, int(12 * down) - 6), insect)
    return meadow


def make_ants_bees(root: str | Path, n_train: int, n_val: int, seed: int) -> None:
    """Write drawings of ants and bees as PNG files, in the folders that ImageFolder wants.

    For each kind, "ants" and "bees": n_train pictures root/train/<kind>/0.png, 1.png, ... and n_val
    pictures root/val/<kind>/0.png, ... Folders that are missing are made; others may be there.
    Each file is a drawing of its own by draw_insect, stored in this form:

    - 0.png, 4.png, 8.png, ...: as it is, "RGB"
    - 1.png, 5.png, ...: in mode "RGBA", as a screenshot
    - 2.png, 6.png, ...: in mode "L", in shades of grey
    - 3.png, 7.png, ...: "RGB", only its rows 8 to 55, so that it is 64 wide and 48 high

    No two files show the same picture, be it in train or in val. The same seed (with the same
    other numbers) gives the same pictures, another seed gives others; torch's global generator and
    that of Python's random are neither asked nor changed.
    """
    raise NotImplementedError


def make_transform(*, train: bool) -> Callable[[Image.Image], Tensor]:
    """Return a transform from a picture of PIL, of any mode and size, to a tensor (3, 32, 32).

    Without train, in this order: the picture in "RGB" (as convert makes it); resized to 32x32,
    whatever its ratio, with the bilinear filter and antialiasing (what torchvision's Resize does if
    you say nothing else); a float32 tensor from 0 to 1; from each of the three channels 0.5 is
    taken away, and it is divided by 0.5. No chance is in it.
    With train the same, but at each call, each with probability 1/2 and independently, the
    picture is flipped left to right, and top to bottom. These draws come from torch's generator.
    """
    raise NotImplementedError


def load_pictures(
    root: str | Path, batch_size: int, seed: int
) -> dict[str, DataLoader[tuple[Tensor, Tensor]]]:
    """Return {"train": loader, "val": loader} of the pictures in root/train and root/val.

    In both folders is one folder for each class, with any names; loader.dataset is torchvision's
    ImageFolder. Batches are (x, y) with x (N, 3, 32, 32), float32, and y (N,), int64; at most
    batch_size pictures in each; a pass gives every picture once.
    "train": with make_transform(train=True), shuffled anew at each pass. The orders depend on seed
    and on nothing else: not on random numbers that were drawn elsewhere.
    "val": with make_transform(train=False), in the order of ImageFolder.
    Raises ValueError when train and val do not have the same classes.
    """
    raise NotImplementedError
