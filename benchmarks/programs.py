"""Programs that stay warm: each line in is an order, each line out its answer, both JSON.

Two programs can so be measured in turns, each with everything imported long before.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.course import ROOT

Orders = dict[str, Callable[..., dict[str, Any]]]


class Program:
    """A running program, as the one who gives the orders sees it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def order(self, name: str, **options: Any) -> dict[str, Any]:
        """Give an order and wait for the answer; raises RuntimeError if the program ends."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("a program needs both pipes")
        with contextlib.suppress(BrokenPipeError):
            stdin.write(json.dumps([name, options]) + "\n")
            stdin.flush()
        line = stdout.readline()
        if not line:
            raise RuntimeError(f"the program ended with status {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextlib.contextmanager
def running(module: str) -> Iterator[Program]:
    """Start a program with the environment of a judge; it has ended after the block."""
    environment = {"PYTHONHASHSEED": "0", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    environment |= {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    process = subprocess.Popen(
        [sys.executable, "-s", "-X", "utf8", "-m", module],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield Program(process)
        if process.stdin:
            process.stdin.close()


def serve(orders: Orders) -> None:
    """Carry out orders until nobody gives any more; with the heap frozen, as in a judge."""
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        name, options = json.loads(line)
        print(json.dumps(orders[name](**options)), flush=True)
