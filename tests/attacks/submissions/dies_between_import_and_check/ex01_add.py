"""Dies as soon as it has been imported, before anything is asked of it."""

import os

from grader.wire import channel

honest_send = channel.Channel.send


def send(self, frame, *deadline):
    honest_send(self, frame, *deadline)
    os._exit(71)


channel.Channel.send = send


def add(a, b):
    return a + b
