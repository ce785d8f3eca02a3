"""Another right solution: an ExitStack closes, torch smooths, counters count."""

import contextlib
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import torch
from tensorboard.backend.event_processing import event_accumulator
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter


def log_line(log_dir: str | Path, n: int = 100) -> None:
    """Compute the values with torch."""
    with contextlib.closing(SummaryWriter(log_dir)) as writer:
        for i, y in enumerate(2 * torch.arange(n)):
            writer.add_scalar("y=2x", y, i, new_style=False)


def read_scalars(log_dir: str | Path, tag: str) -> list[tuple[int, float]]:
    """Ask for the tags first."""
    folder = Path(log_dir).resolve()
    if not folder.is_dir():
        raise FileNotFoundError(f"no folder {folder}")
    sizes = {event_accumulator.SCALARS: 0}  # 0 keeps all of them
    run = event_accumulator.EventAccumulator(str(folder), size_guidance=sizes).Reload()
    if tag not in run.Tags()["scalars"]:
        raise KeyError(f"no scalars {tag}")
    return [(int(point.step), float(point.value)) for point in run.Scalars(tag)]


class ScalarLog:
    """The writer is opened by __enter__."""

    def __init__(self, log_dir: str | Path) -> None:
        self.log_dir = log_dir
        self.counts: dict[str, Iterator[int]] = {}
        self.stack = contextlib.ExitStack()
        self.writer: SummaryWriter | None = None

    def __enter__(self) -> Self:
        self.writer = self.stack.enter_context(SummaryWriter(self.log_dir))
        self.stack.callback(setattr, self, "writer", None)
        return self

    def add(self, tag: str, value: float | Tensor, step: int | None = None) -> None:
        """Begin a new counter behind every step that is given."""
        if not self.writer:
            raise RuntimeError("add belongs into the with block")
        if step is not None:
            self.counts[tag] = itertools.count(step)
        counter = self.counts.setdefault(tag, itertools.count())
        self.writer.add_scalar(tag, value, next(counter))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stack.close()


def launch_argv(log_dir: str | Path, port: int = 6006) -> list[str]:
    """Join with the current folder, which an absolute path ignores."""
    if port < 0 or port > 65535:
        raise ValueError(port)
    options = {"--logdir": Path.cwd() / log_dir, "--port": port}
    return ["tensorboard", *map(str, itertools.chain.from_iterable(options.items()))]


def ema_smooth(values: Sequence[float], weight: float) -> list[float]:
    """Average the finite values by a triangular matrix of weights."""
    if not (0 <= weight < 1):
        raise ValueError(weight)
    y = torch.tensor(values, dtype=torch.float64)
    finite = y.isfinite()
    n = int(finite.sum())
    ages = torch.arange(n)[:, None] - torch.arange(n)
    powers = torch.where(ages >= 0, torch.tensor(weight).double() ** ages.clamp(min=0), 0)
    y[finite] = powers @ y[finite] / powers.sum(1)
    return y.tolist()
