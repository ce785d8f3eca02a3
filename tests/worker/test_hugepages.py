"""Huge pages for a process that forks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_PROGRAM = """
import re
from pathlib import Path
from grader.worker.hugepages import use_huge_pages

def huge():
    text = Path("/proc/self/smaps_rollup").read_text()
    return int(re.search(r"AnonHugePages: +([0-9]+) kB", text)[1])

kept = [bytes([number % 251]) * 4000 for number in range(5000)]
before = huge()
use_huge_pages(60.0)
print(before, huge())
assert all(text == bytes([number % 251]) * 4000 for number, text in enumerate(kept))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has them")
def test_what_was_written_is_gathered_and_stays_as_it_was() -> None:
    """20 MB in small pieces come to lie in huge pages, byte for byte."""
    if not Path("/sys/kernel/mm/transparent_hugepage").exists():
        pytest.skip("this kernel has no transparent huge pages")
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    before, after = map(int, done.stdout.split())
    if before == after:
        pytest.skip("this kernel cannot collapse pages on demand (before Linux 6.1)")
    assert after - before > 10_000
