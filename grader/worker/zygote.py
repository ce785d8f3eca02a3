"""The zygote: imports torch once, then forks sandboxes.

    judge --control socket--> zygote --fork--> keeper (sandbox/jail.py) --fork--> worker
      '---------- the keeper's own control socket ------'                           |
      '---------- the worker's socket, frames of grader.wire ------------------------'

Started by exec with an empty environment, before any check or key is read, so its memory, which
every worker inherits, holds nothing but Python and the preloaded libraries. The judge is forked
from it once torch is imported, and learns what is secret only then. It never imports a
submission, never enters a multi-threaded region (a later fork would hang in OpenMP) and never
initialises CUDA (which does not survive a fork).
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import signal
import socket
import sys
from dataclasses import dataclass
from typing import NoReturn

from grader.sandbox import libc
from grader.sandbox.plan import Plan
from grader.torch_startup import defer_compiler
from grader.worker.hugepages import use_huge_pages
from grader.worker.sandboxes import Zygote, send

_ALSO_IMPORTED = (
    "grader.worker.worker",
    "multiprocessing.pool",
    "multiprocessing.queues",
    "multiprocessing.shared_memory",
    "numpy.random",
    "torch.utils.data",
)
"""What workers import later and lazily, and could not find or would pay for each time."""
_FOR_HUGE_PAGES = 0.2
"""Seconds: about what they save in the checks of one submission."""


def main(control_fd: int, *judge: int) -> None:
    """Import the libraries, say so, and serve until the judge goes away.

    `judge`: the descriptors of a judge to be forked here, its own socket and its end of ours.
    """
    live(imported(_FOR_HUGE_PAGES), control_fd, *judge)


def imported(for_huge_pages: float) -> dict[str, object]:
    """Import the libraries; return the message that tells so, or why they cannot be imported.

    After it, so many seconds at most go into huge pages.
    """
    # Ctrl-C reaches the whole foreground group; the supervisor decides what ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # For the workers: their environment is set too late to say so.
    sys.dont_write_bytecode = True
    gc.disable()  # a tenth of the time of an import, for little garbage
    try:
        version = _import_libraries()
    except Exception as error:  # noqa: BLE001  whatever is wrong with torch, the judge must hear it
        return {"failed": f"{type(error).__name__}: {error}"}
    use_huge_pages(for_huge_pages)
    return {"ready": version}


def live(news: dict[str, object], control_fd: int, *judge: int) -> None:
    """Be a zygote in a process that has `imported`: fork the judge, tell the news, serve."""
    control = socket.socket(fileno=control_fd)
    if "failed" in news:
        send(control, news)
        _Judge.fork(control, *judge).wait()
        return
    gc.freeze()
    child = _Judge.fork(control, *judge)
    plan = Plan.prepare()
    gc.freeze()
    gc.enable()
    send(control, news)
    Zygote(control, plan).serve()
    # Not through the interpreter's end, which takes torch apart for a quarter of a second.
    os._exit(child.wait())


def _import_libraries() -> str:
    """Import what every worker needs and pay the first use of the kernels once.

    One thread only, so that forking stays safe.
    """
    import torch  # noqa: PLC0415  this process's work, not this module's

    defer_compiler()
    for name in _ALSO_IMPORTED:
        importlib.import_module(name)
    torch.set_num_threads(1)
    torch.manual_seed(0)
    image = torch.randn(1, 2, 6, 6, requires_grad=True)
    torch.nn.Conv2d(2, 3, 3)(image).square().mean().backward()
    (torch.randn(4, 4) @ torch.randn(4, 4)).softmax(1).sum().item()
    version: str = torch.__version__
    return version


@dataclass(frozen=True)
class _Judge:
    """The judge as a child of this process; 0 where it is somebody else's."""

    pid: int = 0

    @classmethod
    def fork(cls, control: socket.socket, *descriptors: int) -> _Judge:
        """Fork it, if there are descriptors for it; it ends with us, and we when we are told to."""
        if not descriptors:
            return cls()
        pid = os.fork()
        if pid == 0:
            control.close()
            _become_judge(*descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        judge = cls(pid)
        # Its socket then closes, and everything else ends in order.
        signal.signal(signal.SIGTERM, lambda *_: judge.kill())
        libc.set_parent_death_signal(signal.SIGTERM)
        return judge

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        """Wait for its end and return a status that tells it, as a shell does."""
        if not self.pid:
            return 0
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return status if status >= 0 else 128 - status


def _become_judge(control: int, zygote: int) -> NoReturn:
    """In a process of its own: what the judge imports is never in the zygote."""
    from grader.judge.__main__ import main as judge  # noqa: PLC0415  see above

    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.dont_write_bytecode = False
    judge(control, zygote)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
