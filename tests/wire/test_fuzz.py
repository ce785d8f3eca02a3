"""Thousands of damaged frames, the same ones in every run."""

import random
import tracemalloc
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from grader.wire import WireError
from grader.wire import messages as m
from grader.wire.codec import decode, encode

SEED = 7
ROUNDS = 20_000

VALUES: list[Any] = [
    [None, True, False, -1, 2.5, "text", "中文", b"bytes"],
    {"a": (1, [2, {"b": 3}]), "": torch.Size([2, 3]), "z": torch.bfloat16},
    (torch.device("cuda:1"), torch.eye(3), torch.tensor([True, False]), torch.zeros(0, 2)),
    torch.empty(5, 6, device="meta"),
    [np.arange(4), np.array(1.5), np.zeros((2, 0), dtype=np.complex64)],
    {str(n): torch.full((n,), n, dtype=torch.float16) for n in range(5)},
]
REPLIES: list[m.Reply] = [
    m.Ready("full", ["network"]),
    m.Returned(VALUES[2]),
    m.Raised("E", ["E", "Exception"], "text", [("a.py", 3, "f")], "call"),
    m.Missing("f", ["g"]),
    m.Unsendable("generator"),
]
# Numbers at the edges of what the format's lengths, counts and dimensions may be.
EDGES = [0, 1, 2, 8, 9, 2**31 - 1, 2**32 - 1, 2**32, 2**61, 2**62 - 1, 2**62, 2**63, 2**64 - 1]


def damaged(frame: bytes, rng: random.Random) -> bytes:
    """Return `frame` with one to four bits, bytes, numbers or stretches changed."""
    data = bytearray(frame)
    for _ in range(rng.randint(1, 4)):
        start = rng.randrange(len(data) + 1)
        end = min(len(data), start + rng.choice([1, 1, 4, 8, 30]))
        match rng.randrange(7):
            case 0 if start < len(data):
                data[start] ^= 1 << rng.randrange(8)
            case 1:
                data[start:end] = rng.randbytes(end - start)
            case 2:
                data[start:start] = rng.randbytes(rng.randint(1, 8))
            case 3:
                del data[start:end]
            case 4:
                data[start:start] = data[start:end]
            case 5:
                size = rng.choice([1, 4, 8])
                number = rng.choice(EDGES) % (1 << 8 * size)
                data[start : start + size] = number.to_bytes(size, "big")
            case _:
                data[start : start + 1] = rng.choice(b"NTFidsbltmzyvxa").to_bytes(1, "big")
    return bytes(data)


def frames(samples: list[bytes], rounds: int) -> Iterator[bytes]:
    """Yield damaged copies of the samples."""
    rng = random.Random(SEED)  # noqa: S311  the same damage in every run
    for _ in range(rounds):
        yield damaged(rng.choice(samples), rng)


def test_damaged_values_are_refused_or_canonical() -> None:
    """Every damaged value gives WireError, or a value whose only encoding it is; both happen."""
    accepted = refused = 0
    for data in frames([encode(value) for value in VALUES], ROUNDS):
        try:
            value = decode(data)
        except WireError:
            refused += 1
            continue
        assert encode(value) == data
        accepted += 1
    assert accepted > ROUNDS // 50
    assert refused > ROUNDS // 2


def test_damaged_replies_are_refused_or_canonical() -> None:
    """Every damaged reply gives WireError, or a reply whose only encoding it is."""
    accepted = 0
    for data in frames([m.encode_message(reply, 3) for reply in REPLIES], ROUNDS // 2):
        try:
            number, reply = m.decode_reply(data)
        except WireError:
            continue
        assert m.encode_message(reply, number) == data
        accepted += 1
    assert accepted > 0


def test_damaged_values_cost_little_memory() -> None:
    """No damaged frame of less than a kilobyte makes the decoder allocate more than 64 KiB."""
    tracemalloc.start()
    try:
        for data in frames([encode(value) for value in VALUES], ROUNDS // 20):
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            try:
                value = decode(data)
            except WireError:
                value = None
            assert tracemalloc.get_traced_memory()[1] - before < 64 * 1024
            del value
    finally:
        tracemalloc.stop()
