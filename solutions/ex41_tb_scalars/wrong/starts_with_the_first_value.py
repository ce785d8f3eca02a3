"""Lets the average start with the first value, without a correction.

That is the moving average of many books; it hangs on the first, worst loss for a long time.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter


def log_line(log_dir: str | Path, n: int = 100) -> None:
    """Write the line y = 2x as n points of the tag "y=2x" into an event file in log_dir."""
    with SummaryWriter(log_dir) as writer:
        for i in range(n):
            writer.add_scalar("y=2x", 2 * i, i)


def read_scalars(log_dir: str | Path, tag: str) -> list[tuple[int, float]]:
    """Return the points (step, value) of a tag, in the order in which they were written."""
    if not Path(log_dir).is_dir():
        raise FileNotFoundError(f"{log_dir} is not a folder")
    events = EventAccumulator(str(log_dir))
    events.Reload()
    return [(event.step, event.value) for event in events.Scalars(tag)]


class ScalarLog:
    """An event file for scalars that counts the steps by itself and is closed in any case."""

    def __init__(self, log_dir: str | Path) -> None:
        self._writer = SummaryWriter(log_dir)
        self._next: dict[str, int] = defaultdict(int)
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def add(self, tag: str, value: float | Tensor, step: int | None = None) -> None:
        """Write one point."""
        if self._closed:
            raise RuntimeError("the log is closed")  # SummaryWriter would open another file
        if step is None:
            step = self._next[tag]
        self._next[tag] = step + 1
        self._writer.add_scalar(tag, value, step)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._closed = True
        self._writer.close()


def launch_argv(log_dir: str | Path, port: int = 6006) -> list[str]:
    """Return the command that shows log_dir in the browser, as subprocess.run takes it."""
    if not 0 <= port <= 65535:
        raise ValueError(f"{port} is not a port")
    return ["tensorboard", "--logdir", str(Path(log_dir).resolve()), "--port", str(port)]


def ema_smooth(values: Sequence[float], weight: float) -> list[float]:
    """Smooth a curve as TensorBoard's slider does: a debiased exponential moving average."""
    if not 0 <= weight < 1:
        raise ValueError(f"the weight is {weight}, not in [0, 1)")
    s, smoothed = None, []
    for value in values:
        if not math.isfinite(value):
            smoothed.append(value)
            continue
        s = value if s is None else weight * s + (1 - weight) * value
        smoothed.append(s)
    return smoothed
