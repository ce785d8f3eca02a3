"""Another style: a table of commands, groupby on kinds of lines, and itertools."""

import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlparse

from torch import Tensor

COMMANDS = {
    "create": ["-n ENV", "PYTHON", "PACKAGES", "-y"],
    "install": ["-n ENV", "PACKAGES", "-y"],
    "remove": ["-n ENV", "PACKAGES", "--all", "-y"],
    "list": ["-n ENV"],
    "activate": ["ENV"],
    "deactivate": [],
}


def conda_argv(
    action: str,
    env: str | None = None,
    python: str | None = None,
    packages: Sequence[str] = (),
) -> list[str]:
    """Return a command of conda as the list of its words; nothing is run."""
    problems = {
        "unknown action": action not in COMMANDS,
        "no environment": action in {"create", "remove", "activate"} and env is None,
        "no packages": action == "install" and not packages,
        "no version": python is not None and not re.match(r"[0-9]+(\.[0-9]+)*\Z", python),
        "pip's": any(re.search("^-|==", package) for package in packages),
    }
    for problem, is_there in problems.items():
        if is_there:
            raise ValueError(problem)
    words = {
        "-n ENV": ["-n", env] if env is not None else [],
        "ENV": [env],
        "PYTHON": [f"python={python}"] if python is not None else [],
        "PACKAGES": list(packages),
        "--all": [] if packages else ["--all"],
        "-y": ["-y"],
    }
    return ["conda", action, *itertools.chain.from_iterable(words[w] for w in COMMANDS[action])]


def parse_requirement(s: str) -> tuple[str, str | None, str]:
    """Return (name, version, tool) of a requirement."""
    name, *rest = re.split(r"\s*(=+)\s*", s.strip())
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
        raise ValueError(name)
    if not rest:
        return name, None, "either"
    tool = {"=": "conda", "==": "pip"}.get(rest[0])
    if tool is None or len(rest) != 2 or not re.fullmatch(r"[A-Za-z0-9.*+!_-]+", rest[1]):
        raise ValueError(s)
    return name, rest[1], tool


def load_condarc(text: str) -> dict[str, Any]:
    """Read the text of a .condarc: the small part of YAML that conda's settings use."""
    settings: dict[str, Any] = {}
    target: list[str] | None = None
    kinds = {
        "skip": r"\s*(#.*)?",
        "item": r"\s*-\s+(.*)",
        "set": r"(\w+):\s+(\S.*)",
        "open": r"(\w+):",
    }
    words = {"true": True, "yes": True, "false": False, "no": False}
    for number, line in zip(itertools.count(1), text.splitlines(), strict=False):
        found = {kind: re.fullmatch(form, line.rstrip()) for kind, form in kinds.items()}
        if match := found["open"]:
            target = settings.setdefault(match[1], [])
        elif match := found["set"]:
            target = None
            settings[match[1]] = words.get(match[2], match[2])
            if re.fullmatch("[0-9]+", match[2]):
                settings[match[1]] = int(match[2])
        elif (match := found["item"]) and target is not None:
            target.append(match[1])
        elif not found["skip"]:
            raise ValueError(f"cannot read line {number}")
    return settings


def trusted_host(url: str) -> str:
    """Return the host of a URL, as pip's trusted-host wants it."""
    host = urlparse(url).netloc.rpartition("@")[2].partition(":")[0]
    if host == "":
        raise ValueError("no host")
    return host.lower()


@dataclass(frozen=True)
class Config:
    """The settings of a training: a dataclass whose fields cannot be changed later."""

    batch_size: int = 16
    lr: float = 1e-4
    max_epochs: int = 100
    device: str = "cpu"

    def __post_init__(self) -> None:
        """Check the values; the dataclass calls it when the fields are set."""
        if min(self.batch_size, self.max_epochs) < 1:
            raise ValueError("too few")
        if not self.lr > 0:
            raise ValueError("lr")


def pipeline_stages(among: Iterable[str] | None = None) -> list[str]:
    """Return the stages of a deep-learning program in the order in which they come."""
    order = ("data", "model", "loss", "optimizer", "train", "evaluate")
    places = sorted(order.index(stage) for stage in among or []) if among is not None else range(6)
    return [order[place] for place in places]


def trace_forward(layers: Iterable[Callable[[Tensor], Tensor]], x: Tensor) -> list[Tensor]:
    """Send x through the layers, one after another; return what each of them gave."""
    steps = itertools.accumulate(layers, lambda value, layer: layer(value.clone()), initial=x)
    return list(steps)[1:]
