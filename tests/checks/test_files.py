"""Files that a student has written: what is in them is read, whatever else they are fails."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from grader.checks import Event, read_events, read_picture
from grader.judge.failures import CheckFailed

_RGB = torch.arange(2 * 3 * 3, dtype=torch.uint8).reshape(2, 3, 3)


def _saved(picture: Image.Image, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    picture.save(file, kind)
    return file.getvalue()


def _events(folder: Path, write: Callable[[Any], object]) -> bytes:
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(str(folder)) as writer:
        write(writer)
    (file,) = folder.glob("*tfevents*")
    return file.read_bytes()


def _cause(read: Callable[[object], object], data: object) -> str:
    with pytest.raises(CheckFailed) as failed:
        read(data)
    return failed.value.causes[0].kind


@pytest.mark.parametrize(
    ("mode", "shape"), [("L", (2, 3)), ("LA", (2, 3, 2)), ("RGB", (2, 3, 3)), ("RGBA", (2, 3, 4))]
)
def test_pixels_are_those_of_the_file(mode: str, shape: tuple[int, ...]) -> None:
    """Whatever the number of channels."""
    pixels = torch.arange(24, dtype=torch.uint8)[: torch.Size(shape).numel()].reshape(shape)
    assert torch.equal(read_picture(_saved(Image.fromarray(pixels.numpy(), mode))), pixels)


def test_a_palette_becomes_colours() -> None:
    """The numbers in such a file are no colours."""
    picture = Image.fromarray(_RGB.numpy()).convert("P", palette=Image.Palette.ADAPTIVE)
    assert torch.equal(read_picture(_saved(picture)), _RGB)


def test_jpeg() -> None:
    """Of one colour, so that nothing is lost."""
    read = read_picture(_saved(Image.new("RGB", (16, 8), (200, 200, 200)), "JPEG"))
    assert torch.equal(read, torch.full((8, 16, 3), 200, dtype=torch.uint8))


def _bomb() -> bytes:
    """Make a picture of a few hundred bytes that says it has 400 million pixels."""
    small = bytearray(_saved(Image.new("L", (1, 1))))
    small[16:24] = (20_000).to_bytes(4, "big") * 2
    small[29:33] = zlib.crc32(small[12:29]).to_bytes(4, "big")
    return bytes(small)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text",
        _saved(Image.fromarray(_RGB.numpy()))[:-30],
        _bomb(),
        _saved(Image.new("L", (9, 9)), "GIF"),
    ],
    ids=["empty", "text", "cut", "bomb", "gif"],
)
def test_no_picture(data: bytes) -> None:
    """It fails the check and is no fault of the grader's."""
    assert _cause(read_picture, data) == "unreadable_file"


@pytest.mark.parametrize("read", [read_picture, read_events])
@pytest.mark.parametrize("data", [None, "text", bytes((16 << 20) + 1)], ids=["none", "str", "huge"])
def test_no_bytes(read: Callable[[object], object], data: object) -> None:
    """What is no file at all says so."""
    assert _cause(read, data) == "no_file"


def test_events_in_their_order(tmp_path: Path) -> None:
    """Numbers, pictures, histograms, texts, and the graph of a model."""

    def write(writer: Any) -> None:
        writer.add_scalar("y = 2x", 198.0, 99)
        writer.add_scalar("new", 0.5, 3, new_style=True)
        writer.add_image("picture", _RGB, 1, dataformats="HWC")
        writer.add_histogram("weights", torch.tensor([1.0, 2.0, 3.0]), 2)
        writer.add_text("note", "hello", 4)

    scalar, new, picture, histogram, text = read_events(_events(tmp_path, write))
    assert scalar == Event("y = 2x", 99, "scalar", 198.0)
    assert new == Event("new", 3, "scalar", 0.5)
    assert (picture.tag, picture.step, picture.kind) == ("picture", 1, "picture")
    assert torch.equal(picture.value, _RGB)
    assert (histogram.tag, histogram.step, histogram.kind) == ("weights", 2, "histogram")
    numbers = [histogram.value[name] for name in ("min", "max", "num", "sum", "sum_squares")]
    assert numbers == [1, 3, 3, 6, 14]
    assert sum(histogram.value["bucket"]) == 3
    assert (text.step, text.kind, text.value) == (4, "text", "hello")


@pytest.mark.filterwarnings("ignore:.*torch.jit.trace:FutureWarning")
def test_a_graph_names_its_nodes(tmp_path: Path) -> None:
    """Of a model that was traced."""
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU())
    (graph,) = read_events(_events(tmp_path, lambda w: w.add_graph(model, torch.ones(1, 2))))
    assert (graph.tag, graph.kind) == ("", "graph")
    assert any("Linear" in name for name in graph.value)


def test_a_file_that_was_cut_gives_what_is_whole(tmp_path: Path) -> None:
    """As TensorBoard shows it while it is being written."""
    data = _events(tmp_path, lambda w: [w.add_scalar("y", step, step) for step in range(5)])
    assert [event.value for event in read_events(data[:-3])] == [0, 1, 2, 3]


@pytest.mark.parametrize("data", [b"", b"no events", bytes(100)], ids=["empty", "text", "zeros"])
def test_no_events(data: bytes) -> None:
    """It fails the check."""
    assert _cause(read_events, data) == "unreadable_file"


def test_many_large_pictures_are_too_much(tmp_path: Path) -> None:
    """A file of some kilobytes must not fill the judge's memory."""
    large = torch.zeros(1200, 1200, 3, dtype=torch.uint8)

    def write(writer: Any) -> None:
        for step in range(3):
            writer.add_image("large", large, step, dataformats="HWC")

    data = _events(tmp_path, write)
    assert len(data) < 1 << 20
    assert _cause(read_events, data) == "unreadable_file"
