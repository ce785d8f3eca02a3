"""Leaves threads and daemons behind that ignore every signal that can be ignored."""

import os
import signal
import threading
import time

threading.Thread(target=time.sleep, args=(3600,)).start()


def add(a, b):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)
            time.sleep(3600)
        os._exit(0)
    return a + b
