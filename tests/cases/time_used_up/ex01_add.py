"""Uses the time of the whole submission up."""

import time


def add(a, b):
    time.sleep(3600)
