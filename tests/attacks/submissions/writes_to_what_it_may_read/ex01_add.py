"""Opens files of the installation again for writing, by descriptor; spoils its answers if one can be changed."""

import mmap
import os
import sys

import torch

found = []
for path in (torch.__file__, os.__file__, sys.executable, "/etc/ld.so.cache"):
    if not os.path.exists(path):
        continue
    descriptor = os.open(path, os.O_RDONLY)
    for again in (path, f"/proc/self/fd/{descriptor}", f"/dev/fd/{descriptor}"):
        for way in (os.O_WRONLY, os.O_RDWR | os.O_APPEND, os.O_WRONLY | os.O_TRUNC):
            try:
                os.close(os.open(again, way))
                found.append(again)
            except OSError:
                pass
    for change in (
        lambda: os.ftruncate(descriptor, 0),
        lambda: mmap.mmap(descriptor, 0, prot=mmap.PROT_READ | mmap.PROT_WRITE),
        lambda: os.rename(path, path + ".old"),
        lambda: os.link(path, "linked"),
        lambda: os.unlink(path),
        lambda: os.mkdir(os.path.dirname(path) + "/mine"),
        lambda: open(os.path.dirname(path) + "/mine.py", "w"),
    ):
        try:
            change()
            found.append(path)
        except (OSError, ValueError):
            pass
if found:
    print(found)


def add(a, b):
    return None if found else a + b
