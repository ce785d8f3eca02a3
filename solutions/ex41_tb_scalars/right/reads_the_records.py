"""Another right solution: the records of each file are read one by one; None is a closed log."""

import math
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader
from torch import Tensor
from torch.utils import tensorboard


def log_line(log_dir: str | Path, n: int = 100) -> None:
    """Close in a finally clause."""
    Path(log_dir).mkdir(parents=True, exist_ok=True)
    writer = tensorboard.SummaryWriter(log_dir=str(log_dir))
    try:
        for step, value in enumerate(range(0, 2 * n, 2)):
            writer.add_scalar(tag="y=2x", scalar_value=float(value), global_step=step)
    finally:
        writer.close()


def read_scalars(log_dir: str | Path, tag: str) -> list[tuple[int, float]]:
    """Go through the records of the files, sorted by name, which begins with the time."""
    if not Path(log_dir).exists() or Path(log_dir).is_file():
        raise FileNotFoundError(log_dir)
    points = [
        (event.step, value.simple_value)
        for path in sorted(Path(log_dir).glob("*tfevents*"))
        for event in LegacyEventFileLoader(str(path)).Load()
        for value in event.summary.value
        if value.tag == tag and value.WhichOneof("value") == "simple_value"
    ]
    if not points:
        raise KeyError(tag)
    return points


class ScalarLog:
    """The last step of each tag is remembered, and no writer is left after the end."""

    def __init__(self, log_dir: str | Path) -> None:
        self.writer: tensorboard.SummaryWriter | None = tensorboard.SummaryWriter(str(log_dir))
        self.last: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def add(self, tag: str, value: float | Tensor, step: int | None = None) -> None:
        """Turn tensors into floats first."""
        if self.writer is None:
            raise RuntimeError("no writer")
        if isinstance(value, Tensor):
            value = value.detach().item()
        self.last[tag] = self.last.get(tag, -1) + 1 if step is None else step
        self.writer.add_scalar(tag, value, self.last[tag])

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        writer, self.writer = self.writer, None
        if writer is not None:
            writer.close()


def launch_argv(log_dir: str | Path, port: int = 6006) -> list[str]:
    """Ask a range."""
    if port not in range(1 << 16):
        raise ValueError("not a port")
    return ["tensorboard", "--logdir", str(Path(log_dir).absolute()), "--port", f"{port}"]


def ema_smooth(values: Sequence[float], weight: float) -> list[float]:
    """Keep the sum of the weights beside the weighted sum of the values."""
    if weight < 0 or weight >= 1:
        raise ValueError("not a weight")
    smoothed, above, below = [], 0.0, 0.0
    for value in values:
        if math.isnan(value) or math.isinf(value):
            smoothed.append(value)
        else:
            above, below = weight * above + value, weight * below + 1
            smoothed.append(above / below)
    return smoothed
