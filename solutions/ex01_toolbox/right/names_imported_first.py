"""Another right solution: every name imported at the top, every answer one expression."""

import sys
from collections.abc import Callable
from inspect import Parameter, cleandoc, getdoc, signature

from numpy import ndarray
from PIL.Image import Image
from torch import Tensor, __version__
from torch.backends.mps import is_available as mps_is_available
from torch.backends.mps import is_built
from torch.cuda import get_device_name, is_available


def public_names(obj: object, prefix: str = "") -> list[str]:
    """Filter twice."""
    public = filter(lambda name: not name.startswith("_"), dir(obj))
    return list(filter(lambda name: name.startswith(prefix), public))


def doc_summary(obj: object) -> str:
    """Clean the text once more; that does no harm."""
    first, _, _ = cleandoc(getdoc(obj) or "").partition("\n")
    return first


def required_args(fn: Callable[..., object]) -> list[str]:
    """Name the three kinds that can be required."""
    kinds = {Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY}
    return [
        name
        for name, parameter in signature(fn).parameters.items()
        if parameter.kind in kinds and parameter.default is Parameter.empty
    ]


def describe(x: object) -> str:
    """Let a match statement decide."""
    match x:
        case Tensor() | ndarray():
            return f"{type(x).__name__} {x.dtype!s} {(*x.shape,)!s}"
        case Image(mode=mode, size=size):
            return f"{type(x).__name__} {mode} {size}"
        case _:
            return f"{type(x).__name__}"


def install_report() -> dict[str, object]:
    """Ask the functions that were imported above; sys is asked anew."""
    return {
        "version": __version__,
        "cuda": is_available(),
        "gpu": get_device_name(0) if is_available() else None,
        "mps_built": is_built(),
        "mps_available": mps_is_available(),
        "executable": sys.executable,
        "in_venv": sys.prefix != sys.base_prefix,
    }


def gpu_command(platform: str) -> list[str]:
    """Decide in one line."""
    return ["system_profiler", "SPDisplaysDataType"] if platform == "darwin" else ["nvidia-smi"]
