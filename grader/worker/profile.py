"""Watching what a submission does: where its time goes, and which operations it makes.

All of it is the worker's own word. It explains a slow timed task; nothing is judged by it.
"""

from __future__ import annotations

import cProfile
import pstats
from collections import Counter
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

_PARTS = {
    "forward": (("torch/nn/modules/module.py", "_wrapped_call_impl"),),
    "backward": (("torch/_tensor.py", "backward"), ("torch/autograd/__init__.py", "grad")),
    "step": (("torch/optim/optimizer.py", "wrapper"),),
    "loading": (("torch/utils/data/dataloader.py", "__next__"),),
}
"""The functions of torch's that a part of the work goes through: file and name."""
_READING = ("_local_scalar_dense", "item", "equal", "is_nonzero")
_INDEXING = ("select", "slice", "index", "index_put_", "unbind", "fill_")
_MULTIPLYING = ("mm", "addmm", "bmm", "baddbmm", "convolution", "mv", "dot", "linear")
_MOVING = ("_to_copy", "copy_")


class Unwatched:
    """Watches nothing."""

    def stop(self) -> dict[str, float]:
        """Return what was seen."""
        return {}


class Times(Unwatched):
    """Watches where the time goes, as Python's profiler tells it."""

    def __init__(self) -> None:
        """Begin."""
        self._profiler = cProfile.Profile()
        self._profiler.enable()

    def stop(self) -> dict[str, float]:
        """Return the seconds within each part of the work, and in all."""
        self._profiler.disable()
        stats = pstats.Stats(self._profiler)
        seen = dict.fromkeys(_PARTS, 0.0)
        for (file, _, function), (_, _, _, seconds, _) in stats.stats.items():  # type: ignore[attr-defined] # typeshed leaves it out
            for part, places in _PARTS.items():
                if any(file.endswith(path) and function == name for path, name in places):
                    seen[part] += seconds
        return {**seen, "total": float(stats.total_tt)}  # type: ignore[attr-defined] # the same


class Operations(Unwatched):
    """Counts the operations on tensors."""

    def __init__(self) -> None:
        """Begin."""
        self._counter = _Counter()
        self._counter.__enter__()  # type: ignore[no-untyped-call] # torch says nothing of its types

    def stop(self) -> dict[str, float]:
        """Return how many operations there were, of each kind that explains something."""
        self._counter.__exit__(None, None, None)  # type: ignore[no-untyped-call]
        counts = self._counter.counts

        def number_of(names: tuple[str, ...]) -> float:
            return float(sum(counts[name] for name in names))

        return {
            "all": float(counts.total()),
            "reading": number_of(_READING),
            "indexing": number_of(_INDEXING),
            "multiplying": number_of(_MULTIPLYING),
            "moving": number_of(_MOVING),
            "unused_graph": float(self._counter.since_backward),
        }


class _Counter(TorchDispatchMode):
    """Counts operations by name, and those recorded for a backward pass that never came."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.counts: Counter[str] = Counter()
        self.since_backward = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.counts[func.overloadpacket.__name__] += 1
        if torch._C._current_graph_task_id() != -1:  # noqa: SLF001  no public name says it
            self.since_backward = 0
        elif torch.is_grad_enabled() and any(
            isinstance(arg, torch.Tensor) and arg.requires_grad for arg in args
        ):
            self.since_backward += 1
        return func(*args, **(kwargs or {}))


PROFILES: dict[str, type[Unwatched]] = {"times": Times, "operations": Operations, "": Unwatched}
