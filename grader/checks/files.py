"""Readers for files that a student's code has written.

They run in the judge: everything is bounded, and nothing of the file is executed or unpickled. The
libraries are imported when they are needed, as few exercises do.
"""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from grader.judge.excerpt import phrase
from grader.judge.failures import CheckFailed
from grader.judge.results import Cause

if TYPE_CHECKING:
    from tensorboard.compat.proto.event_pb2 import Event as Record

_MOST_BYTES = 16 << 20
_MOST_PIXELS = 4_000_000
"""Of all pictures of a file together: a few kilobytes of PNG can hold far more."""
_MODES = ("L", "LA", "RGB", "RGBA")


@dataclass(frozen=True)
class Event:
    """One entry of a TensorBoard event file.

    kind, and what value is: "scalar", a float; "picture", a tensor as of `read_picture`; "text", a
    str; "graph", the names of its nodes (without a tag); "histogram", a dict with min, max, num,
    sum, sum_squares, bucket_limit and bucket.
    """

    tag: str
    step: int
    kind: str
    value: Any


def read_picture(data: object) -> torch.Tensor:
    """Return the pixels of a PNG or JPEG: uint8, (H, W) for one channel, otherwise (H, W, C).

    `data`: the bytes of the file, at most 16 MiB and 4 million pixels. A palette becomes RGB.
    Anything else fails the check.
    """
    __tracebackhide__ = True
    content = _bytes(data, "picture")
    with _reading("picture"):
        return _pixels(content, _MOST_PIXELS)


def read_events(data: object) -> list[Event]:
    """Return what a TensorBoard event file holds, in its order.

    `data`: the bytes of the file, at most 16 MiB. Anything else fails the check.
    """
    __tracebackhide__ = True
    from tensorboard.backend.event_processing.event_file_loader import (  # noqa: PLC0415
        RawEventFileLoader,
    )
    from tensorboard.compat.proto.event_pb2 import Event as Record  # noqa: PLC0415

    with tempfile.NamedTemporaryFile() as file:
        file.write(_bytes(data, "event file"))
        file.flush()
        with _reading("event file"):
            records = [Record.FromString(each) for each in RawEventFileLoader(file.name).Load()]
            return _events(records)


def _bytes(data: object, kind: str) -> bytes:
    if isinstance(data, bytes) and len(data) <= _MOST_BYTES:
        return data
    raise CheckFailed([Cause("no_file", {"kind": kind, "got": phrase(data)})])


@contextlib.contextmanager
def _reading(kind: str) -> Iterator[None]:
    """Fail the check, whatever goes wrong: readers raise anything if a file is made for it."""
    try:
        yield
    except Exception as error:
        raise CheckFailed([Cause("unreadable_file", {"kind": kind})]) from error


def _events(records: list[Record]) -> list[Event]:
    if not records:
        raise ValueError("even an empty file begins with its version")
    events = []
    room = _MOST_PIXELS
    for record in records:
        if record.WhichOneof("what") == "graph_def":
            events.append(Event("", record.step, "graph", _node_names(record.graph_def)))
        for entry in record.summary.value:
            match entry.WhichOneof("value"):
                case "simple_value":
                    kind, value = "scalar", entry.simple_value
                case "image":
                    kind, value = "picture", _pixels(entry.image.encoded_image_string, room)
                    room -= value.shape[0] * value.shape[1]
                case "histo":
                    kind, value = "histogram", dict(_histogram(entry.histo))
                case "tensor":
                    kind, value = _of_tensor(entry.tensor)
                case _:
                    continue
            events.append(Event(entry.tag, record.step, kind, value))
    return events


def _node_names(graph: bytes) -> list[str]:
    from tensorboard.compat.proto.graph_pb2 import GraphDef  # noqa: PLC0415

    return [node.name for node in GraphDef.FromString(graph).node]


def _histogram(entry: Any) -> Iterator[tuple[str, object]]:
    for name in ("min", "max", "num", "sum", "sum_squares"):
        yield name, getattr(entry, name)
    for name in ("bucket_limit", "bucket"):
        yield name, list(getattr(entry, name))


def _of_tensor(entry: Any) -> tuple[str, object]:
    """A scalar in the new style, or a text."""
    from tensorboard.util.tensor_util import make_ndarray  # noqa: PLC0415

    array = make_ndarray(entry)
    if array.dtype.kind in "biuf":
        return "scalar", float(array.reshape(-1)[0]) if array.size == 1 else array.tolist()
    return "text", "\n".join(bytes(each).decode("utf-8", "replace") for each in array.reshape(-1))


def _pixels(data: bytes, most: int) -> torch.Tensor:
    from PIL import Image  # noqa: PLC0415

    with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as picture:
        if picture.width * picture.height > most:
            raise ValueError("too many pixels")
        return torch.from_numpy(np.array(picture.convert(_mode(picture.mode))))


def _mode(mode: str) -> str:
    return mode if mode in _MODES else "RGB"
