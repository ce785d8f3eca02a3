"""A worker: one process for one check. Imports the submission and answers the judge's requests.

Nothing here is trusted by the judge. It is written to be clear, to fail with a useful word where
it can, and to hold nothing worth stealing.
"""

from __future__ import annotations

import contextlib
import os
import random
import socket
import sys
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from grader.sandbox.witness import PROMISES
from grader.wire import messages as m
from grader.wire.channel import Channel, ChannelClosedError
from grader.wire.errors import UnsendableError
from grader.wire.limits import MAX_MRO, MAX_NAME, MAX_NAMES
from grader.worker import probes, rules
from grader.worker.profile import PROFILES, Unwatched
from grader.worker.student import (
    MissingNameError,
    Student,
    frames_in_student_code,
    import_submission,
)


def serve(sock: socket.socket, tier: str, witnessed: list[str]) -> None:
    """Announce what isolation was witnessed, then answer requests until the judge closes."""
    channel = Channel(sock)
    session = Session()
    with contextlib.suppress(ChannelClosedError):
        channel.send(m.encode_message(m.Ready(tier, witnessed), m.READY_ID))
        if set(PROMISES[tier]) - set(witnessed):
            return  # The submission is on its way already; it must not run here.
        while True:
            number, request = m.decode_request(channel.receive())
            reply = session.answer(request)
            _flush()
            channel.send(encoded(reply, number))


class Session:
    """The state of one worker: the imported submission, and at most one running conversation."""

    def __init__(self) -> None:
        self._student: Student | None = None
        self._names: dict[str, str] = {}
        """The names of the submission's files by their paths."""
        self._conversation: Generator[Any, Any, Any] | None = None
        self._probes: dict[str, dict[str, Any]] = {}
        self._profile = Unwatched()

    def answer(self, request: m.Request) -> m.Reply:
        """Carry out one request; whatever the submission raises becomes a reply."""
        phase = "import" if isinstance(request, m.Load) else "call"
        try:
            return self._carry_out(request)
        except MissingNameError as error:
            near = [m.clipped(name, MAX_NAME) for name in error.near[:MAX_NAMES]]
            return m.Missing(m.clipped(error.name, MAX_NAME), near)
        except BaseException as error:  # noqa: BLE001  SystemExit too is an answer
            return _raised(error, self._names, phase)

    def _carry_out(self, request: m.Request) -> m.Reply:
        value: Any = None
        match request:
            case m.Load():
                folder = Path.cwd()
                self._names = {str(folder / name): name for name in request.files}
                _set_up(request)
                self._student = import_submission(request.files, request.entry)
            case m.Rules():
                value = _uses(request)
            case m.Call():
                function = getattr(self._student, request.name)
                value = function(*_on(request.args, request), **_on(request.kwargs, request))
            case m.Run():
                value = self._run(request)
            case m.Start():
                self._conversation = self._run(request)
                return self._resume(None)
            case m.Resume():
                return self._resume(_on(request.value, request))
            case m.Profile():
                value = self._profile.stop()
                self._profile = PROFILES[request.what]()
        return m.Returned(value)

    def _run(self, request: m.Run | m.Start) -> Any:
        probe = self._probe(request)
        return probe(self._student, *_on(request.args, request), **_on(request.kwargs, request))

    def _probe(self, request: m.Run | m.Start) -> Callable[..., Any]:
        if request.source is None:
            standard: Callable[..., Any] = getattr(probes, request.name)
            return standard
        if request.source not in self._probes:
            namespace: dict[str, Any] = {"__name__": "probes"}
            exec(compile(request.source, request.file, "exec"), namespace)  # noqa: S102  ours
            self._probes[request.source] = namespace
        probe: Callable[..., Any] = self._probes[request.source][request.name]
        return probe

    def _resume(self, value: Any) -> m.Reply:
        if self._conversation is None:
            raise RuntimeError("no conversation is running")
        try:
            return m.Yielded(self._conversation.send(value))
        except StopIteration as end:
            self._conversation = None
            return m.Returned(end.value)


def _uses(request: m.Rules) -> list[list[list[str | int]]]:
    """For each rule the places where its calls are used."""
    found = [
        rules.find_calls(request.files, request.entry, calls, inside)
        for calls, inside in request.rules
    ]
    return [[list(use) for use in uses] for uses in found]


def _set_up(request: m.Load) -> None:
    """The same numbers for the same submission and seed, on any machine."""
    torch.set_num_threads(request.threads)
    random.seed(request.seed)
    np.random.seed(request.seed % 2**32)  # noqa: NPY002  students use the global generator
    if request.device == "cpu":
        # What torch.manual_seed does for the CPU. For every kind of accelerator that is not in use
        # it formats the stack besides, which takes as long as to fork a worker.
        torch.default_generator.manual_seed(request.seed)
    else:
        torch.manual_seed(request.seed)
    # TF32 rounds to 10 bits of mantissa; no tolerance of ours allows for that.
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False


def _on(value: Any, request: m.Call | m.Run | m.Start | m.Resume) -> Any:
    """`value` with every tensor in it placed on the request's device."""
    match value:
        case torch.Tensor():
            return value.to(request.device)
        case list():
            return [_on(item, request) for item in value]
        case tuple() if type(value) is tuple:
            return tuple(_on(item, request) for item in value)
        case dict():
            return {key: _on(item, request) for key, item in value.items()}
        case _:
            return value


def encoded(reply: m.Reply, number: int) -> bytes:
    """A reply as a frame; what cannot be sent becomes a reply that says so."""
    try:
        return m.encode_message(reply, number)
    except UnsendableError as error:
        return m.encode_message(m.Unsendable(m.clipped(error.type_name, MAX_NAME)), number)
    except BaseException as error:  # noqa: BLE001  a value may raise while it is read
        return m.encode_message(_raised(error, {}, "call"), number)


def _raised(error: BaseException, names: Mapping[str, str], phase: str) -> m.Raised:
    try:
        return _described(error, names, phase)
    except BaseException:  # noqa: BLE001  its class and its text are the student's code as well
        return m.Raised("Exception", ["Exception"], "", [], phase)


def _described(error: BaseException, names: Mapping[str, str], phase: str) -> m.Raised:
    try:
        text = str(error)
    except BaseException:  # noqa: BLE001  an exception's own __str__ is the student's code
        text = ""
    return m.Raised(
        type=m.clipped(type(error).__name__, MAX_NAME),
        bases=[m.clipped(cls.__name__, MAX_NAME) for cls in type(error).__mro__[:MAX_MRO]],
        text=m.clipped(text),
        frames=frames_in_student_code(error, names),
        phase=phase,
    )


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()


def work(descriptor: int, tier: str, witnessed: list[str]) -> None:
    """Serve on an inherited descriptor and end the process without running any exit handler."""
    serve(socket.socket(fileno=descriptor), tier, witnessed)
    os._exit(0)
