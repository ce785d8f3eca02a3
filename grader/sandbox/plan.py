"""What a sandbox needs, worked out once in the zygote: paths, devices, filters, limits.

Only the interpreter, its libraries and the system's shared libraries are ever visible inside.
The course, the grader's own source and the user's files are in none of these paths.
"""

from __future__ import annotations

import os
import site
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from grader.sandbox import seccomp

SYSTEM_LIBRARIES = ("/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64")
SYSTEM_FILES = ("/etc/ld.so.cache",)
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_SCRATCH = "/tmp"  # noqa: S108  a private tmpfs in the sandbox, made by us
_OTHER_SCRATCH = "/scratch"
SCRATCH_MEGABYTES, SCRATCH_FILES = 256, 8192
"""What a worker may write, beside its shared memory."""
SHARED_MEMORY = "/dev/shm"  # noqa: S108  the same
_SHARED_PREFIXES = ("/", "/usr", "/usr/local")


@dataclass(frozen=True)
class Plan:
    """Everything prepared before the first fork."""

    read: tuple[str, ...]
    """Real paths (folders and files) that are readable inside."""
    links: tuple[tuple[str, str], ...]
    """Other names for parts of them: (link, target), as on a system where /lib is /usr/lib."""
    filters: dict[tuple[bool, bool, bool], bytes]
    """The seccomp program by (a cgroup accounts the memory, the tier is lite, has a loopback)."""
    scratch: str
    """Where a worker's own files are in tier full: /tmp, unless the interpreter lies there."""
    is_private: bool
    """Whether we are root and some of them lie where only root may enter (/root)."""
    address_space: int
    """Bytes of address space that this process, and so each worker, starts with."""

    @classmethod
    def prepare(cls) -> Plan:
        """Work out the plan of this interpreter on this machine."""
        read, links = _visible_paths()
        try:
            filters = {
                (accounted, lite, loopback): seccomp.build_filter(
                    allow_memfd=accounted, lite=lite, loopback=loopback
                )
                for accounted in (False, True)
                for lite, loopback in ((False, False), (False, True), (True, False))
            }
        except OSError:  # an architecture without a table of system calls: tier none
            filters = {}
        is_private = os.geteuid() == 0 and any(map(_is_private, read))
        in_scratch = any(_is_below(path, _SCRATCH) for path in read)
        scratch = _OTHER_SCRATCH if in_scratch else _SCRATCH
        return cls(read, links, filters, scratch, is_private, _address_space())


def shown_folder(path: Path) -> str | None:
    """The folder shown to every worker of this interpreter in which `path` lies, if any."""
    real = os.path.realpath(path)
    return next((top for top in _visible_paths()[0] if real == top or _is_below(real, top)), None)


def gpu_paths() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The (device nodes, library folders) that CUDA needs, as far as they are here."""
    nodes = sorted(str(path) for path in Path("/dev").glob("nvidia*") if path.is_char_device())
    folders = [path for path in ("/usr/local/nvidia", "/usr/local/cuda") if os.path.isdir(path)]
    return tuple(nodes), tuple(folders)


def _visible_paths() -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    wanted = [
        *SYSTEM_LIBRARIES,
        *SYSTEM_FILES,
        sysconfig.get_path("stdlib"),
        sysconfig.get_path("platstdlib"),
        *site.getsitepackages(),
        sys.executable,
    ]
    wanted += [
        prefix
        for prefix in {sys.prefix, sys.base_prefix, sys.exec_prefix}
        if os.path.realpath(prefix) not in _SHARED_PREFIXES
    ]
    read: set[str] = set()
    links: dict[str, str] = {}
    for path in filter(os.path.exists, wanted):
        real = os.path.realpath(path)
        read.add(real)
        if real != path:
            links[path] = real
    top = {path for path in read if not any(_is_below(path, other) for other in read)}
    outer = {
        link: real
        for link, real in links.items()
        if not any(link == other or _is_below(link, other) for other in top)
        and not any(_is_below(link, other) for other in links if other != link)
    }
    return tuple(sorted(top)), tuple(sorted(outer.items()))


def _is_private(path: str) -> bool:
    return any(not os.stat(parent).st_mode & 0o001 for parent in Path(path).parents)


def _is_below(path: str, folder: str) -> bool:
    return path != folder and path.startswith(folder.rstrip("/") + "/")


def _address_space() -> int:
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 8 << 30
