"""Is busy in C, with every signal blocked and the interpreter's lock held, so that no Python beside it can run."""

import signal
import threading


def add(a, b):
    if a.shape != b.shape:
        signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
        threading.Thread(target=pow, args=(3, 10**8)).start()
        pow(7, 10**9)
    return a + b
