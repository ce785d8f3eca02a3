"""Exercise ex59_ants_bees: a project of several files, and its command line.

This is the entry: it gathers what the other files define, and runs from the command line as

    python ex59_ants_bees.py WEIGHTS PICTURE ...

Importing it does nothing but define its names. Write main here and the rest in the other files.
"""

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
    """Say for each picture of the command line what it shows; return the exit status.

    argv: the path of a file of save_classifier, then the paths of one or more pictures. For each
    picture one line goes to the standard output: the path as given, a colon, the name of the class
    and its probability in percent with one decimal, as in

        garden/7.png: bees 97.3 %

    A picture that cannot be read (OSError) is no reason to stop: its path goes to the standard
    error in a message of your own, and the others have their turn.
    Returns 0 when there is an answer for all of them; 1 when a picture or the file of the weights
    could not be read or the latter is no classifier, with its path in a message on the standard
    error; 2 when argv has less than two paths, with a message there.

    Run as a script, the file hands the words behind its name to main, and the process ends with
    the status that main returns.
    """
    raise NotImplementedError
