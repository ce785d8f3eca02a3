"""Another right solution: everything in one file, pictures read once and flipped in batches."""

import argparse
import io
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from pictures import draw_insect
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder


def make_ants_bees(root: str | Path, n_train: int, n_val: int, seed: int) -> None:
    """Give each picture a generator of its own, with a number that no other one has."""
    for number, (part, kind) in enumerate(
        (part, kind) for part in ("train", "val") for kind in ("ants", "bees")
    ):
        folder = Path(root) / part / kind
        folder.mkdir(parents=True, exist_ok=True)
        for k in range(n_val if part == "val" else n_train):
            own = torch.Generator().manual_seed(hash((seed, number, k)) % 2**60)
            picture = draw_insect(kind, own)
            mode = {1: "RGBA", 2: "L"}.get(k % 4, "RGB")
            box = (0, 8, 64, 56) if k % 4 == 3 else (0, 0, 64, 64)
            picture.convert(mode).crop(box).save(folder / f"{k}.png")


def make_transform(*, train: bool) -> Callable[[Image.Image], Tensor]:
    """Use the transforms of the notes."""
    steps: list[Any] = [transforms.Lambda(lambda picture: picture.convert("RGB"))]
    steps.append(transforms.Resize([32, 32]))
    steps.append(transforms.ToTensor())
    if train:
        steps.append(transforms.RandomVerticalFlip(p=0.5))
        steps.append(transforms.RandomHorizontalFlip(p=0.5))
    steps.append(transforms.Normalize(mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5)))
    return transforms.Compose(steps)


def load_pictures(
    root: str | Path, batch_size: int, seed: int
) -> dict[str, DataLoader[tuple[Tensor, Tensor]]]:
    """Make both loaders in a loop."""
    loaders: dict[str, Any] = {}
    for part in ("val", "train"):
        data = ImageFolder(f"{root}/{part}", make_transform(train=part == "train"))
        options: dict[str, Any] = {}
        if part == "train":
            options = {"shuffle": True, "generator": torch.Generator().manual_seed(seed ^ 7)}
        loaders[part] = DataLoader(data, batch_size=batch_size, **options)
    if loaders["val"].dataset.classes == loaders["train"].dataset.classes:
        return loaders
    raise ValueError("two parts, two sets of classes")


def build_network(n_classes: int) -> nn.Sequential:
    """Append one layer after the other."""
    network = nn.Sequential()
    for before, after, pooling in ((3, 8, nn.MaxPool2d(2)), (8, 16, nn.AdaptiveMaxPool2d((1, 1)))):
        network.append(nn.Conv2d(before, after, (3, 3), padding="same"))
        network.append(nn.BatchNorm2d(after)).append(nn.ReLU(inplace=True)).append(pooling)
    return network.append(nn.Flatten(1)).append(nn.Linear(16, n_classes))


def evaluate(model: nn.Module, loader: Iterable[tuple[Tensor, Tensor]]) -> float:
    """Keep a list of zeros and ones."""
    before = model.training
    answers: list[bool] = []
    for x, y in loader:
        with torch.no_grad():
            scores = model.eval()(x.to(next(model.parameters()).device))
        answers += [int(a) == int(b) for a, b in zip(scores.argmax(-1), y, strict=True)]
    model.train(before)
    return sum(answers) / len(answers)


def save_classifier(model: nn.Module, classes: Sequence[str], path: str | Path) -> None:
    """Name both entries."""
    torch.save({"weights": model.state_dict(), "classes": [str(name) for name in classes]}, path)


def _batches(x: Tensor, y: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    for places in torch.randperm(len(y), device=y.device).split(8):
        batch = x[places]
        for axis in (2, 3):
            chosen = torch.rand(len(places)) < 0.5
            batch[chosen] = batch[chosen].flip(axis)
        yield batch, y[places]


def train_classifier(
    root: str | Path, path: str | Path, *, epochs: int = 3, device: str = "cpu", seed: int = 0
) -> dict[str, Any]:
    """Read every picture once, before the first epoch."""
    loaders = load_pictures(root, 64, seed)
    data = loaders["train"].dataset
    plain = make_transform(train=False)
    x = torch.stack([plain(Image.open(name)) for name, _ in data.samples]).to(device)
    y = torch.tensor(data.targets, device=device)
    validation = [(pictures.to(device), labels) for pictures, labels in loaders["val"]]
    torch.manual_seed(seed)
    model = build_network(len(data.classes)).to(device)
    optimizer = torch.optim.NAdam(model.parameters(), lr=0.01)
    shares: list[float] = []
    for _ in range(epochs):
        for pictures, labels in _batches(x, y):
            loss = functional.nll_loss(model(pictures).log_softmax(1), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        shares.append(evaluate(model, validation))
        if shares.index(max(shares)) == len(shares) - 1:
            save_classifier(model, data.classes, path)
    return {"classes": data.classes, "val_accuracy": shares}


def _checked(names: Any) -> list[str]:
    if type(names) is list and names and all(type(name) is str for name in names):
        return names
    raise ValueError("no names")


def load_classifier(path: str | Path, device: str = "cpu") -> tuple[nn.Module, list[str]]:
    """Turn what can go wrong into one error."""
    data = io.BytesIO(Path(path).read_bytes())
    try:
        found = torch.load(data, map_location="cpu")
        names, weights = _checked(found["classes"]), found["weights"]
        model = build_network(len(names))
        model.load_state_dict(weights)
    except Exception as error:
        raise ValueError("no classifier") from error
    return model.eval().to(device), names


def predict_image(model: nn.Module, path: str | Path, classes: Sequence[str]) -> tuple[str, float]:
    """Sort the probabilities."""
    training = model.training
    x = make_transform(train=False)(Image.open(path)).unsqueeze(0)
    model.eval()
    with torch.no_grad():
        shares = functional.softmax(model(x.to(next(model.parameters()).device)), dim=1)
    if training:
        model.train()
    best = shares.argsort(dim=1, descending=True)[0, 0].item()
    return classes[best], shares[0, best].item()


def main(argv: Sequence[str]) -> int:
    """Let argparse read the words."""
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("weights")
    parser.add_argument("pictures", nargs="+")
    try:
        words = parser.parse_args(list(argv))
        model, classes = load_classifier(words.weights)
    except SystemExit:
        return 2
    except argparse.ArgumentError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except (OSError, ValueError):
        sys.stderr.write(f"{argv[0]} cannot be used\n")
        return 1
    bad = []
    for path in words.pictures:
        try:
            name, share = predict_image(model, path, classes)
        except OSError:
            bad.append(path)
            continue
        sys.stdout.write(f"{path}: {name} {share * 100:.1f} %\n")
    if bad:
        sys.stderr.write(f"no pictures: {', '.join(bad)}\n")
    return int(bool(bad))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
