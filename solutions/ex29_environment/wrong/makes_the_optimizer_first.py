"""Puts the optimizer before the model and the loss.

It was the first line that came to mind. An optimizer needs the model's parameters, and one that was
made before keeps the parameters of some older model.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from torch import Tensor

_STAGES = ["data", "optimizer", "model", "loss", "train", "evaluate"]
_WORDS = {"true": True, "yes": True, "false": False, "no": False}


def _check_words(python: str | None, packages: Sequence[str]) -> None:
    if python is not None and not re.fullmatch(r"\d+(\.\d+)*", python):
        raise ValueError(f"{python!r} is not a version, such as 3.12")
    for package in packages:
        if package.startswith("-") or "==" in package:
            raise ValueError(f"{package!r} is written for pip, not for conda")


def conda_argv(
    action: str,
    env: str | None = None,
    python: str | None = None,
    packages: Sequence[str] = (),
) -> list[str]:
    """Return a command of conda as the list of its words; nothing is run."""
    _check_words(python, packages)
    if env is None and action in ("create", "remove", "activate"):
        raise ValueError(f"conda {action} needs the name of an environment")
    where = [] if env is None else ["-n", env]
    version = [] if python is None else [f"python={python}"]
    words = {
        "create": [*where, *version, *packages, "-y"],
        "install": [*where, *packages, "-y"],
        "remove": [*where, *(packages or ["--all"]), "-y"],
        "list": where,
        "activate": where[1:],
        "deactivate": [],
    }
    if action not in words or (action == "install" and not packages):
        raise ValueError(f"conda {action} is unknown, or nothing to install is named")
    return ["conda", action, *words[action]]


def parse_requirement(s: str) -> tuple[str, str | None, str]:
    """Return (name, version, tool) of a requirement."""
    found = re.fullmatch(r"\s*([a-zA-Z0-9][\w.-]*)\s*(?:(==?)\s*([\w.*+!-]+))?\s*", s)
    if found is None:
        raise ValueError(f"{s!r} is neither a name nor name=version nor name==version")
    name, sign, version = found.groups()
    return name, version, {None: "either", "=": "conda", "==": "pip"}[sign]


def load_condarc(text: str) -> dict[str, Any]:
    """Read the text of a .condarc: the small part of YAML that conda's settings use."""
    settings: dict[str, Any] = {}
    items = None  # the list that "- item" belongs to
    for number, line in enumerate(text.splitlines(), 1):
        entry = line.strip()
        setting = re.fullmatch(r"(\w+):(?:\s+(.*))?", line.rstrip())
        if not entry or entry.startswith("#"):
            continue
        if setting and setting[2]:
            items, value = None, setting[2]
            settings[setting[1]] = _WORDS.get(value, int(value) if value.isdecimal() else value)
        elif setting:
            items = settings[setting[1]] = []
        elif entry.startswith("- ") and items is not None:
            items.append(entry[1:].strip())
        else:
            raise ValueError(f"line {number} is neither a setting nor an item of a list: {line}")
    return settings


def trusted_host(url: str) -> str:
    """Return the host of a URL, as pip's trusted-host wants it."""
    host = urlsplit(url).hostname
    if not host:
        raise ValueError(f"{url!r} names no host: a URL begins like https://host")
    return host


@dataclass(frozen=True)
class Config:
    """The settings of a training: a dataclass whose fields cannot be changed later."""

    batch_size: int = 16
    lr: float = 1e-4
    max_epochs: int = 100
    device: str = "cpu"

    def __post_init__(self) -> None:
        """Check the values; the dataclass calls it when the fields are set."""
        if self.batch_size < 1 or self.max_epochs < 1 or self.lr <= 0:
            raise ValueError("batch_size and max_epochs begin at 1, and lr lies above 0")


def pipeline_stages(among: Iterable[str] | None = None) -> list[str]:
    """Return the stages of a deep-learning program in the order in which they come."""
    return sorted(_STAGES if among is None else among, key=_STAGES.index)


def trace_forward(layers: Iterable[Callable[[Tensor], Tensor]], x: Tensor) -> list[Tensor]:
    """Send x through the layers, one after another; return what each of them gave."""
    trace = []
    for layer in layers:
        x = layer(x.clone())  # a layer may write into what it gets
        trace.append(x)
    return trace
