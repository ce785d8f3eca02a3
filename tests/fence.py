"""The outer fence: runs one command so that nothing it does reaches beyond it.

A hole in the sandbox must not take the test run, or the machine, along. So cases that do harm run
in a process namespace, a memory group and a limit of processes that the *tests* make:

    pytest --exec--> gate    joins the group, makes the namespaces
                      '--fork--> pid 1    mounts its own /proc, starts the command, waits for it
                                  '-- command ...

When the command ends, or its time does, pid 1 notes which processes are left and ends; the kernel
then kills every other process of the namespace. `run_watched` does the same without any fence,
for machines where none can be made and for cases that do no harm.

As root the limit of processes needs a pids cgroup: the kernel does not count root's processes.
Without a memory group each process is limited, not their sum.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grader.sandbox import cgroup, libc
from grader.sandbox.cgroup import MemoryGroup, descendants
from grader.sandbox.jail import SpareUid
from grader.sandbox.limits import processes_of_user

if sys.platform != "win32":
    import resource

_TEMPORARY = Path(tempfile.gettempdir())
_IN_MEMORY = (Path("/dev/shm"), Path("/var/tmp"))  # noqa: S108  each fence has its own
_SHARED_FOLDERS = (*_IN_MEMORY, _TEMPORARY)
_EXITING = 0x4
"""A flag in /proc/PID/stat: killed, and on its way out (PF_EXITING of the kernel's sched.h)."""
_PATIENCE = 30.0
"""Seconds for the fence itself, beyond the command's time, on a loaded machine."""


@dataclass(frozen=True)
class Ended:
    """A command that ran behind the fence (or only watched) and what it left behind."""

    code: int
    """Exit status, or minus the number of the signal."""
    out: str
    err: str
    survivors: tuple[str, ...]
    """What processes were left when the command had ended; they are gone by now."""
    groups: tuple[str, ...]
    """The names of cgroups left below the fence's own; they are gone by now."""
    files: tuple[str, ...] = ()
    """What was left in the shared folders of the machine, of which the fence has its own."""


def run_fenced(
    argv: Sequence[str],
    *,
    megabytes: int,
    processes: int,
    timeout: float,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    without_root: Sequence[Path] = (),
) -> Ended:
    """Run `argv` behind the fence; `env` None is an empty environment.

    With `without_root` the command runs as an ordinary user, who owns and can reach these folders.
    Raises subprocess.TimeoutExpired after `timeout` seconds, with everything killed, and OSError
    where no fence can be made.
    """
    with (
        tempfile.TemporaryDirectory(prefix="fence-") as temporary,
        _groups(megabytes, processes) as (memory, joined),
        _spare_uid() as uid,
    ):
        order = {"fence": True, "megabytes": megabytes, "processes": processes, "join": joined}
        order["without_root"] = [str(path) for path in without_root]
        order["uid"] = uid
        # On the disk, as the machine's own: files in memory would count as the command's memory.
        order["temporary"] = temporary
        if memory is None:
            order["data"] = megabytes << 20
        ended = _run(argv, order, timeout=timeout, env=env, cwd=cwd)
        left = sorted(path.name for path in memory.path.glob("grade-*")) if memory else []
    return replace(ended, groups=tuple(left))


def run_watched(
    argv: Sequence[str],
    *,
    timeout: float,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Ended:
    """Run `argv` without a fence, and end whatever it leaves behind (on Linux)."""
    return _run(argv, {"fence": False}, timeout=timeout, env=env, cwd=cwd)


@contextlib.contextmanager
def _spare_uid() -> Iterator[int]:
    """A uid of the command's own: the kernel counts a user's processes across all fences."""
    if sys.platform != "linux":
        yield 0
        return
    spare = SpareUid.reserve()
    with spare.reservation:
        yield spare.uid


@functools.cache
def lacking() -> str | None:
    """Say what this machine lacks for a fence; None when one can be made."""
    if sys.platform != "linux":
        return f"a fence needs Linux, this is {sys.platform}"
    try:
        ended = run_fenced(["/bin/true"], megabytes=64, processes=64, timeout=_PATIENCE)
    except OSError as error:
        return f"no fence can be made here: {error}"
    return None if ended.code == 0 else f"a fenced /bin/true ended with {ended.code}: {ended.err}"


def _run(
    argv: Sequence[str],
    order: dict[str, Any],
    *,
    timeout: float,
    env: Mapping[str, str] | None,
    cwd: Path | None,
) -> Ended:
    order |= {"argv": list(argv), "env": dict(env or {}), "timeout": timeout}
    with tempfile.TemporaryFile() as report:
        done = subprocess.run(
            [sys.executable, "-P", __file__, str(report.fileno()), json.dumps(order)],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=timeout + _PATIENCE,
            pass_fds=[report.fileno()],
            start_new_session=True,
        )
        report.seek(0)
        words = report.read().decode()
    out, err = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
    if not words:
        raise OSError(f"the fence ended with {done.returncode}: {err[-500:]}")
    said = json.loads(words)
    if said["code"] is None:
        raise subprocess.TimeoutExpired(list(argv), timeout, out, err)
    survivors, files = tuple(said["survivors"]), tuple(said["files"])
    return Ended(said["code"], out, err, survivors, (), files)


@contextlib.contextmanager
def _groups(megabytes: int, processes: int) -> Iterator[tuple[MemoryGroup | None, list[str]]]:
    """Make the cgroups that can be made here: (that of the memory, files to write a pid to)."""
    memory = MemoryGroup.create(megabytes)
    joined: list[Path] = []
    made: list[Path] = []
    if memory:
        made.append(memory.path)
        joined.append(_joined(memory, processes))
    pids = _pids_group(memory.path.name, processes) if memory else None
    if pids:
        made.append(pids)
        joined.append(pids)
    try:
        yield memory, [str(path / "cgroup.procs") for path in joined]
    finally:
        for path in made:
            _remove(path)


def _joined(memory: MemoryGroup, processes: int) -> Path:
    """Where in its memory group the fence runs, so that the command can make groups within."""
    if memory.version == 1:
        return memory.path
    # A v2 group with processes of its own hands out no controllers to groups below it.
    (memory.path / "pids.max").write_text(str(processes))
    (memory.path / "cgroup.subtree_control").write_text("+memory +pids")
    inside = memory.path / "fenced"
    inside.mkdir()
    return inside


def _pids_group(name: str, processes: int) -> Path | None:
    """Make a group of cgroup v1 that counts processes; None where there is none to be had."""
    groups, mounts = (Path(f"/proc/self/{file}").read_text() for file in ("cgroup", "mountinfo"))
    own = next((line.split(":")[2] for line in groups.splitlines() if ":pids:" in line), None)
    for root, mount_point, kind, options in cgroup._mounts(mounts):
        if own is not None and kind == "cgroup" and "pids" in options and own.startswith(root):
            group = Path(mount_point) / os.path.relpath(own, root) / name
            with contextlib.suppress(OSError):
                group.mkdir()
                (group / "pids.max").write_text(str(processes))
                return group
    return None


def _remove(group: Path) -> None:
    """Remove a group of which every process is dead, and those below it."""
    for path, _, _ in os.walk(group, topdown=False):
        MemoryGroup(Path(path), 1).remove()


# ------------------------------------------------------------------ inside, in a process of its own


def _main(report: int, order: dict[str, Any]) -> None:
    """Carry out an order and write {"code", "survivors"} to `report`; null: it took too long."""
    for path in order.get("join", ()):
        Path(path).write_text(str(os.getpid()))
    if not order["fence"]:
        if sys.platform == "linux":
            libc.set_child_subreaper()
        _report(report, _carry_out(order))
        return
    uid, gid = os.getuid(), os.getgid()
    becomes = order["uid"] if order["without_root"] and uid == 0 else uid
    others = processes_of_user(becomes) if becomes else 0
    flags = libc.CLONE_NEWPID | libc.CLONE_NEWNS | libc.CLONE_NEWIPC
    libc.unshare(flags if uid == 0 else flags | libc.CLONE_NEWUSER)
    if uid != 0:
        _write_maps(uid, gid)
    libc.set_parent_death_signal(signal.SIGKILL)
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    libc.set_parent_death_signal(signal.SIGKILL)
    libc.mount("none", "/", None, libc.MS_REC | libc.MS_PRIVATE)
    libc.mount("proc", "/proc", "proc", libc.MS_NOSUID | libc.MS_NODEV | libc.MS_NOEXEC)
    for folder in _IN_MEMORY:
        libc.mount("tmpfs", str(folder), "tmpfs", libc.MS_NOSUID | libc.MS_NODEV, "mode=1777")
    _cover_temporary(Path(order["temporary"]), [*order["argv"], *order["env"].values()])
    if order["without_root"] and uid == 0:
        become_ordinary([Path(path) for path in order["without_root"]], becomes)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NPROC, order["processes"] + others)
    if "data" in order:
        _limit(resource.RLIMIT_DATA, order["data"])
    _report(report, _carry_out(order))


def _carry_out(order: dict[str, Any]) -> dict[str, Any]:
    """Run the command, then look at what it left behind and end that."""
    shared = sorted(_SHARED_FOLDERS) if order["fence"] else []
    before = _files(shared)
    process = subprocess.Popen(order["argv"], env=order["env"], start_new_session=True)
    try:
        code: int | None = process.wait(order["timeout"])
    except subprocess.TimeoutExpired:
        code = None
    if sys.platform != "linux":
        process.kill()
        return {"code": code, "survivors": [], "files": []}
    files = [path for path in _files(shared) if path not in before]
    left = _alive()
    survivors = [f"{pid} {_words(pid)}" for pid in left]
    while left:
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        left = _alive()
    return {"code": code, "survivors": survivors, "files": files}


def _files(folders: Iterable[Path]) -> list[str]:
    return [str(path) for folder in folders for path in sorted(folder.iterdir())]


def _alive() -> list[int]:
    """List the descendants of this process that have not ended."""
    return [pid for pid in descendants(os.getpid()) if not _has_ended(pid)]


def _has_ended(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("ascii", "replace")
    except OSError:
        return True
    state, _, _, _, _, _, flags, *_ = stat.rpartition(")")[2].split()
    return state in "ZX" or bool(int(flags) & _EXITING)


def _words(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text("utf-8", "replace").replace("\0", " ")
    except OSError:
        return "?"


def _limit(limit: int, value: int) -> None:
    _, hard = resource.getrlimit(limit)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(limit, (value, value))


def _write_maps(uid: int, gid: int) -> None:
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{uid} {uid} 1"),
        ("gid_map", f"{gid} {gid} 1"),
    ):
        Path(f"/proc/self/{name}").write_text(text)


def _cover_temporary(own: Path, words: Iterable[str]) -> None:
    """Give the fence a temporary folder: `own`, in which only what the command is told of shows."""
    named = [Path(sys.prefix), Path(sys.base_prefix), Path(__file__), Path.cwd(), *map(Path, words)]
    below = {path.relative_to(_TEMPORARY) for path in named if path.is_relative_to(_TEMPORARY)}
    tops = {_TEMPORARY / path.parts[0] for path in below if path.parts}
    here = Path.cwd()
    own.chmod(0o1777)
    cover(_TEMPORARY, [path for path in tops if path.is_dir()], own)
    os.chdir(here)


def cover(folder: Path, kept: Iterable[Path], by: Path | str) -> None:
    """Mount an empty folder on `folder`, in which those of `kept` that lie below it show again.

    The empty folder is `by`, or one in memory with the options `by`.
    """
    below = sorted(path for path in kept if path.is_relative_to(folder))
    inside = {path: os.open(path, os.O_PATH) for path in below}
    if isinstance(by, Path):
        libc.mount(str(by), str(folder), None, libc.MS_BIND)
    else:
        libc.mount("tmpfs", str(folder), "tmpfs", 0, by)
    for path, descriptor in inside.items():
        path.mkdir(parents=True, exist_ok=True)
        libc.mount(f"/proc/self/fd/{descriptor}", str(path), None, libc.MS_BIND | libc.MS_REC)
        os.close(descriptor)


def become_ordinary(own: list[Path], uid: int) -> None:
    """As root become an ordinary user who owns the folders `own` and can reach the interpreter.

    Where one of these lies below a folder that only root may enter, that folder is covered, in
    this mount namespace, by one which holds nothing else.
    """
    here = Path.cwd()
    needed = {*own, here, *(Path(path) for path in (sys.prefix, sys.base_prefix))}
    needed.add(Path(__file__).parents[1])
    behind: dict[Path, list[Path]] = {}
    for path in needed:
        locked = [each for each in reversed(path.parents) if not each.stat().st_mode & 0o001]
        if locked:
            behind.setdefault(locked[0], []).append(path)
    for folder, paths in behind.items():
        cover(folder, paths, "mode=755")
    os.chdir(here)
    for folder in own:
        for each in (folder, *folder.rglob("*")):
            os.chown(each, uid, uid, follow_symlinks=False)
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    # Cleared by the change of uid; /proc/self belongs to us only while it is set.
    libc.set_dumpable(True)


def _report(report: int, said: dict[str, Any]) -> None:
    os.write(report, json.dumps(said).encode())


if __name__ == "__main__":
    _main(int(sys.argv[1]), json.loads(sys.argv[2]))
