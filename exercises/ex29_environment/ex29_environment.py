"""Exercise ex29_environment: commands of conda, mirrors, and the settings of a project.

Add the imports that you need.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor


def conda_argv(
    action: str,
    env: str | None = None,
    python: str | None = None,
    packages: Sequence[str] = (),
) -> list[str]:
    """Return a command of conda as the list of its words; nothing is run.

    action       the words, in this order
    create       conda create -n ENV python=PYTHON PACKAGES -y
    install      conda install -n ENV PACKAGES -y
    remove       conda remove -n ENV PACKAGES -y; without packages, which deletes the whole
                 environment: conda remove -n ENV --all -y
    list         conda list -n ENV
    activate     conda activate ENV
    deactivate   conda deactivate

    Without env, install and list leave out "-n ENV" and so mean the active environment. Without
    python, "python=PYTHON" is left out. An action ignores what is not in its line.
    Raises ValueError for an action that is not in the table; for create, remove and activate
    without env; for install without packages; for a python that is not numbers with dots between
    them, such as "python2.7"; for a package that begins with "-" or has "==" in it: both are pip's.
    """
    raise NotImplementedError


def parse_requirement(s: str) -> tuple[str, str | None, str]:
    """Return (name, version, tool) of a requirement.

    "numpy=1.26" is written for "conda", "numpy==1.26" for "pip"; without a version, which is None
    then, "numpy" suits "either". Spaces at the ends and around the signs do not count.
    A name has letters, digits, ".", "_" and "-" and begins with a letter or a digit. A version has
    letters, digits, ".", "*", "+", "!", "_" and "-", at least one.
    Raises ValueError for everything else, such as "numpy>=1.26", "=1.26" and "numpy=".
    """
    raise NotImplementedError


def load_condarc(text: str) -> dict[str, Any]:
    """Read the text of a .condarc: the small part of YAML that conda's settings use.

    A line is one of these; blank lines and lines that begin with "#", after spaces, are skipped:
    key: value   at the margin. A value is True for true and yes, False for false and no, an int if
                 it is all digits, otherwise a string
    key:         at the margin: a list, which is empty until items follow
    - item       anywhere in the line: a string of the list above it
    A key has letters, digits and "_", and a space or the end of the line comes after its colon.
    Raises ValueError for any other line, and for an item with no list above it. The error's text
    names the first such line by its number, which begins at 1: "line 9".
    """
    raise NotImplementedError


def trusted_host(url: str) -> str:
    """Return the host of a URL, as pip's trusted-host wants it.

    The name alone, in small letters: no scheme (https), no user, no port, no path.
    Raises ValueError for a text without scheme and host, such as "mirrors.ustc.edu.cn/simple".
    """
    raise NotImplementedError


@dataclass(frozen=True)
class Config:
    """The settings of a training: a dataclass whose fields cannot be changed later.

    batch_size: int, 16 by default. lr: float, 1e-4. max_epochs: int, 100. device: str, "cpu".
    All are given by name or in this order; dataclasses.replace makes a copy with some changed.
    Raises ValueError when batch_size or max_epochs is less than 1, or lr is not above 0.
    """

    def __post_init__(self) -> None:
        """Check the values; the dataclass calls it when the fields are set."""
        raise NotImplementedError


def pipeline_stages(among: Iterable[str] | None = None) -> list[str]:
    """Return the stages of a deep-learning program in the order in which they come.

    All six are "data", "model", "loss", "optimizer", "train" and "evaluate", which is their order
    as well. among: some of them in any order, none twice; None: all six.
    Raises ValueError for a name that is none of the six.
    """
    raise NotImplementedError


def trace_forward(layers: Iterable[Callable[[Tensor], Tensor]], x: Tensor) -> list[Tensor]:
    """Send x through the layers, one after another; return what each of them gave.

    layers: an nn.Sequential, a list, or anything else that a for loop takes.
    Each tensor of the list stays as its layer gave it, also when the next one works in place, as
    nn.ReLU(inplace=True) does; x stays as it is. Gradients reach x from every one of them.
    """
    raise NotImplementedError
