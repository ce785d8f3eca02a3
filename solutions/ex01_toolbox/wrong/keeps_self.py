"""inspect.getfullargspec, an older tool than inspect.signature.

It works on the code of __init__, not on the call: self stands at the front of its answer, although
nobody who calls nn.Conv2d(...) passes it. For a plain function both tools agree.
"""

import inspect
import sys
from collections.abc import Callable

import numpy as np
import PIL.Image
import torch


def public_names(obj: object, prefix: str = "") -> list[str]:
    """Return the public names of obj that begin with prefix, in the order of sorted()."""
    return [name for name in dir(obj) if name.startswith(prefix) and not name.startswith("_")]


def doc_summary(obj: object) -> str:
    """Return the first line of obj's docstring that is not blank, without its indentation."""
    return (inspect.getdoc(obj) or "").strip().split("\n")[0]


def required_args(fn: Callable[..., object]) -> list[str]:
    """Return the names of the arguments that every call of fn must give, in their order."""
    spec = inspect.getfullargspec(fn)
    positional = spec.args[: len(spec.args) - len(spec.defaults or ())]
    by_name = spec.kwonlydefaults or {}
    return positional + [name for name in spec.kwonlyargs if name not in by_name]


def describe(x: object) -> str:
    """Say what x is, in parts with one space between them; the first is type(x).__name__."""
    name = type(x).__name__
    if isinstance(x, torch.Tensor | np.ndarray):
        return f"{name} {x.dtype} {tuple(x.shape)}"
    if isinstance(x, PIL.Image.Image):
        return f"{name} {x.mode} {x.size}"
    return name


def install_report() -> dict[str, object]:
    """Return the facts that help with an installation; never raises where there is no GPU."""
    cuda = torch.cuda.is_available()
    return {
        "version": torch.__version__,
        "cuda": cuda,
        "gpu": torch.cuda.get_device_name() if cuda else None,
        "mps_built": torch.backends.mps.is_built(),
        "mps_available": torch.backends.mps.is_available(),
        "executable": sys.executable,
        "in_venv": sys.prefix != sys.base_prefix,
    }


def gpu_command(platform: str) -> list[str]:
    """Return the command that shows the graphics cards, one string per word."""
    if platform == "darwin":
        return ["system_profiler", "SPDisplaysDataType"]
    return ["nvidia-smi"]
