"""The judge's end of a channel, with a peer on a real socket that is not to be trusted."""

from __future__ import annotations

import contextlib
import math
import os
import socket
import struct
import threading
import time
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.wire import messages as m
from grader.wire.channel import OUTPUT_KEPT, Channel, ChannelClosedError, DeadlineError, FrameError
from grader.wire.errors import WireError
from grader.wire.limits import MAX_FRAME

MEGABYTE = 1 << 20
SOON = 0.2
"""Seconds: for waits that are expected to end by their deadline."""


@contextlib.contextmanager
def channel(output: int | None = None) -> Iterator[tuple[Channel, socket.socket]]:
    """A channel and its peer's socket; both are closed after the block."""
    ours, theirs = socket.socketpair()
    judge = Channel(ours, output)
    with theirs, contextlib.closing(judge):
        yield judge, theirs


def framed(data: bytes) -> bytes:
    """The bytes of a frame."""
    return struct.pack("!I", len(data)) + data


def soon() -> float:
    """A deadline that passes during the test."""
    return time.monotonic() + SOON


# ---------------------------------------------------------------- any bytes

MESSAGES: list[m.Reply] = [
    m.Ready("full", ["files"]),
    m.Returned([1, "two"]),
    m.Missing("f", ["g"]),
]
REPLIES = st.sampled_from(
    [framed(m.encode_message(reply, number)) for number, reply in enumerate(MESSAGES)]
)
STREAMS = st.one_of(
    st.binary(max_size=200),
    st.lists(st.one_of(REPLIES, st.binary(max_size=40).map(framed)), max_size=5).map(b"".join),
    # A reply in which some bytes are others.
    st.builds(
        lambda reply, place, by: reply[: place % len(reply)] + by + reply[place % len(reply) :],
        REPLIES,
        st.integers(0, 1000),
        st.binary(max_size=4),
    ),
)


@settings(max_examples=400, deadline=None)
@given(STREAMS)
def test_any_bytes_are_replies_and_then_one_of_three_errors(stream: bytes) -> None:
    """No bytes crash the judge or keep it waiting: the last frame is followed by an error."""
    with channel() as (judge, peer):
        peer.sendall(stream)
        peer.shutdown(socket.SHUT_WR)

        def read_all() -> None:
            while True:
                m.decode_reply(judge.receive())

        with pytest.raises((ChannelClosedError, FrameError, WireError)):
            read_all()


@given(st.lists(st.binary(max_size=300), max_size=5))
def test_frames_arrive_as_they_were_sent(frames: list[bytes]) -> None:
    """Frames keep their bytes, their borders and their order, empty ones too."""
    with channel() as (judge, peer):
        sender = Channel(peer)
        for frame in frames:
            sender.send(frame)
        assert [judge.receive() for _ in frames] == frames
        judge.refuse_surplus()


def test_a_large_frame_goes_through_a_small_buffer() -> None:
    """A frame larger than the socket's buffer is sent while the peer reads it."""
    frame = os.urandom(4 * MEGABYTE)
    with channel() as (judge, peer):
        thread = threading.Thread(target=Channel(peer).send, args=(frame,))
        thread.start()
        assert judge.receive() == frame
        thread.join()


# ---------------------------------------------------------------- memory


def peak_memory_of_receiving(announced: int, sent: bytes, limit: int) -> int:
    """Bytes that the judge allocates for a frame of which only `sent` arrives."""
    with channel() as (judge, peer):
        peer.sendall(struct.pack("!I", announced) + sent)
        peer.shutdown(socket.SHUT_WR)
        tracemalloc.start()
        try:
            with pytest.raises((ChannelClosedError, FrameError)):
                judge.receive(limit=limit)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


@pytest.mark.parametrize("announced", [MAX_FRAME + 1, 2**31, 2**32 - 1])
def test_a_length_above_the_limit_is_refused_before_anything_is_allocated(announced: int) -> None:
    """Gigabytes that are only announced cost the judge nothing."""
    assert peak_memory_of_receiving(announced, b"x" * 100, MAX_FRAME) < MEGABYTE // 4


def test_memory_grows_with_what_arrives_not_with_what_is_announced() -> None:
    """The largest frame allowed costs about one read when ten bytes of it arrive."""
    assert peak_memory_of_receiving(MAX_FRAME, b"x" * 10, MAX_FRAME) < 4 * MEGABYTE


def test_a_frame_over_the_limit_of_the_call_is_refused() -> None:
    """The limit counts the frame's bytes, exactly."""
    with channel() as (judge, peer):
        peer.sendall(framed(b"1234") * 2)
        assert judge.receive(limit=4) == b"1234"
        with pytest.raises(FrameError):
            judge.receive(limit=3)


# ---------------------------------------------------------------- time


def test_silence_ends_at_the_deadline() -> None:
    """A peer that sends nothing keeps nobody waiting."""
    with channel() as (judge, _), pytest.raises(DeadlineError):
        judge.receive(soon())


@pytest.mark.parametrize("at_once", [0, 2, 4, 7])
def test_a_frame_that_comes_byte_by_byte_ends_at_the_deadline(at_once: int) -> None:
    """Each byte in time does not make the frame in time."""
    frame = framed(bytes(10_000))
    with channel() as (judge, peer):
        peer.sendall(frame[:at_once])
        stop = threading.Event()

        def drip() -> None:
            for byte in frame[at_once:]:
                if stop.wait(SOON / 20):
                    return
                peer.sendall(bytes([byte]))

        thread = threading.Thread(target=drip)
        thread.start()
        with pytest.raises(DeadlineError):
            judge.receive(soon())
        stop.set()
        thread.join()


def test_a_peer_that_reads_nothing_ends_the_sending_at_the_deadline() -> None:
    """A full socket does not block the judge."""
    with channel() as (judge, _), pytest.raises(DeadlineError):
        judge.send(bytes(8 * MEGABYTE), soon())


# ---------------------------------------------------------------- endings


@pytest.mark.parametrize("sent", [b"", b"\0", b"\0\0\0\5", b"\0\0\0\5abcd"])
def test_a_peer_that_closes_within_a_frame_has_closed(sent: bytes) -> None:
    """An incomplete frame is no frame, wherever it ends."""
    with channel() as (judge, peer):
        peer.sendall(sent)
        peer.close()
        with pytest.raises(ChannelClosedError):
            judge.receive()


def test_sending_to_a_peer_that_has_closed() -> None:
    """A dead worker is noticed by whoever writes to it as well."""
    with channel() as (judge, peer):
        peer.close()
        with pytest.raises(ChannelClosedError):
            judge.send(b"x")


def test_a_frame_that_is_too_long_is_not_sent() -> None:
    """The judge keeps the limit that it demands."""

    class Long(bytes):
        __slots__ = ()

        def __len__(self) -> int:
            return MAX_FRAME + 1

    with channel() as (judge, _), pytest.raises(FrameError):
        judge.send(Long())


def test_surplus_bytes_are_refused_and_a_quiet_or_closed_peer_is_not() -> None:
    """Bytes that nobody asked for are noticed without being read."""
    with channel() as (judge, peer):
        judge.refuse_surplus()
        peer.sendall(b"x")
        with pytest.raises(FrameError):
            judge.refuse_surplus()
    with channel() as (judge, peer):
        peer.close()
        judge.refuse_surplus()


# ---------------------------------------------------------------- printed output


@contextlib.contextmanager
def flooded_pipe(most: int) -> Iterator[tuple[int, list[int]]]:
    """A pipe that a thread fills as fast as it is read; the list counts the bytes written."""
    reader, writer = os.pipe()
    written = [0]

    def flood() -> None:
        with contextlib.suppress(OSError):
            while written[0] < most:
                written[0] += os.write(writer, b"y" * 65536)
        os.close(writer)

    thread = threading.Thread(target=flood)
    thread.start()
    yield reader, written
    thread.join()


def test_a_flood_of_output_neither_delays_the_deadline_nor_fills_the_judge() -> None:
    """While the judge waits it reads what is printed, and keeps its beginning."""
    with (
        flooded_pipe(most=1 << 30) as (reader, written),
        channel(reader) as (judge, _),
    ):
        with pytest.raises(DeadlineError):
            judge.receive(soon())
        assert judge.output == b"y" * OUTPUT_KEPT
        assert written[0] > OUTPUT_KEPT


def test_closing_does_not_wait_for_the_end_of_a_flood() -> None:
    """What prints for ever, having outlived its worker, keeps nobody from closing."""
    most = 1 << 30
    with flooded_pipe(most) as (reader, written), channel(reader):
        pass  # The pipe is closed then, and the thread ends with the error of its next write.
    assert written[0] < most


def test_output_printed_before_the_end_is_kept() -> None:
    """What a worker said before it died can still be read after its channel is closed."""
    reader, writer = os.pipe()
    with channel(reader) as (judge, peer):
        os.write(writer, b"last words")
        os.close(writer)
        peer.close()
        with pytest.raises(ChannelClosedError):
            judge.receive(math.inf)
    assert judge.output == b"last words"
