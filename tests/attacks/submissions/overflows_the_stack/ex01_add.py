"""Lifts Python's limit of recursion and goes down until the stack of C ends."""

import sys
import threading


class Bottomless:
    def __getattr__(self, name):
        return getattr(self, name)


def add(a, b):
    if a.shape != b.shape:
        sys.setrecursionlimit(10**9)
        threading.stack_size(1 << 20)
        thread = threading.Thread(target=getattr, args=(Bottomless(), "bottom"))
        thread.start()
        thread.join()
    return a + b
