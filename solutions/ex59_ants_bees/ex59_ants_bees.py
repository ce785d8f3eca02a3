"""Reference solution of ex59_ants_bees: a project of several files, and its command line."""

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
    status = 0
    for path in argv[1:]:
        try:
            name, probability = predict_image(model, path, classes)
        except OSError as error:
            print(f"{path}: {error}", file=sys.stderr)  # noqa: T201
            status = 1
        else:
            print(f"{path}: {name} {100 * probability:.1f} %")  # noqa: T201
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
