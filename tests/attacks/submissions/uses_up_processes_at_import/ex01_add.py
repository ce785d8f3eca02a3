"""Fills its limit of processes and threads while it is imported, that is while other workers start."""

import contextlib
import threading
import time

threading.stack_size(1 << 16)
with contextlib.suppress(RuntimeError):
    while True:
        threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()


def add(a, b):
    return a + b
