"""Lets the first picture that cannot be read end the program; prints shares instead of percent."""

import sys
from collections.abc import Sequence

from inference import load_classifier, predict_image
from network import build_network
from pictures import draw_insect, load_pictures, make_ants_bees, make_transform
from training import evaluate, save_classifier, train_classifier

__all__ = [
    "build_network",
    "draw_insect",
    "evaluate",
    "load_classifier",
    "load_pictures",
    "main",
    "make_ants_bees",
    "make_transform",
    "predict_image",
    "save_classifier",
    "train_classifier",
]


def main(argv: Sequence[str]) -> int:
    """Say for each picture of the command line what it shows; return the exit status."""
    if len(argv) < 2:
        print("usage: ex59_ants_bees.py WEIGHTS PICTURE ...", file=sys.stderr)  # noqa: T201
        return 2
    try:
        model, classes = load_classifier(argv[0])
    except (OSError, ValueError) as error:
        print(f"{argv[0]}: {error}", file=sys.stderr)  # noqa: T201
        return 1
    for path in argv[1:]:
        name, probability = predict_image(model, path, classes)
        print(f"{path}: {name} {probability:.1f} %")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
