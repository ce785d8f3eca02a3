"""The judge's side of the zygote: opening sandboxes, starting and ending workers in them.

Every wait has a deadline. What stays silent past it is killed from one level further out: a worker
by its keeper, a keeper by the zygote, the zygote by the judge.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from grader.judge.outcomes import JudgeFault
from grader.wire.channel import Channel

_PATIENCE = 30.0
"""Seconds that our own processes get for an answer, on a loaded machine."""


@dataclass(frozen=True)
class Room:
    """What a sandbox gives its workers, whatever its tier."""

    megabytes: int
    gpu: bool = False
    cpu: int | None = None
    """The one processor that they may use; None leaves them all."""
    loopback: bool = False
    """Whether they may talk to each other by TCP, where the tier gives them a network."""


@dataclass(frozen=True)
class Ending:
    """How a worker's process ended."""

    status: int
    """Exit status, or minus the number of the signal."""
    is_out_of_memory: bool


class RunningWorker(Protocol):
    """A started worker: the channel to it, and a way to end it and all that it started."""

    channel: Channel

    def end(self) -> Ending:
        """Kill the worker's processes, confirm that they are gone, say how it had ended."""

    def release(self) -> None:
        """Kill the worker's processes; the confirmation is awaited before the place is reused."""

    def pause(self) -> None:
        """Stop the worker's processes where they are, until `resume`."""

    def resume(self) -> None:
        """Let them go on."""

    def peak_memory(self) -> int | None:
        """The most memory that they have used, in bytes, where that is known."""


class RefusedError(Exception):
    """This machine does not give what the tier needs; `step` says where it stopped."""

    def __init__(self, step: str, text: str) -> None:
        super().__init__(f"{step}: {text}")
        self.step = step


class ZygoteFault(JudgeFault):
    """The zygote is gone, so that nothing more can be graded."""


class Zygote:
    """A client of the zygote's control socket."""

    def __init__(self, control: socket.socket) -> None:
        control.settimeout(_PATIENCE * 4)
        self._control = control
        self._numbers = itertools.count(1)
        self._unanswered = 0
        self.torch = ""

    def wait_until_ready(self) -> None:
        """Wait for the import of torch; raises ImportError with what the zygote said."""
        answer = self._receive()
        if "failed" in answer:
            raise ImportError(str(answer["failed"]))
        self.torch = str(answer["ready"])

    def preload(self, modules: Sequence[str]) -> None:
        """Import libraries once, for all sandboxes opened from now on."""
        self._ask({"preload": list(modules)})

    def open_sandbox(self, tier: str, room: Room) -> Sandbox:
        """Open a sandbox; raises RefusedError where this machine does not allow the tier."""
        sandbox = self.order_sandbox(tier, room)
        answer = self._last_answer()
        if "refused" in answer:
            sandbox.forget()
            raise RefusedError(str(answer["refused"]), str(answer["text"]))
        sandbox.is_accounted = bool(answer["accounted"])
        return sandbox

    def order_sandbox(self, tier: str, room: Room) -> Sandbox:
        """Have a sandbox opened of a tier that is known to work; do not wait for it.

        It can be used at once: its control socket keeps what it is told until it is there. If it
        cannot be opened the socket closes, and its first worker does not start.
        """
        number = next(self._numbers)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            request = {"open": number, "tier": tier, **asdict(room)}
            self._send(request, [theirs.fileno()])
        return Sandbox(self, number, ours, tier)

    def memory(self, number: int) -> dict[str, Any]:
        """How often the sandbox ran out of memory, and its peak in bytes."""
        return self._ask({"memory": number})

    def end(self, number: int) -> None:
        """Kill a sandbox and all in it; returns when that is confirmed."""
        self._ask({"end": number})

    def close(self) -> None:
        """Close the control socket, which makes the zygote end every sandbox and itself."""
        self._control.close()

    def _ask(self, message: dict[str, Any]) -> dict[str, Any]:
        self._send(message, [])
        return self._last_answer()

    def _send(self, message: dict[str, Any], descriptors: list[int]) -> None:
        try:
            socket.send_fds(self._control, [json.dumps(message).encode()], descriptors)
        except OSError as error:
            raise ZygoteFault(f"the zygote is gone: {error}") from error
        self._unanswered += 1

    def _last_answer(self) -> dict[str, Any]:
        """Read all answers that are due, and return the one to the last request."""
        answer: dict[str, Any] = {}
        while self._unanswered:
            answer = self._receive()
            self._unanswered -= 1
        if "error" in answer:
            raise JudgeFault(str(answer["error"]))
        return answer

    def _receive(self) -> dict[str, Any]:
        try:
            try:
                data = self._control.recv(1 << 16)
            except ConnectionResetError:
                # It ended before it had read everything; what it said is told after this.
                data = self._control.recv(1 << 16)
        except OSError as error:
            raise ZygoteFault(f"the zygote does not answer: {error}") from error
        if not data:
            raise ZygoteFault("the zygote has ended")
        answer: dict[str, Any] = json.loads(data)
        return answer


class Sandbox:
    """One sandbox: runs one worker at a time, any number after each other."""

    def __init__(self, zygote: Zygote, number: int, control: socket.socket, tier: str) -> None:
        control.settimeout(_PATIENCE)
        self._zygote = zygote
        self._number = number
        self._control = control
        self._tier = tier
        self._out_of_memory = 0
        self._is_stopping = False
        self.is_accounted = False
        """Whether a cgroup bounds its memory, as far as is known."""
        self.is_open = True

    def is_usable(self) -> bool:
        """Wait until all processes of the last worker are gone; say whether the sandbox is left."""
        if self._is_stopping:
            self.confirm_end()
        return self.is_open

    def start_worker(self) -> SandboxedWorker:
        """Start a worker; only in a sandbox that `is_usable`."""
        ours, theirs = socket.socketpair()
        reader, writer = os.pipe()
        with theirs, closing(writer):
            try:
                socket.send_fds(self._control, [b'{"check": 1}'], [theirs.fileno(), writer])
            except OSError as error:
                ours.close()
                os.close(reader)
                self.close()
                raise JudgeFault(f"the sandbox is gone: {error}") from error
        return SandboxedWorker(self, Channel(ours, reader))

    def stop_worker(self) -> None:
        """Have the keeper kill the worker and all it started."""
        self._is_stopping = True
        with contextlib.suppress(OSError):  # a keeper that is gone is noticed at the answer
            self._control.sendall(b'{"stop": 1}')

    def pause(self, *, is_on: bool) -> None:
        """Stop the worker's processes, or let them go on; raises JudgeFault if the keeper died."""
        try:
            self._control.sendall(json.dumps({"pause": is_on}).encode())
            answer = self._control.recv(1 << 12)
        except OSError as error:
            raise JudgeFault(f"the sandbox is gone: {error}") from error
        if not answer:
            raise JudgeFault("the sandbox is gone")

    def confirm_end(self) -> Ending:
        """Wait until the worker is gone; a keeper that does not answer ends with it.

        Raises JudgeFault for a keeper that was killed where no submission can do that.
        """
        self._is_stopping = False
        is_silent = False
        try:
            data = self._control.recv(1 << 12)
        except TimeoutError:
            data, is_silent = b"", True
        except OSError:
            data = b""
        status = int(json.loads(data)["ended"]) if data else -signal.SIGKILL
        is_out_of_memory = status < 0 and self._has_run_out_of_memory()
        if not data:
            self.close()
            # In tier full it is pid 1 of its namespace, which no process within can kill.
            if self._tier == "full" and not is_silent and not is_out_of_memory:
                raise JudgeFault("the first process of a sandbox was killed from outside")
        return Ending(status, is_out_of_memory)

    def _has_run_out_of_memory(self) -> bool:
        """Whether the kernel (or the zygote's watch) has killed for memory since last asked."""
        kills = int(self._zygote.memory(self._number)["kills"])
        before, self._out_of_memory = self._out_of_memory, kills
        return kills > before

    def forget(self) -> None:
        """Close our end of a sandbox that was never opened."""
        self.is_open = False
        self._control.close()

    def close(self) -> None:
        """End the sandbox."""
        if self.is_open:
            self.is_open = False
            self._control.close()
            self._zygote.end(self._number)

    def peak_memory(self) -> int:
        """The most memory that the sandbox has used, in bytes, where it is accounted."""
        return int(self._zygote.memory(self._number)["peak"])


@dataclass
class SandboxedWorker:
    """A worker in a sandbox of the zygote."""

    sandbox: Sandbox
    channel: Channel

    def end(self) -> Ending:
        """Kill the worker's processes and confirm it."""
        self.sandbox.stop_worker()
        try:
            return self.sandbox.confirm_end()
        finally:
            self._close_channel()

    def release(self) -> None:
        """Kill the worker's processes without waiting; the sandbox waits before the next."""
        self.sandbox.stop_worker()
        self._close_channel()

    def pause(self) -> None:
        """Stop the worker's processes; no process can prevent or notice that."""
        self.sandbox.pause(is_on=True)

    def resume(self) -> None:
        """Let them go on."""
        self.sandbox.pause(is_on=False)

    def peak_memory(self) -> int | None:
        """The most memory that the sandbox has used, in bytes; None where nobody looked."""
        return self.sandbox.peak_memory() or None

    def _close_channel(self) -> None:
        try:
            self.channel.close()
        except OSError as error:
            # What then looks like a worker's death was our doing.
            raise JudgeFault(f"the socket to a worker was closed too early: {error}") from error


@contextlib.contextmanager
def closing(descriptor: int) -> Iterator[None]:
    """Close a descriptor at the end of the block."""
    try:
        yield
    finally:
        os.close(descriptor)


def seconds_from_now(seconds: float) -> float:
    """A deadline on the judge's monotonic clock."""
    return time.monotonic() + seconds
