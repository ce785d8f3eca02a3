"""Sends an urgent byte ahead of its answer."""

import os
import socket


def add(a, b):
    socket.socket(fileno=os.dup(3)).send(b"!", socket.MSG_OOB)
    return a + b
