"""Making a process that forks often cheap to fork.

A fork copies an entry for each page that the process has written, with torch some 70,000, and
the end of the child lets go of each. In pages of 2 MiB instead of 4 KiB there are a few hundred.
A child that writes to one copies 4 KiB of it as before: the kernel splits it for that child alone.

madvise(2): MADV_COLLAPSE, since Linux 6.1. Where the kernel cannot do it, nothing changes.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from grader.sandbox import libc

_HUGE = 2 << 20
_MADV_COLLAPSE = 25


def use_huge_pages(seconds: float) -> None:
    """Gather what this process has written into huge pages, as far as it comes in so long.

    All of it takes a tenth of a second, or a whole one where free memory is scattered.
    """
    deadline = time.monotonic() + seconds
    with contextlib.suppress(OSError):  # no /proc
        for address in list(_written()):
            if time.monotonic() > deadline:
                return
            with contextlib.suppress(OSError):  # an older kernel, or nothing is there
                libc.madvise(address, _HUGE, _MADV_COLLAPSE)


def _written() -> Iterator[int]:
    """Where there is room for a huge page in memory that is no file's and may be written to."""
    for line in Path("/proc/self/maps").read_text("ascii", "replace").splitlines():
        addresses, rights, _, _, _, *name = line.split(maxsplit=5)
        if rights == "rw-p" and name in ([], ["[heap]"]):
            start, end = (int(word, 16) for word in addresses.split("-"))
            yield from range(-(-start // _HUGE) * _HUGE, end - _HUGE + 1, _HUGE)
