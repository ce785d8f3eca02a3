"""The keeper: pid 1 of a sandbox, forks one worker per check and ends it with all it started.

It runs only our code. Between two checks nothing of the submission is alive and nothing that it
wrote is left. In tier full `kill(-1)` reaches exactly the sandbox's own processes; elsewhere the
keeper is a subreaper, so that whatever escapes its parent becomes the keeper's child.

    judge -> keeper   {"check": n} + [worker's socket, pipe for its output]     no answer
    judge -> keeper   {"stop": n}                                               answered by
    keeper -> judge   {"ended": status}   >= 0 exit status, < 0 minus the signal
"""

from __future__ import annotations

import contextlib
import glob
import json
import os
import select
import shutil
import signal
import socket
import stat
import tempfile
import traceback
from collections.abc import Callable

from grader.sandbox.cgroup import descendants
from grader.sandbox.confine import confine
from grader.sandbox.jail import Box
from grader.sandbox.plan import SCRATCH_FILES, SCRATCH_MEGABYTES, SHARED_MEMORY
from grader.sandbox.witness import PROMISES, witness

MESSAGE_LIMIT = 1 << 12
_POLL_MILLISECONDS = 50
_LONG_PATH = 500
_MOST_BYTES = 2 * SCRATCH_MEGABYTES << 20
"""In tiers without a file system of the worker's own: well above the limit of one file, so that a
file which grows too large fails by itself, as in tier full."""
Work = Callable[[int, str, list[str]], None]
"""What a confined worker does: (descriptor of its socket, tier, promises witnessed)."""


class Keeper:
    """Serves one sandbox until the judge closes its control socket."""

    def __init__(self, control: int, box: Box, work: Work) -> None:
        self._control = socket.socket(fileno=control)
        self._box = box
        self._work = work
        self._worker = 0
        self._scratch = box.plan.scratch
        self._shared: set[str] = set()
        """What was in the machine's shared memory before the worker, where it is not its own."""

    def serve(self) -> None:
        """Start and stop workers as told; end them all when the judge is gone."""
        while True:
            while not self._is_told_something():
                self._watch_scratch()
            data, descriptors, _, _ = socket.recv_fds(self._control, MESSAGE_LIMIT, 2)
            if not data:
                self._end_worker()
                return
            message = json.loads(data)
            if "check" in message:
                self._start_worker(*descriptors)
                for descriptor in descriptors:
                    os.close(descriptor)
            elif "pause" in message:
                self._signal_all(signal.SIGSTOP if message["pause"] else signal.SIGCONT)
                self._control.sendall(b"{}")
            else:
                self._control.sendall(json.dumps({"ended": self._end_worker()}).encode())

    def _is_told_something(self) -> bool:
        """Wait for the judge; without a file system of the worker's own, only for a moment."""
        watches = self._worker and not self._box.has_namespaces
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        return bool(poll.poll(_POLL_MILLISECONDS if watches else None))

    def _watch_scratch(self) -> None:
        """Kill a worker that fills the machine's disk: no limit of the kernel counts its files."""
        if _is_too_large(self._scratch):
            self._signal_all(signal.SIGKILL)

    def _start_worker(self, sock: int, output: int) -> None:
        if not self._box.has_namespaces:
            try:
                self._scratch = tempfile.mkdtemp(prefix=self._box.scratch_prefix)
            except OSError as error:  # no room, for instance: no worker, and the judge hears why
                os.write(output, f"{error}\n".encode())
                return
            self._shared = set(os.listdir(SHARED_MEMORY))
        self._worker = os.fork()
        if self._worker == 0:
            try:
                _keep_only(sock, output)
                confine(self._box, self._scratch)
                # Where nothing is denied, trying it has effects: a user namespace of its own.
                promised = PROMISES[self._box.tier]
                self._work(3, self._box.tier, witness(self._box) if promised else [])
            except BaseException:  # noqa: BLE001  nothing of the keeper may run in a worker
                with contextlib.suppress(BaseException):  # it may be the submission's own
                    traceback.print_exc()
                os._exit(71)
            os._exit(0)

    def _end_worker(self) -> int:
        """Kill every process of the worker, confirm it, and say how the worker itself ended."""
        if not self._worker:
            return 0
        ended: dict[int, int] = {}
        with contextlib.suppress(ChildProcessError):  # that is when nobody is left
            while True:
                self._signal_all(signal.SIGKILL)
                ended |= _reap()
        status = os.waitstatus_to_exitcode(ended.get(self._worker, 0))
        self._worker = 0
        if not self._box.has_namespaces:
            remove_folder(self._scratch)
            _remove_shared_memory(set(os.listdir(SHARED_MEMORY)) - self._shared)
        return status

    def _signal_all(self, number: signal.Signals) -> None:
        # Everyone in this PID namespace, or everyone of a uid that is this sandbox's alone.
        everyone = [-1]
        if not self._box.has_namespaces and os.getuid() != self._box.uid:
            everyone = descendants(os.getpid())
        for pid in everyone:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)


def _reap() -> dict[int, int]:
    """Wait until a child is dead; return the wait status of every child that is, by its pid.

    Raises ChildProcessError when there is no child. A worker may have hundreds: to look for whom to
    kill after each death would take as long as their dying.
    """
    dead: dict[int, int] = {}
    pid, status = os.waitpid(-1, 0)
    with contextlib.suppress(ChildProcessError):
        while pid:
            dead[pid] = status
            pid, status = os.waitpid(-1, os.WNOHANG)
    return dead


def _keep_only(sock: int, output: int) -> None:
    """Descriptors of a worker: /dev/null, the output pipe twice, and 3, its socket."""
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.dup2(sock, 3)
    os.closerange(4, 1 << 16)


def _remove_shared_memory(names: set[str]) -> None:
    """Remove those of our uid that no living process has open: what a worker has left.

    Without root other programs have this uid too, the next worker among them.
    """
    paths = {os.path.join(SHARED_MEMORY, name) for name in names}
    ours = {path for path in paths if _is_ours(path)}
    used = _in_use() if ours else set()
    for path in ours:
        if not any(place == path or place.startswith(path + "/") for place in used):
            with contextlib.suppress(OSError):
                remove_folder(path) if os.path.isdir(path) else os.unlink(path)


def _is_ours(path: str) -> bool:
    try:
        return os.lstat(path).st_uid == os.getuid()
    except OSError:
        return False


def _in_use() -> set[str]:
    """Every path that some process of our uid has mapped or open."""
    found: set[str] = set()
    for process in glob.glob("/proc/[0-9]*"):
        with contextlib.suppress(OSError):
            with open(f"{process}/maps", encoding="utf-8", errors="replace") as maps:
                shared = (line for line in maps if SHARED_MEMORY in line)
                found |= {line.split(maxsplit=5)[-1].rstrip() for line in shared}
            found |= {os.readlink(entry.path) for entry in os.scandir(f"{process}/fd")}
    return found


def _is_too_large(folder: str) -> bool:
    """Whether a worker has written more than its share below `folder`, however deep."""
    waiting, held = [folder], list[int]()
    size = count = 0
    try:
        while waiting and count <= SCRATCH_FILES and size <= _MOST_BYTES:
            path = waiting.pop()
            if len(path) > _LONG_PATH:  # soon longer than the kernel takes
                held.append(os.open(path, os.O_PATH))
                path = f"/proc/self/fd/{held[-1]}"
            with contextlib.suppress(OSError):
                os.chmod(path, stat.S_IRWXU)  # what may be written to may still be unreadable
                for entry in os.scandir(path):
                    count += 1
                    size += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
    except OSError:  # no descriptor is left for so deep a tree
        return True
    finally:
        for descriptor in held:
            os.close(descriptor)
    return bool(waiting) or count > SCRATCH_FILES or size > _MOST_BYTES


def remove_folder(folder: str) -> None:
    """Remove a scratch folder whose owner, dead by now, may have made it awkward."""
    with contextlib.suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
    if os.path.lexists(folder):
        # These two go down any depth.
        for words in (["chmod", "-R", "u+rwX", folder], ["rm", "-rf", folder]):
            os.waitpid(os.posix_spawnp(words[0], words, os.environ), 0)
