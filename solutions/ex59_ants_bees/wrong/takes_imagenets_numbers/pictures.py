"""Takes the means and deviations of ImageNet, which stand in every tutorial."""

from collections.abc import Callable
from pathlib import Path

import torch
from PIL import Image, ImageDraw
from torch import Tensor
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder
from torchvision.transforms import v2

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
    """Draw one of "ants" or "bees" somewhere on a meadow: 64x64 pixels, mode "RGB"."""
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
    """Write drawings of ants and bees as ImageFolder wants them, for training and validation."""
    generator = torch.Generator().manual_seed(seed)
    for part, n in (("train", n_train), ("val", n_val)):
        for kind in ("ants", "bees"):
            folder = Path(root, part, kind)
            folder.mkdir(parents=True, exist_ok=True)
            for k in range(n):
                picture = draw_insect(kind, generator)
                if k % 4 == 1:
                    picture = picture.convert("RGBA")
                elif k % 4 == 2:
                    picture = picture.convert("L")
                elif k % 4 == 3:
                    picture = picture.crop((0, 8, 64, 56))
                picture.save(folder / f"{k}.png")


def _in_rgb(picture: Image.Image) -> Image.Image:
    return picture.convert("RGB")


def make_transform(*, train: bool) -> Callable[[Image.Image], Tensor]:
    """Return a transform from a picture of any mode and size to a tensor (3, 32, 32)."""
    flips = [v2.RandomHorizontalFlip(), v2.RandomVerticalFlip()]
    return v2.Compose(
        [
            _in_rgb,
            v2.Resize((32, 32)),
            *(flips if train else []),
            v2.ToImage(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ]
    )


def load_pictures(
    root: str | Path, batch_size: int, seed: int
) -> dict[str, DataLoader[tuple[Tensor, Tensor]]]:
    """Return {"train": shuffled and augmented, "val": in order and without chance}."""
    train = ImageFolder(Path(root, "train"), make_transform(train=True))
    val = ImageFolder(Path(root, "val"), make_transform(train=False))
    if train.classes != val.classes:
        raise ValueError(f"train has the classes {train.classes}, val {val.classes}")
    order = torch.Generator().manual_seed(seed)
    return {
        "train": DataLoader(train, batch_size, shuffle=True, generator=order),
        "val": DataLoader(val, batch_size),
    }
