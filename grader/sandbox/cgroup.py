"""How much memory a sandbox uses, bounded by a cgroup or else watched from outside.

Resource limits count address space of one process; a cgroup counts what all processes of a
sandbox really hold, files in a tmpfs and memfds included. A group is made below the one that this
process is in (v1 and v2), or beside it (v2, where a group with processes of its own can have no
children with controllers): a systemd slice of a user, for example.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import secrets
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

MAX_TASKS = 1024
"""Processes and threads in a group, where cgroup v2 offers to count them."""

_LEFT_SECONDS = 3600.0
_KILL_SECONDS = 5.0
_REMOVE_SECONDS = 0.5
_PAUSE_SECONDS = 0.001


@dataclass(frozen=True)
class MemoryGroup:
    """A cgroup of its own for one sandbox."""

    path: Path
    version: Literal[1, 2]

    @classmethod
    def create(cls, megabytes: int) -> MemoryGroup | None:
        """Make an empty group limited to `megabytes` of memory and no swap; None if not possible.

        Empty groups that an earlier process left an hour ago are removed.
        """
        for parent, version in _places():
            _remove_leftovers(parent)
            group = cls(parent / f"grade-{secrets.token_hex(8)}", version)
            try:
                group.path.mkdir()
            except OSError:
                continue
            try:
                group._set_limits(megabytes << 20)
            except OSError:
                group.remove()
                continue
            return group
        return None

    def join(self) -> None:
        """Move this process, of one thread, into the group; what it has touched stays outside.

        In v1 as a thread that moves itself: only for that does the kernel not make every process
        on the machine wait that forks or ends, which costs some ten milliseconds.
        """
        self._write("tasks" if self.version == 1 else "cgroup.procs", 0)

    def current_bytes(self) -> int:
        """Return the memory that the group holds now."""
        return self._number("memory.usage_in_bytes" if self.version == 1 else "memory.current")

    def peak_bytes(self) -> int:
        """Return the most memory that the group ever held (before Linux 5.19 on v2: holds now)."""
        if self.version == 1:
            return self._number("memory.max_usage_in_bytes")
        try:
            return self._number("memory.peak")
        except FileNotFoundError:
            return self.current_bytes()

    def oom_kills(self) -> int:
        """Return how many processes the kernel has killed for the memory limit."""
        name = "memory.oom_control" if self.version == 1 else "memory.events"
        found = re.search(r"^oom_kill (\d+)$", self._read(name), re.MULTILINE)
        return int(found[1]) if found else 0  # v1 counts since Linux 4.13

    def kill_all(self) -> bool:
        """Kill every process in the group, however fast they fork; return whether it is empty."""
        with contextlib.suppress(OSError):  # v2 since Linux 5.14: one write, no race
            if self.version == 2:
                self._write("cgroup.kill", 1)
        deadline = time.monotonic() + _KILL_SECONDS
        while pids := self._pids():
            if time.monotonic() > deadline:
                return False
            for pid in pids:
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(_PAUSE_SECONDS)
        return True

    def remove(self) -> None:
        """Remove the group, waiting a little for killed processes to end; never raise."""
        deadline = time.monotonic() + _REMOVE_SECONDS
        while not _remove_empty(self.path) and time.monotonic() < deadline:
            time.sleep(_PAUSE_SECONDS)

    def _set_limits(self, limit: int) -> None:
        if self.version == 1:
            self._write("memory.limit_in_bytes", limit)
            # Memory with swap may not be limited below memory alone, so in this order.
            self._write_where_present("memory.memsw.limit_in_bytes", limit)
            self._write_where_present("memory.swappiness", 0)
        else:
            # memory.oom.group stays 0: the keeper of a sandbox survives its greedy worker.
            self._write("memory.max", limit)
            self._write_where_present("memory.swap.max", 0)
            self._write_where_present("pids.max", MAX_TASKS)

    def _pids(self) -> list[int]:
        try:
            pids = [int(line) for line in self._read("cgroup.procs").split()]
        except OSError:
            return []  # the group is gone
        # A process outside our pid namespace reads as 0, and kill(0) would hit our own group.
        return [pid for pid in pids if pid > 0]

    def _number(self, name: str) -> int:
        return int(self._read(name))

    def _read(self, name: str) -> str:
        return (self.path / name).read_text("ascii")

    def _write(self, name: str, value: int) -> None:
        # Never create: a name that the kernel did not make is a control that is not there.
        descriptor = os.open(self.path / name, os.O_WRONLY | getattr(os, "O_CLOEXEC", 0))
        try:
            os.write(descriptor, str(value).encode())
        finally:
            os.close(descriptor)

    def _write_where_present(self, name: str, value: int) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._write(name, value)


def polled_memory(pids: Iterable[int], base: int) -> int:
    """Return the bytes of anonymous and shared memory resident in these processes.

    `base` bytes are taken off each: pages that a fork shares with its parent count in both. Of a
    memfd or a tmpfs only what is mapped counts. Processes that have ended count nothing.
    """
    return sum(max(0, _resident(pid) - base) for pid in pids)


def descendants(pid: int) -> list[int]:
    """Return the children of `pid`, their children and so on, without `pid` itself.

    An orphan is found where its new parent is one of them: pid 1 of a pid namespace, a subreaper.
    """
    is_listed = Path("/proc/thread-self/children").exists()
    children_of = _children if is_listed else _children_by_parent()
    found: list[int] = []
    waiting = [pid]
    while waiting:
        children = children_of(waiting.pop())
        found += children
        waiting += children
    return found


def _resident(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii", "replace")
    except OSError:
        return 0
    kilobytes = re.findall(r"^Rss(?:Anon|Shmem):\s+(\d+) kB$", status, re.MULTILINE)
    return 1024 * sum(int(number) for number in kilobytes)


def _children(pid: int) -> list[int]:
    pids: list[int] = []
    # Each thread has a list of its own: that of the processes which it forked.
    for task in _entries(Path(f"/proc/{pid}/task")):
        with contextlib.suppress(OSError):  # the thread has ended meanwhile
            pids += [int(word) for word in (task / "children").read_text("ascii").split()]
    return pids


def _children_by_parent() -> Callable[[int], list[int]]:
    """Do as _children does, on a kernel that does not list them, from one look at everything."""
    children: dict[int, list[int]] = {}
    for entry in _entries(Path("/proc")):
        with contextlib.suppress(OSError, ValueError):
            child = int(entry.name)
            # pid (name) state parent ...; the name may hold spaces and brackets.
            fields = (entry / "stat").read_text("ascii", "replace").rpartition(")")[2].split()
            children.setdefault(int(fields[1]), []).append(child)
    return lambda pid: children.get(pid, [])


@functools.cache
def _places() -> tuple[tuple[Path, Literal[1, 2]], ...]:
    """Return where groups can be made, best first; asked once, for a process stays in its group."""
    try:
        groups = Path("/proc/self/cgroup").read_text("utf-8")
        mounts = Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape")
    except OSError:
        return ()
    own = memory_cgroup(groups, mounts)
    if own is None:
        return ()
    path, mount_point, version = own
    if version == 1:
        return ((path, 1),)
    nearby = [path] if path == mount_point else [path, path.parent]
    return tuple((place, 2) for place in nearby if _hands_out_memory(place, ours=place == path))


def memory_cgroup(groups: str, mounts: str) -> tuple[Path, Path, Literal[1, 2]] | None:
    """Find the cgroup that accounts this process's memory: (its path, mount point, version).

    `groups` is the text of /proc/self/cgroup and `mounts` of /proc/self/mountinfo.
    """
    inside: dict[str, str] = {}  # path within the hierarchy by controller, "" being v2
    for line in groups.splitlines():
        _, controllers, path = line.split(":", 2)
        inside |= dict.fromkeys(controllers.split(","), path)
    version: Literal[1, 2] = 1 if "memory" in inside else 2
    wanted = inside.get("memory" if version == 1 else "")
    if wanted is None:
        return None
    for root, mount_point, kind, options in _mounts(mounts):
        is_it = "memory" in options if version == 1 else True
        if kind != ("cgroup" if version == 1 else "cgroup2") or not is_it:
            continue
        # In a container the mount may show only a part of the hierarchy.
        with contextlib.suppress(ValueError):
            below = Path(wanted).relative_to(root)
            if ".." not in below.parts:
                return Path(mount_point) / below, Path(mount_point), version
    return None


def _mounts(text: str) -> Iterator[tuple[str, str, str, list[str]]]:
    """Yield (root within the file system, mount point, type, options of the file system)."""
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        root, mount_point = (_unescaped(word) for word in before.split(" ")[3:5])
        yield root, mount_point, kind, options.split(",")


def _unescaped(word: str) -> str:
    r"""Undo the \040 that stands for a space, and its like."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), word)


def _hands_out_memory(group: Path, *, ours: bool) -> bool:
    """Whether children of this v2 group have memory limits; `ours` may be told to give them."""
    control = group / "cgroup.subtree_control"
    for controller in ("+memory", "+pids") if ours else ():
        with contextlib.suppress(OSError):  # EBUSY where processes are in it, which is usual
            control.write_text(controller, "ascii")
    try:
        return "memory" in control.read_text("ascii").split()
    except OSError:
        return False


def _remove_leftovers(parent: Path) -> None:
    # By age: a pid in the name would mean nothing in another PID namespace.
    for entry in _entries(parent):
        with contextlib.suppress(OSError):
            is_old = time.time() - entry.stat().st_mtime > _LEFT_SECONDS
            if is_old and re.fullmatch(r"grade-[0-9a-f]{16}", entry.name):
                _remove_empty(entry)


def _remove_empty(path: Path) -> bool:
    """Remove a group without processes; return whether it is gone."""
    try:
        path.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []
