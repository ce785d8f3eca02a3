"""Sends well-formed messages that are no answers, in place of an answer, and dies."""

import os

from grader.wire.messages import Call, Ready, Returned, encode_message


def send(message, number):
    frame = encode_message(message, number)
    os.write(3, len(frame).to_bytes(4, "big") + frame)
    os._exit(0)


def add(a, b):
    if a.requires_grad:
        send(Returned(None), 0)
    if a.shape == (2, 3):
        send(Call("add", [], {}, "cpu"), 2)
    if a.shape == b.shape:
        send(Ready("full", []), 2)
    send(Returned(a + b), 3)
