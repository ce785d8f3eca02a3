"""What exercise.yaml says about a timed task."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.course.document import Section

DEVICES = ("cpu", "cuda", "mps")
_FEWEST_REPEATS = 5
_MOST_REPEATS = 100


@dataclass(frozen=True)
class Band:
    """How slow a submission may be for a share of the points."""

    within: float
    """Times the reference's time."""
    share: float
    """Of the check's points, more than 0 and at most 1."""


@dataclass(frozen=True)
class TimedTask:
    """A check that is timed: how often, on what, and what the time is worth.

    With neither `bands` nor `growth` the time is reported and not graded.
    """

    check: str
    """The name of the check, `test_...`."""
    sizes: tuple[int, ...]
    """What `run.size` is, one after another."""
    repeats: int
    """Pairs of runs, of the reference and of the submission, for each size."""
    devices: tuple[str, ...]
    """Where it can be timed; elsewhere it is timed on the CPU."""
    bands: tuple[Band, ...]
    """From the fastest to the slowest."""
    growth: float | None
    """The largest power of the size with which the ratio to the reference's time may grow."""
    floor: float
    """The share of the reference's time below which a submission is implausibly fast."""


def timed_tasks(document: Section) -> tuple[TimedTask, ...]:
    """Read the list `timed` of an exercise.yaml; UserError with the line where it is not right."""
    return tuple(_task(section) for section in document.sections("timed"))


def _task(section: Section) -> TimedTask:
    section.allow("check", "sizes", "repeats", "devices", "bands", "growth", "floor")
    sizes = tuple(map(int, section.numbers("sizes"))) if "sizes" in section else (1,)
    repeats = section.number("repeats", 15)
    if repeats != int(repeats) or not _FEWEST_REPEATS <= repeats <= _MOST_REPEATS:
        section.refuse_value(
            "repeats",
            f"'repeats' must be a whole number from {_FEWEST_REPEATS} to {_MOST_REPEATS}.",
            f"repeats 必须是 {_FEWEST_REPEATS} 到 {_MOST_REPEATS} 之间的整数。",
        )
    devices = section.words("devices", DEVICES)
    if not set(devices) <= set(DEVICES):
        known = ", ".join(DEVICES)
        section.refuse_value("devices", f"devices are {known}.", f"devices 只能是 {known}。")
    bands = tuple(_band(each) for each in section.sections("bands"))
    if bands and ("growth" in section or len(sizes) > 1):
        section.refuse_value(
            "bands",
            "'bands' judge one size; write 'growth' or 'bands', not both.",
            "bands 只用于一个规模；growth 与 bands 只能写一个。",
        )
    if any(a.within >= b.within or a.share <= b.share for a, b in pairwise(bands)):
        section.refuse_value(
            "bands", "each band must be slower and earn less.", "各档必须依次更慢、得分更少。"
        )
    if "growth" in section and len(sizes) < 2:
        section.refuse_value(
            "growth", "'growth' needs two sizes or more.", "growth 至少需要两个规模（sizes）。"
        )
    return TimedTask(
        check=section.text("check"),
        sizes=sizes,
        repeats=int(repeats),
        devices=devices,
        bands=bands,
        growth=section.number("growth") if "growth" in section else None,
        floor=section.number("floor", 0.1),
    )


def _band(section: Section) -> Band:
    section.allow("within", "share")
    share = section.number("share")
    if share > 1:
        section.refuse_value("share", "'share' must be at most 1.", "share 不能大于 1。")
    return Band(section.number("within"), share)
