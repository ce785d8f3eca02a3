"""A Dask cluster on loopback: a scheduler and workers of one thread, each a process."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.watched import CannotRunError

_PATIENCE = 120.0
_ENDING_SECONDS = 20.0


@contextlib.contextmanager
def dask_cluster(folder: Path, workers: int) -> Iterator[str]:
    """Start one, and give the scheduler's address; all have ended after the block."""
    folder.mkdir()
    with contextlib.ExitStack() as stack:
        # No other port than the one that is free, and nobody else may use it.
        log = stack.enter_context(_running(folder, "scheduler", "--port", "0"))
        address = _said(log, "Scheduler at:").split()[0]
        for number in range(workers):
            words = (address, "--nthreads", "1", "--no-nanny", "--local-directory", str(folder))
            log = stack.enter_context(_running(folder, "worker", *words, log=f"worker{number}"))
            _said(log, "Registered to:")
        yield address


@contextlib.contextmanager
def _running(folder: Path, command: str, *words: str, log: str = "scheduler") -> Iterator[Path]:
    """Run a command of Dask, which writes a log."""
    path = folder / f"{log}.log"
    command_line = [sys.executable, "-m", "dask", command, *words]
    with path.open("wb") as output:
        process = subprocess.Popen(
            [*command_line, "--host", "127.0.0.1", "--no-dashboard"],
            env={"PATH": os.environ["PATH"], "HOME": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    with process:
        try:
            yield path
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_ENDING_SECONDS)
            process.kill()


def _said(log: Path, words: str) -> str:
    """Wait until a log says these words; return what comes after them."""
    deadline = time.monotonic() + _PATIENCE
    while words not in (said := log.read_text("utf-8")):
        if time.monotonic() > deadline:
            raise CannotRunError(f"Dask did not start: {said[-200:]}")
        time.sleep(0.05)
    return said.partition(words)[2]
