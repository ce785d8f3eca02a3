"""Leaves folders within folders, deeper than any path is long."""

import os

home = os.open(".", os.O_RDONLY)
for _ in range(1500):
    os.mkdir("d")
    os.chdir("d")
open("left", "w").close()
os.fchdir(home)


def add(a, b):
    return a + b
