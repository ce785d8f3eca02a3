"""A line on the terminal that shows how far grading has come; nothing when piped."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Steps:
    """Counts checks for a progress line, or for nobody."""

    def __init__(self, line: Progress | None = None, task: TaskID | None = None) -> None:
        """Take the line to move; without one, nothing is shown."""
        self._line = line
        self._task = task

    def plan(self, count: int) -> None:
        """Say how many checks there will be; said again, all of them are still to come."""
        if self._line is not None and self._task is not None:
            self._line.update(self._task, total=count, completed=0)

    def step(self) -> None:
        """Say that one more check is done."""
        if self._line is not None and self._task is not None:
            self._line.advance(self._task)


@contextmanager
def shown_progress(title: str) -> Iterator[Steps]:
    """Show the line while the body runs; it leaves no trace."""
    if not (sys.stdout.isatty() and sys.stderr.isatty()):
        yield Steps()
        return
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs rich
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn  # noqa: PLC0415 - the same

    columns = (SpinnerColumn(), "{task.description}", BarColumn(24), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as line:
        yield Steps(line, line.add_task(title, total=None))
