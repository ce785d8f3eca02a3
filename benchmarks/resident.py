"""Memory of processes, read from outside: the kernel's account, not the process's own."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from grader.sandbox.cgroup import descendants


@dataclass(frozen=True)
class Resident:
    """What a process holds in memory now, in kB."""

    private: int
    """Pages of its own: what one more such process costs."""
    proportional: int
    """Its own pages, and of each shared page its part."""
    resident: int
    """All pages."""

    @classmethod
    def of(cls, pid: int | str) -> Self:
        """Read the account of a process; raises OSError if it is gone or not ours to look at."""
        fields: dict[str, int] = {}
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()[1:]:
            name, _, rest = line.partition(":")
            fields[name] = int(rest.split()[0])
        private = fields["Private_Clean"] + fields["Private_Dirty"]
        return cls(private, fields["Pss"], fields["Rss"])


class WorkerMemory:
    """The memory of every worker of a zygote, as last seen while it was alive."""

    def __init__(self, zygote: int) -> None:
        self._zygote = zygote
        self._seen: dict[int, Resident] = {}
        self._parents: set[int] = set()

    def look(self) -> None:
        """Read the memory of all processes below the zygote."""
        for pid in descendants(self._zygote):
            with contextlib.suppress(OSError):
                self._seen[pid] = Resident.of(pid)
                self._parents.add(_parent(pid))

    def workers(self) -> list[Resident]:
        """What was seen last of each process that never was a parent: keepers are, workers not."""
        return [memory for pid, memory in self._seen.items() if pid not in self._parents]


def _parent(pid: int) -> int:
    stat = Path(f"/proc/{pid}/stat").read_text("ascii", "replace")
    return int(stat.rpartition(") ")[2].split()[1])
