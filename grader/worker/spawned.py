"""A worker as a process of its own, for platforms where the zygote cannot fork.

The same protocol as a forked worker; nothing is confined, so its tier is none. The judge makes its
current folder, an empty scratch folder, and removes it.
"""

from __future__ import annotations

import sys

from grader.worker.worker import work

if __name__ == "__main__":
    work(int(sys.argv[1]), "none", [])
