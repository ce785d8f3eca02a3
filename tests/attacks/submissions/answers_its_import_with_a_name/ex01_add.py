"""Answers its import as only a call is answered: a name is missing."""

from grader.wire import channel
from grader.wire.messages import Missing, encode_message

honest_send = channel.Channel.send


def send(self, frame, *deadline):
    honest_send(self, encode_message(Missing("add", ["<script>"]), 1), *deadline)


channel.Channel.send = send


def add(a, b):
    return a + b
