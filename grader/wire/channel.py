"""Frames on a stream socket: a 32-bit big-endian length, then that many bytes.

Both directions have a deadline on the caller's monotonic clock. A length above the caller's
limit is refused before anything is allocated. A peer that closes, stalls or sends too much ends
the channel with one of the three errors below; the caller decides what each means.
"""

from __future__ import annotations

import math
import os
import selectors
import socket
import struct
import time

from grader.wire.limits import MAX_FRAME

_HEADER = struct.Struct("!I")
_CHUNK = 1 << 20
_LONGEST_WAIT = 3600.0
OUTPUT_KEPT = 16 * 1024
"""Bytes of a worker's printed output that are kept; the rest is read and thrown away."""


class ChannelClosedError(Exception):
    """The peer closed its end, between frames or within one."""


class DeadlineError(Exception):
    """The deadline passed before the frame was complete."""


class FrameError(Exception):
    """A frame longer than allowed, or bytes where none may be."""


class Channel:
    """One end of the socket between judge and worker.

    `output` is the reading end of the pipe that the worker prints to. It is drained whenever the
    channel waits, so that a worker which prints much never blocks on a full pipe.
    """

    def __init__(self, sock: socket.socket, output: int | None = None) -> None:
        sock.settimeout(0)
        self._sock = sock
        self._selector = selectors.DefaultSelector()
        self._selector.register(sock, selectors.EVENT_READ)
        self._output_fd = output
        self.output = bytearray()
        if output is not None:
            os.set_blocking(output, False)
            self._selector.register(output, selectors.EVENT_READ)

    def send(self, frame: bytes, deadline: float = math.inf) -> None:
        """Send one frame; one larger than the socket's buffer goes out as the peer reads."""
        if len(frame) > MAX_FRAME:
            raise FrameError(f"{len(frame)} bytes are more than a frame may hold")
        for part in (_HEADER.pack(len(frame)), frame):
            rest = memoryview(part)
            while rest:
                try:
                    rest = rest[self._sock.send(rest[:_CHUNK]) :]
                except BlockingIOError:
                    self._wait(selectors.EVENT_WRITE, deadline)
                except OSError as error:
                    raise ChannelClosedError from error

    def receive(self, deadline: float = math.inf, limit: int = MAX_FRAME) -> bytearray:
        """Receive one frame of at most `limit` bytes."""
        (length,) = _HEADER.unpack(self._read_exactly(_HEADER.size, deadline))
        if length > limit:
            raise FrameError(f"a frame of {length} bytes was announced, {limit} are allowed")
        return self._read_exactly(length, deadline)

    def refuse_surplus(self) -> None:
        """Raise FrameError if the peer has sent bytes that nobody asked for."""
        try:
            if self._sock.recv(1, socket.MSG_PEEK):
                raise FrameError("bytes arrived that nobody asked for")
        except BlockingIOError:
            pass
        except OSError as error:
            raise ChannelClosedError from error

    def close(self) -> None:
        """Close the socket, keeping what a dead worker had printed."""
        # What outlives a worker may print for ever.
        while len(self.output) < OUTPUT_KEPT and self._drain_once():
            pass
        self._forget_output()
        self._selector.close()
        self._sock.close()

    def _read_exactly(self, size: int, deadline: float) -> bytearray:
        # Grows with what has really arrived: an announced length alone costs no memory.
        data = bytearray()
        while len(data) < size:
            try:
                chunk = self._sock.recv(min(_CHUNK, size - len(data)))
            except BlockingIOError:
                self._wait(selectors.EVENT_READ, deadline)
                continue
            except OSError as error:
                raise ChannelClosedError from error
            if not chunk:
                raise ChannelClosedError
            data += chunk
        return data

    def _wait(self, event: int, deadline: float) -> None:
        """Wait until the socket is ready for `event`, draining the output meanwhile."""
        self._selector.modify(self._sock, event)
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise DeadlineError
            ready = {key.fd for key, _ in self._selector.select(min(left, _LONGEST_WAIT))}
            if self._output_fd in ready:
                # One read at a time: a flood of output must not keep us past the deadline.
                self._drain_once()
            if self._sock.fileno() in ready:
                return

    def _drain_once(self) -> bool:
        """Read once from the output pipe; say whether there may be more."""
        if self._output_fd is None:
            return False
        try:
            chunk = os.read(self._output_fd, 1 << 16)
        except BlockingIOError:
            return False
        self.output += chunk[: max(0, OUTPUT_KEPT - len(self.output))]
        if not chunk:
            self._forget_output()
        return bool(chunk)

    def _forget_output(self) -> None:
        if self._output_fd is not None:
            self._selector.unregister(self._output_fd)
            os.close(self._output_fd)
            self._output_fd = None
