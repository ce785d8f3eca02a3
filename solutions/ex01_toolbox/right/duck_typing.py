"""Another right solution: loops, and asking things what they have instead of what they are."""

import inspect
import sys
from collections.abc import Callable

import torch


def public_names(obj: object, prefix: str = "") -> list[str]:
    """Collect into a set, sort at the end."""
    names = set()
    for name in dir(obj):
        private = name[:1] == "_"
        if not private and name[: len(prefix)] == prefix:
            names.add(name)
    return sorted(names)


def doc_summary(obj: object) -> str:
    """Go through the lines until one says something."""
    for line in (inspect.getdoc(obj) or "").splitlines():
        if line.strip():
            return line.strip()
    return ""


def required_args(fn: Callable[..., object]) -> list[str]:
    """Drop what needs nothing, one reason after the other."""
    names = []
    for name, parameter in inspect.signature(fn).parameters.items():
        if parameter.kind.name.startswith("VAR_"):
            continue
        if parameter.default is not inspect.Parameter.empty:
            continue
        names.append(name)
    return names


def describe(x: object) -> str:
    """Look for the attributes, without importing numpy or PIL."""
    parts = [type(x).__name__]
    if hasattr(x, "dtype") and hasattr(x, "shape"):
        parts += [str(x.dtype), str(tuple(x.shape))]
    elif hasattr(x, "mode") and hasattr(x, "size"):
        parts += [x.mode, f"({x.size[0]}, {x.size[1]})"]
    return " ".join(parts)


def install_report() -> dict[str, object]:
    """Ask for the card's properties instead of its name."""
    report: dict[str, object] = {"cuda": False, "gpu": None}
    if torch.cuda.is_available():
        report.update(cuda=True, gpu=torch.cuda.get_device_properties(0).name)
    mps = torch.backends.mps
    report.update(mps_built=mps.is_built(), mps_available=mps.is_available())
    report["version"] = str(torch.__version__)
    report["executable"] = sys.executable
    report["in_venv"] = not sys.base_prefix == sys.prefix  # noqa: SIM201  one way to say it
    return report


def gpu_command(platform: str) -> list[str]:
    """Look the platform up in a dict."""
    special = {"darwin": "system_profiler SPDisplaysDataType"}
    return special.get(platform, "nvidia-smi").split()
