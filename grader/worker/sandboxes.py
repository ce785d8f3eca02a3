"""The zygote's serving loop: opens sandboxes, ends them, watches their memory.

The control sockets are SOCK_SEQPACKET: one JSON object a packet, file descriptors beside it. Both
ends run only our code.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import secrets
import select
import signal
import socket
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from grader.sandbox import jail
from grader.sandbox.cgroup import MemoryGroup, descendants, polled_memory
from grader.sandbox.keeper import Keeper, remove_folder
from grader.sandbox.plan import Plan

MESSAGE_LIMIT = 1 << 16
_POLL_MILLISECONDS = 50
_CLEANING_SECONDS = 60.0


@dataclass
class _Sandbox:
    keeper: int
    spare: jail.SpareUid
    group: MemoryGroup | None
    box: jail.Box
    kills: int = 0
    """How often it was over its limit, where that is watched from here."""
    peak: int = 0

    def kill(self) -> None:
        """Kill all processes in it; `end` confirms that."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.keeper, signal.SIGKILL)
        self._kill_group()

    def end(self) -> None:
        """Wait for the end of all processes, and remove what a killed keeper has left."""
        if self._ends_by_itself():
            self._kill_group()
        else:
            self.kill()
            os.waitpid(self.keeper, 0)
        if not self.box.has_namespaces:
            for folder in Path(tempfile.gettempdir()).glob(self.box.scratch_prefix + "*"):
                remove_folder(str(folder))
        self.spare.reservation.close()
        if self.group:
            self.group.remove()

    def _ends_by_itself(self) -> bool:
        """Give a keeper whose control socket is closed the time to remove its scratch folder."""
        deadline = time.monotonic() + (0 if self.box.has_namespaces else _CLEANING_SECONDS)
        while time.monotonic() < deadline:
            if os.waitpid(self.keeper, os.WNOHANG)[0]:
                return True
            time.sleep(_POLL_MILLISECONDS / 1000)
        return False

    def _kill_group(self) -> None:
        if self.group:
            self.group.kill_all()


class Zygote:
    """The serving loop: open a sandbox, end a sandbox, import one more library."""

    def __init__(self, control: socket.socket, plan: Plan) -> None:
        self._control = control
        self._plan = plan
        self._sandboxes: dict[int, _Sandbox] = {}
        self._own_memory = polled_memory([os.getpid()], 0)

    def serve(self) -> None:
        """Answer requests until the judge goes away; end every sandbox in any case."""
        try:
            while self._serve_one():
                pass
        except OSError:
            pass  # the judge went away between its question and our answer
        finally:
            for sandbox in self._sandboxes.values():
                if sandbox.box.has_namespaces:
                    sandbox.kill()
            for number in list(self._sandboxes):
                self._end(number)

    def _serve_one(self) -> bool:
        """Wait for one request and answer it, watching memory meanwhile; False at the end."""
        watched = [sandbox for sandbox in self._sandboxes.values() if sandbox.group is None]
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        while not poll.poll(_POLL_MILLISECONDS if watched else None):
            for sandbox in watched:
                self._watch_memory(sandbox)
        message, descriptors = receive(self._control)
        if message is None:
            return False
        if "expect" in message:
            _import_ahead(message["expect"])
            return True
        try:
            answer = self._answer(message, descriptors)
        except Exception as error:  # noqa: BLE001  the judge must hear of our own faults
            answer = {"error": f"{type(error).__name__}: {error}"}
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        send(self._control, answer)
        return True

    def _answer(self, message: dict[str, object], descriptors: list[int]) -> dict[str, object]:
        match message:
            case {
                "open": int(number),
                "tier": str(tier),
                "megabytes": int(megabytes),
                "gpu": bool(gpu),
                "cpu": int() | None as cpu,
                "loopback": bool(loopback),
            }:
                spare = jail.SpareUid.reserve()
                box = jail.Box(
                    tier,
                    self._plan,
                    megabytes,
                    is_accounted=False,
                    gpu=gpu,
                    uid=spare.uid,
                    scratch_prefix=f"grade-{secrets.token_hex(4)}-",
                    outsider=os.getpid(),
                    cpu=cpu,
                    loopback=loopback,
                )
                return self._open(number, box, spare, descriptors[0])
            case {"end": int(number)}:
                return self._end(number)
            case {"memory": int(number)}:
                return self._memory(number)
            case {"preload": [*modules]}:
                for module in modules:
                    importlib.import_module(str(module))
                gc.freeze()
                return {}
            case _:
                return {"error": f"unknown request {message!r}"}

    def _open(
        self, number: int, box: jail.Box, spare: jail.SpareUid, control: int
    ) -> dict[str, object]:
        group = MemoryGroup.create(box.megabytes)
        box = replace(box, is_accounted=group is not None)

        def keep(box: jail.Box) -> None:
            from grader.worker.worker import work  # noqa: PLC0415  imports torch, as we have

            Keeper(control, box, work).serve()

        try:
            if box.tier != "none":
                jail.require_filters(self._plan)
            keeper = jail.open_sandbox(box, group, keep, [control])
        except jail.JailError as error:
            spare.reservation.close()
            if group:
                group.remove()
            return {"refused": error.step, "text": str(error)}
        self._sandboxes[number] = _Sandbox(keeper, spare, group, box)
        return {"accounted": group is not None}

    def _memory(self, number: int) -> dict[str, object]:
        sandbox = self._sandboxes[number]
        if sandbox.group:
            return {"kills": sandbox.group.oom_kills(), "peak": sandbox.group.peak_bytes()}
        return {"kills": sandbox.kills, "peak": sandbox.peak}

    def _watch_memory(self, sandbox: _Sandbox) -> None:
        pids = [sandbox.keeper, *descendants(sandbox.keeper)]
        used = polled_memory(pids, self._own_memory)
        sandbox.peak = max(sandbox.peak, used)
        if used > sandbox.box.megabytes << 20:
            sandbox.kills += 1
            for pid in pids[1:]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def _end(self, number: int) -> dict[str, object]:
        sandbox = self._sandboxes.pop(number, None)
        if sandbox:  # otherwise it was ordered, and refused
            sandbox.end()
        return {}


def _import_ahead(modules: object) -> None:
    """Import what will be asked for, before the judge is ready to ask; it hears of errors."""
    with contextlib.suppress(Exception):
        for module in modules if isinstance(modules, list) else []:
            importlib.import_module(module)


def send(control: socket.socket, message: dict[str, object]) -> None:
    """Send one packet."""
    control.sendall(json.dumps(message).encode())


def receive(control: socket.socket) -> tuple[dict[str, object] | None, list[int]]:
    """Receive one packet with its descriptors; None when the other end is closed."""
    data, descriptors, _, _ = socket.recv_fds(control, MESSAGE_LIMIT, 4)
    return (json.loads(data) if data else None), descriptors
