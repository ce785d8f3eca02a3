"""How far a class run has come: a bar with what runs now on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from grader.text import Lang

if TYPE_CHECKING:
    from rich.progress import Progress

    from grader.batch.run import Ended, Planned

_RUNNING = 3
"""So many names of what runs now fit beside the bar."""


class Lines:
    """A line for each submission, for a log."""

    def __init__(self, count: int, lang: Lang) -> None:
        self._count = count
        self._lang = lang
        self._ended = 0

    def begin(self, planned: Planned) -> None:
        """Say nothing."""

    def end(self, ended: Ended) -> None:
        """Print what has become of it, unless that was known."""
        from grader.reports.class_run import ended_line  # noqa: PLC0415 - rich only when needed

        self._ended += 1
        if not ended.is_known:
            print(f"[{self._ended}/{self._count}] {ended_line(ended, self._lang)}", flush=True)  # noqa: T201

    def stop(self) -> None:
        """Nothing is drawn."""


class Bar:
    """The bar on a terminal; failures of our own stay above it."""

    def __init__(self, progress: Progress, count: int, lang: Lang) -> None:
        self._progress = progress
        self._lang = lang
        self._running: dict[str, str] = {}
        self._ended = 0
        self._started = time.monotonic()
        self._lock = threading.Lock()
        self._task = progress.add_task("", total=count)

    def begin(self, planned: Planned) -> None:
        """Show its name."""
        with self._lock:
            self._running[planned.key] = f"{planned.found.student} {planned.found.exercise}"
            self._show()

    def end(self, ended: Ended) -> None:
        """Move the bar; tell what could not be graded."""
        from grader.reports.class_run import ended_line  # noqa: PLC0415 - rich only when needed

        with self._lock:
            self._running.pop(ended.planned.key, None)
            self._ended += 1
            self._show()
            self._progress.advance(self._task)
        if ended.result is None:
            self._progress.console.print(ended_line(ended, self._lang), markup=False)

    def stop(self) -> None:
        """Take the bar away."""
        self._progress.stop()

    def _show(self) -> None:
        names = list(self._running.values())
        more = f" +{len(names) - _RUNNING}" if len(names) > _RUNNING else ""
        rate = self._ended / (time.monotonic() - self._started)
        text = f"{rate:.1f}/s  {', '.join(names[:_RUNNING])}{more}"
        self._progress.update(self._task, description=text)


@contextmanager
def shown_run(count: int, lang: Lang) -> Iterator[Bar | Lines]:
    """Show a run of so many submissions while the body lasts."""
    if not (sys.stdout.isatty() and sys.stderr.isatty()):
        yield Lines(count, lang)
        return
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs rich
    from rich.progress import (  # noqa: PLC0415 - the same
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        SpinnerColumn(),
        BarColumn(24),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield Bar(progress, count, lang)
