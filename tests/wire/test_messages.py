"""The messages: exact fields, checked on both sides."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.wire import UnsendableError, WireError
from grader.wire import messages as m
from grader.wire.codec import decode, encode

PROBE = ("shape", "def shape(student): ...", "test_public.py", [(2, 3)], {"bias": True}, "cuda:1")
FRAMES = [("a/b.py", 3, "<module>"), ("ex07.py", 12, "corr2d")]
RAISED = ("ValueError", ["ValueError", "Exception"], "too small", FRAMES, "call")

REQUESTS: list[m.Request] = [
    m.Load({"ex07.py": b"import torch", "data/a.csv": b""}, "ex07.py", "cpu", 2**63 - 1, 1),
    m.Call("corr2d", [1, "a", None], {"stride": 2}, "meta"),
    m.Run(*PROBE),
    m.Start(*PROBE),
    m.Run("gradients", None, "test_public.py", [], {}, "cpu"),
    m.Resume({"inputs": [1.5]}, "cpu"),
    m.Rules({"a.py": b"import torch"}, "a.py", [{"forbid": "torch.nn"}]),
]
REPLIES: list[m.Reply] = [
    m.Ready("full", ["network", "files"]),
    m.Returned([1, 2.5, (None, "x")]),
    m.Yielded(None),
    m.Raised(*RAISED),
    m.Raised("", [], "x" * 2048, [], "import"),
    m.Missing("corr2d", ["corr2D"]),
    m.Unsendable("generator"),
]


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda message: type(message).__name__)
def test_a_request_arrives_as_it_was_sent(request_: m.Request) -> None:
    """Every kind of request comes back equal, with its id."""
    assert m.decode_request(m.encode_message(request_, 7)) == (7, request_)


@pytest.mark.parametrize("reply", REPLIES, ids=lambda message: type(message).__name__)
def test_a_reply_arrives_as_it_was_sent(reply: m.Reply) -> None:
    """Every kind of reply comes back equal, with its id."""
    assert m.decode_reply(m.encode_message(reply, 2**40)) == (2**40, reply)


def test_tensors_travel_within_messages() -> None:
    """A tensor deep in a reply comes back with its values."""
    frame = m.encode_message(m.Returned({"grad": [torch.eye(2)]}), 1)
    number, reply = m.decode_reply(bytearray(frame))
    assert number == 1
    assert isinstance(reply, m.Returned)
    assert torch.equal(reply.value["grad"][0], torch.eye(2))


@pytest.mark.parametrize("message", [*REQUESTS, *REPLIES], ids=lambda m: type(m).__name__)
def test_each_side_accepts_only_what_the_other_may_send(message: m.Request | m.Reply) -> None:
    """A worker cannot send a request, nor the judge a reply."""
    wrong_way: Callable[[bytes], object]
    wrong_way = m.decode_reply if message in REQUESTS else m.decode_request
    frame = m.encode_message(message, 1)
    with pytest.raises(WireError):
        wrong_way(frame)


@pytest.mark.parametrize(
    ("message", "change"),
    [
        (REQUESTS[0], {"files": {"a.py": "text"}}),
        (REQUESTS[0], {"files": {1: b""}}),
        (REQUESTS[0], {"files": []}),
        (REQUESTS[0], {"device": "cuda:1000"}),
        (REQUESTS[0], {"device": torch.device("cpu")}),
        (REQUESTS[0], {"seed": -1}),
        (REQUESTS[0], {"seed": True}),
        (REQUESTS[0], {"threads": 0}),
        (REQUESTS[1], {"name": "x" * 201}),
        (REQUESTS[1], {"name": None}),
        (REQUESTS[1], {"args": ()}),
        (REQUESTS[1], {"kwargs": []}),
        (REQUESTS[2], {"source": b"def"}),
        (REQUESTS[2], {"file": "x" * 1025}),
        (REQUESTS[6], {"files": {"a.py": "text"}}),
        (REPLIES[0], {"tier": "best"}),
        (REPLIES[0], {"witnessed": [1]}),
        (REPLIES[0], {"witnessed": ["a"] * 33}),
        (REPLIES[0], {"version": m.PROTOCOL_VERSION + 1}),
        (REPLIES[3], {"text": "x" * 2049}),
        (REPLIES[3], {"type": "x" * 201}),
        (REPLIES[3], {"bases": ["a"] * 33}),
        (REPLIES[3], {"bases": ["x" * 201]}),
        (REPLIES[3], {"frames": tuple(FRAMES)}),
        (REPLIES[3], {"frames": [("a.py", 1, "f")] * 7}),
        (REPLIES[3], {"frames": [["a.py", 1, "f"]]}),
        (REPLIES[3], {"frames": [("a.py", 1)]}),
        (REPLIES[3], {"frames": [("a.py", 1, "f", "text")]}),
        (REPLIES[3], {"frames": [("x" * 1025, 1, "f")]}),
        (REPLIES[3], {"frames": [("a.py", 0, "f")]}),
        (REPLIES[3], {"frames": [("a.py", 1.0, "f")]}),
        (REPLIES[3], {"frames": [("a.py", True, "f")]}),
        (REPLIES[3], {"frames": [("a.py", 1, "x" * 201)]}),
        (REPLIES[3], {"frames": [("a.py", 1, None)]}),
        (REPLIES[3], {"phase": "exit"}),
        (REPLIES[5], {"near": "corr2D"}),
        (REPLIES[6], {"type": int}),
    ],
    ids=lambda part: part if isinstance(part, dict) else type(part).__name__,
)
def test_a_field_that_breaks_its_rule_is_refused_on_both_sides(
    message: m.Request | m.Reply, change: dict[str, Any]
) -> None:
    """Such a message can neither be made nor be received."""
    with pytest.raises(WireError, match=next(iter(change))):
        dataclasses.replace(message, **change)
    with pytest.raises(WireError, match=next(iter(change))):
        type(message).from_value(message.to_value() | change)


FIELDS = {"value": 1}


@pytest.mark.parametrize(
    "value",
    [
        None,
        (),
        (1, "Returned"),
        (1, "Returned", FIELDS, 0),
        [1, "Returned", FIELDS],
        torch.Size([1, 2, 3]),
        (-1, "Returned", FIELDS),
        (True, "Returned", FIELDS),
        (1.0, "Returned", FIELDS),
        (None, "Returned", FIELDS),
        (1, b"Returned", FIELDS),
        (1, "Message", {}),
        (1, "", {}),
        (1, "Returned", {}),
        (1, "Returned", None),
        (1, "Returned", [1]),
        (1, "Returned", {"value": 1, "more": 2}),
        (1, "Returned", {"values": 1}),
        (1, "Missing", {"near": [], "name": "f"}),
        (1, "Ready", {"tier": "full", "witnessed": []}),
    ],
    ids=repr,
)
def test_a_frame_of_any_other_form_is_refused(value: object) -> None:
    """Wrong arity, id, kind, or fields that are missing, surplus or in another order: WireError."""
    with pytest.raises(WireError):
        m.decode_reply(encode(value))


def test_what_cannot_cross_is_refused_within_a_message() -> None:
    """The worker learns the type, so that it can tell the judge."""
    with pytest.raises(UnsendableError) as refusal:
        m.encode_message(m.Returned(digit for digit in "12"), 1)
    assert refusal.value.type_name == "generator"


@settings(deadline=None, database=None)
@given(st.text(), st.integers(0, 20))
def test_clipped_text_always_fits_a_message(text: str, limit: int) -> None:
    """Whatever an exception says, its clipped text is short enough and can be sent."""
    clipped = m.clipped(text + "\ud800", limit)
    assert len(clipped) <= limit
    assert decode(encode(clipped)) == clipped
    assert m.clipped("short", 5) == "short"
