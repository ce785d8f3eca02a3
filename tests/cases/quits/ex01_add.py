"""Leaves by sys.exit, as a script would."""

import sys


def add(a, b):
    sys.exit(0)
