"""Another right solution: transforms as closures over functions, and a sampler for the order."""

import itertools
import random
from collections.abc import Callable
from pathlib import Path

import torch
from PIL import Image, ImageDraw
from torch import Tensor
from torch.utils.data import DataLoader, RandomSampler
from torchvision import datasets
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional


def draw_insect(kind: str, generator: torch.Generator) -> Image.Image:
    """Draw discs along a line: three dark ones, or yellow and dark ones in turn."""
    chance = random.Random(int(torch.randint(2**40, (), generator=generator)))  # noqa: S311
    meadow = tuple(chance.randrange(low, low + 70) for low in (70, 130, 60))
    picture = Image.new("RGB", (64, 64), meadow)
    pencil = ImageDraw.Draw(picture)
    along, across = (1, 0.5) if chance.random() < 0.5 else (0.5, 1)
    x, y = chance.uniform(16, 26), chance.uniform(16, 26)
    for k in range(6):
        radius = 10 if kind == "bees" else 5
        dark = kind == "ants" or k % 2
        box = [x + 5 * k * along, y + 5 * k * across]
        pencil.ellipse(
            [v - radius for v in box] + [v + radius for v in box],
            fill=(40, 25, 15) if dark else (250, 200, 40),
        )
    return picture


def make_ants_bees(root: str | Path, n_train: int, n_val: int, seed: int) -> None:
    """Have a list of forms, and go through all pictures in one loop."""
    generator = torch.Generator()
    generator.manual_seed(seed)
    forms: list[Callable[[Image.Image], Image.Image]] = [
        lambda picture: picture,
        lambda picture: picture.convert("RGBA"),
        lambda picture: picture.convert("L"),
        lambda picture: picture.crop((0, 8, 64, 56)),
    ]
    numbers = {"train": n_train, "val": n_val}
    for kind, part in itertools.product(("bees", "ants"), numbers):
        folder = Path(root) / part / kind
        folder.mkdir(exist_ok=True, parents=True)
        for k in reversed(range(numbers[part])):
            forms[k % 4](draw_insect(kind, generator)).save(str(folder / f"{k}.png"), format="PNG")


def make_transform(*, train: bool) -> Callable[[Image.Image], Tensor]:
    """Return a function that works on the tensor from the beginning."""

    def transform(picture: Image.Image) -> Tensor:
        x = functional.pil_to_tensor(picture.convert("RGB"))
        x = functional.resize(x, [32, 32], v2.InterpolationMode.BILINEAR, antialias=True)
        if train:
            axes = [axis for axis in (1, 2) if torch.rand(()) < 0.5]
            x = x.flip(axes)
        return x.float() / 127.5 - 1

    return transform


def load_pictures(
    root: str | Path, batch_size: int, seed: int
) -> dict[str, DataLoader[tuple[Tensor, Tensor]]]:
    """Let a sampler shuffle."""
    data = {
        part: datasets.ImageFolder(str(Path(root) / part), transform=make_transform(train=learns))
        for part, learns in (("train", True), ("val", False))
    }
    if data["train"].class_to_idx != data["val"].class_to_idx:
        raise ValueError("train and val have other classes")
    order = RandomSampler(data["train"], generator=torch.Generator().manual_seed(seed + 5))
    return {
        "train": DataLoader(data["train"], batch_size=batch_size, sampler=order),
        "val": DataLoader(data["val"], batch_size=batch_size, shuffle=False),
    }
