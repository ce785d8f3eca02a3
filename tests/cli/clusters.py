"""A real Dask cluster on loopback: a scheduler and workers, each a process of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.cli.running import PATIENCE, descendants, wait_until_gone


@dataclass
class DaskCluster:
    """What runs of it, and where it may write."""

    folder: Path
    scheduler: subprocess.Popen[bytes]
    address: str
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start_worker(self, preload: str = "") -> subprocess.Popen[bytes]:
        """Start a worker with one thread; `preload` is Python that it runs first."""
        words = ["worker", self.address, "--nthreads", "1", "--no-nanny"]
        words += ["--host", "127.0.0.1", "--local-directory", str(self.folder)]
        if preload:
            script = self.folder / f"preload{len(self.workers)}.py"
            script.write_text(preload)
            words += ["--preload", str(script)]
        process, log = _started(self.folder, f"worker{len(self.workers)}", words)
        self.workers.append(process)
        _wait_for(log, "Registered to:")
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill it, and see everything end that it has started."""
        started = descendants(process.pid)
        process.kill()
        process.wait()
        wait_until_gone(started)


@contextlib.contextmanager
def dask_cluster(folder: Path, **settings: str) -> Iterator[DaskCluster]:
    """Start a scheduler; it and all workers are ended with the block, whatever happens in it."""
    folder.mkdir()
    words = ["scheduler", "--host", "127.0.0.1", "--port", "0"]
    process, log = _started(folder, "scheduler", words, settings)
    cluster = DaskCluster(folder, process, "")
    try:
        cluster.address = _wait_for(log, "Scheduler at:").split()[0]
        yield cluster
    finally:
        everyone = [*cluster.workers, process]
        started = [pid for each in everyone for pid in descendants(each.pid)]
        for each in everyone:
            each.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                each.wait(20)
            each.kill()
            each.wait()
        wait_until_gone(started)


def _started(
    folder: Path, name: str, words: list[str], settings: dict[str, str] | None = None
) -> tuple[subprocess.Popen[bytes], Path]:
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *words, "--no-dashboard"],
            env={"PATH": os.environ["PATH"], "HOME": str(folder), **(settings or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    return process, log


def _wait_for(log: Path, words: str) -> str:
    """Wait until a log says these words; return what comes after them."""
    deadline = time.monotonic() + PATIENCE
    while words not in (said := log.read_text()):
        assert time.monotonic() < deadline, said
        time.sleep(0.05)
    return said.partition(words)[2]
