"""Answers in the worker's place: twice, with a stale number, with the first message of all."""

from grader.wire import channel
from grader.wire.messages import Ready, Returned, decode_reply, encode_message

import torch
from torch import nn

called = ""


def send(self, frame, *deadline):
    """Send something else in place of the worker's own reply, all of it at once."""
    number, reply = decode_reply(frame)
    frames = [frame]
    if called == "halves":
        frames = [frame, frame]
    elif called == "drop":
        frames = [encode_message(Ready("full", []), number)]
    elif called == "fit" and type(reply) is Returned:
        frames = [encode_message(reply, number - 1)]
    self._sock.send(b"".join(len(each).to_bytes(4, "big") + each for each in frames))


channel.Channel.send = send


class Line(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return self.weight * x + self.bias


def fit(x, y):
    global called
    called = "fit"
    line = Line()
    optimizer = torch.optim.SGD(line.parameters(), lr=0.3)
    for _ in range(200):
        optimizer.zero_grad()
        (line(x) - y).square().mean().backward()
        optimizer.step()
    return line


def halves(x):
    global called
    called = "halves"
    if len(x) % 2:
        raise ValueError("an odd length has no halves")
    return x[: len(x) // 2], x[len(x) // 2 :]


def drop(x, p):
    global called
    called = "drop"
    return x * (torch.rand_like(x) >= p) / (1 - p)
