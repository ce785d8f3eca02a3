"""Another style: string methods and sets of characters, no regular expression."""

import string
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from torch import Tensor

LETTERS = set(string.ascii_letters + string.digits)


def _check_action(action: str, env: str | None, packages: Sequence[str]) -> None:
    if action not in ("create", "install", "remove", "list", "activate", "deactivate"):
        raise ValueError(f"unknown action: {action}")
    if action in ("create", "remove", "activate") and env is None:
        raise ValueError("which environment?")
    if action == "install" and len(packages) == 0:
        raise ValueError("install what?")


def conda_argv(
    action: str,
    env: str | None = None,
    python: str | None = None,
    packages: Sequence[str] = (),
) -> list[str]:
    """Return a command of conda as the list of its words; nothing is run."""
    if any(package[:1] == "-" or package.count("==") for package in packages):
        raise ValueError("pip's way of writing")
    if python is not None and not all(part.isdigit() for part in python.split(".")):
        raise ValueError("python is a version")
    _check_action(action, env, packages)
    argv = ["conda", action]
    if action == "activate":
        argv += [str(env)]
    elif action != "deactivate" and env is not None:
        argv += ["-n", env]
    if action == "create" and python is not None:
        argv.append("python=" + python)
    if action in ("create", "install", "remove"):
        argv += list(packages)
        if action == "remove" and not packages:
            argv.append("--all")
        argv.append("-y")
    return argv


def parse_requirement(s: str) -> tuple[str, str | None, str]:
    """Return (name, version, tool) of a requirement."""
    name, tool = s.strip(), "either"
    version = None
    if "=" in name:
        sign, tool = ("==", "pip") if "==" in name else ("=", "conda")
        name, _, version = (part.strip() for part in name.partition(sign))
        if not version or set(version) - LETTERS - set(".*+!_-"):
            raise ValueError(f"no version: {version}")
    if not name or name[0] not in LETTERS or set(name) - LETTERS - set("._-"):
        raise ValueError(f"no name: {name}")
    return name, version, tool


def load_condarc(text: str) -> dict[str, Any]:
    """Read the text of a .condarc: the small part of YAML that conda's settings use."""
    settings: dict[str, Any] = {}
    last = None
    for number, line in enumerate(text.split("\n")):
        bare = line.strip()
        if bare == "" or bare[0] == "#":
            continue
        if bare[:2] == "- ":
            if last is None or not isinstance(settings[last], list):
                raise ValueError(f"line {number + 1}: an item, but no list")
            settings[last].append(bare[2:].lstrip())
            continue
        key, colon, value = line.partition(":")
        if not colon or set(key) - LETTERS - {"_"} or value[:1].strip():
            raise ValueError(f"line {number + 1}: {bare}")
        last, value = key, value.strip()
        if value in ("true", "yes", "false", "no"):
            settings[key] = value in ("true", "yes")
        elif value.isdigit():
            settings[key] = int(value)
        else:
            settings[key] = value or []
    return settings


def trusted_host(url: str) -> str:
    """Return the host of a URL, as pip's trusted-host wants it."""
    scheme, mark, rest = url.partition("://")
    host = rest.split("/")[0].split("@")[-1].split(":")[0]
    if not (scheme and mark and host):
        raise ValueError("no host")
    return host.lower()


@dataclass(frozen=True)
class Config:
    """The settings of a training: a dataclass whose fields cannot be changed later."""

    batch_size: int = 16
    lr: float = 0.0001
    max_epochs: int = 100
    device: str = "cpu"

    def __post_init__(self) -> None:
        """Check the values; the dataclass calls it when the fields are set."""
        for field in fields(self):
            value, least = getattr(self, field.name), {"lr": 1e-300, "device": ""}
            if value < least.get(field.name, 1):
                raise ValueError(f"{field.name} is too small: {value}")


def pipeline_stages(among: Iterable[str] | None = None) -> list[str]:
    """Return the stages of a deep-learning program in the order in which they come."""
    stages = {"data": 1, "model": 2, "loss": 3, "optimizer": 4, "train": 5, "evaluate": 6}
    if among is None:
        return list(stages)
    wanted = set(among)
    if wanted - set(stages):
        raise ValueError(f"no such stages: {wanted - set(stages)}")
    return [stage for stage in stages if stage in wanted]


def trace_forward(layers: Iterable[Callable[[Tensor], Tensor]], x: Tensor) -> list[Tensor]:
    """Send x through the layers, one after another; return what each of them gave."""
    outputs = [x]
    for layer in layers:
        outputs.append(layer(outputs[-1] + 0))
    return outputs[1:]
