"""What course.yaml says about due dates, lateness and rounding.

timezone: Europe/Berlin          # in which the due dates are meant; an IANA name
grading:
  due: {ex07_conv: "2026-11-30 23:59"}
  grace: 15m                     # so much later is still in time
  late: {lose: 10, per: day, at_most: 50}     # per cent of what was earned; left out: nothing
  counts: best                   # which attempt counts, best or last
  round: 0.5                     # to the nearest multiple of it; left out: not rounded
"""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from grader.course import Course

if TYPE_CHECKING:
    from grader.course.document import Section

_UNITS = {"hour": dt.timedelta(hours=1), "day": dt.timedelta(days=1)}
_DURATION = re.compile(r"([0-9]{1,4})([mhd])")
_SHORT = {"m": dt.timedelta(minutes=1), "h": dt.timedelta(hours=1), "d": dt.timedelta(days=1)}
_WHOLE = 100.0
"""Per cent."""


@dataclass(frozen=True)
class LatePolicy:
    """What lateness costs."""

    share: float
    """Of what was earned, for each unit that has begun."""
    unit: dt.timedelta
    at_most: float = 1.0
    """The largest share that is lost."""


@dataclass(frozen=True)
class Policy:
    """The rules of a course."""

    due: Mapping[str, dt.datetime] = field(default_factory=dict)
    """With their time zone."""
    grace: dt.timedelta = dt.timedelta(0)
    late: LatePolicy | None = None
    counts: str = "best"
    """`best` or `last`."""
    step: float | None = None
    """Points are rounded to the nearest multiple of it, halves up."""


def read_policy(course: Course) -> Policy:
    """Read course.yaml; UserError, with the line, where it is not as it should be."""
    document = course.document()
    if "grading" not in document:
        return Policy()
    section = document.section("grading")
    section.allow("due", "grace", "late", "counts", "round")
    counts = section.text("counts") if "counts" in section else "best"
    if counts not in ("best", "last"):
        section.refuse_value("counts", "'counts' is best or last.", "counts 只能是 best 或 last。")
    return Policy(
        due=_due(document, section, course) if "due" in section else {},
        grace=_duration(section, "grace") if "grace" in section else dt.timedelta(0),
        late=_late(section.section("late")) if "late" in section else None,
        counts=counts,
        step=section.number("round") if "round" in section else None,
    )


def _due(document: Section, section: Section, course: Course) -> dict[str, dt.datetime]:
    zone = _zone(document)
    dates = section.section("due")
    dates.allow(*(ref.name for ref in course.exercises()))
    return {name: _date(dates, name, zone) for name in dates.names()}


def _date(dates: Section, name: str, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    try:
        date = dt.datetime.fromisoformat(dates.text(name))
    except ValueError:
        dates.refuse_value(
            name,
            f"'{name}' must be a date in quotes, as \"2026-11-30 23:59\".",
            f'{name} 必须是带引号的日期，例如 "2026-11-30 23:59"。',
        )
    return date if date.tzinfo else date.replace(tzinfo=zone)


def _zone(document: Section) -> zoneinfo.ZoneInfo:
    name = document.text("timezone") if "timezone" in document else "UTC"
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        document.refuse_value(
            "timezone",
            f"'{name}' is no time zone; write one as Europe/Berlin.",
            f"{name} 不是时区名，请写成 Asia/Shanghai 这样。",
        )


def _late(section: Section) -> LatePolicy:
    section.allow("lose", "per", "at_most")
    unit = _UNITS.get(section.text("per"))
    if unit is None:
        section.refuse_value("per", "'per' is hour or day.", "per 只能是 hour 或 day。")
    lose, at_most = section.number("lose"), section.number("at_most", _WHOLE)
    for key, value in (("lose", lose), ("at_most", at_most)):
        if value > _WHOLE:
            section.refuse_value(key, f"'{key}' is at most 100.", f"{key} 最多为 100。")
    return LatePolicy(lose / _WHOLE, unit, at_most / _WHOLE)


def _duration(section: Section, key: str) -> dt.timedelta:
    span = span_of(section.text(key))
    if span is None:
        section.refuse_value(
            key,
            f"'{key}' must be a time, as 15m, 2h or 1d.",
            f"{key} 必须是时长，例如 15m、2h 或 1d。",
        )
    return span


def span_of(text: str) -> dt.timedelta | None:
    """How long "15m", "2h" or "1d" is; None for any other text."""
    found = _DURATION.fullmatch(text)
    return int(found[1]) * _SHORT[found[2]] if found else None
