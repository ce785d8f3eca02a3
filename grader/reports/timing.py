"""What is told of a timed task: its figures in words, its runs as bars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from grader.judge.results import Timing
from grader.reports.messages import label
from grader.text import Lang

_BARS = "▁▂▃▄▅▆▇█"
_MEBI = 1 << 20
_LEAST_PART = 0.02
"""Of the whole: parts below are not told."""


@dataclass(frozen=True)
class Series:
    """Numbers in order, to be drawn."""

    name: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class TimingView:
    """A timed task in one language."""

    lines: tuple[str, ...]
    """Its figures, one sentence each."""
    bars: tuple[tuple[str, str], ...]
    """Names and bars, of the submission and of the reference: one sign for each run."""
    repeats: tuple[Series, ...]
    """The same in seconds, for a drawing."""
    losses: tuple[Series, ...]


def timing_view(timing: Timing, lang: Lang) -> TimingView:
    """The view of what came of a timed task."""
    mine = tuple(each.seconds for each in timing.repeats)
    theirs = tuple(each.reference for each in timing.repeats)
    names = label("your_time", lang), label("reference_time", lang)
    return TimingView(
        lines=tuple(_lines(timing, lang)),
        bars=tuple(zip(names, _bars(mine, theirs), strict=True)),
        repeats=tuple(Series(name, each) for name, each in zip(names, (mine, theirs), strict=True)),
        losses=tuple(Series(name, each) for name, each in timing.losses.items() if each),
    )


def _lines(timing: Timing, lang: Lang) -> Iterator[str]:
    numbers = {"value": timing.value, "low": timing.low, "high": timing.high}
    yield label(f"timing_{timing.kind}", lang, **{key: f"{n:.3g}" for key, n in numbers.items()})
    for limit, share in timing.limits:
        key = f"limit_{timing.kind}"
        yield label(key, lang, limit=f"{limit:.3g}", percent=f"{100 * share:.3g}")
    yield label("list", lang).join(_facts(timing, lang))
    if parts := [*_parts(timing.parts, lang)]:
        yield label("time_goes", lang, parts=label("list", lang).join(parts))
    if timing.is_implausible:
        yield label("implausible", lang)


def _facts(timing: Timing, lang: Lang) -> Iterator[str]:
    yield label("timed_on", lang, device=timing.device)
    if timing.samples_per_second:
        yield label("throughput", lang, number=f"{timing.samples_per_second:,.0f}")
    if timing.peak_bytes:
        yield label("peak_memory", lang, number=f"{timing.peak_bytes / _MEBI:.0f}")


def _parts(parts: Mapping[str, float], lang: Lang) -> Iterator[str]:
    whole = parts.get("total", 0.0)
    for part in ("loading", "forward", "backward", "step"):
        share = parts.get(part, 0.0) / whole if whole > 0 else 0.0
        if _LEAST_PART < share <= 1:
            yield label(f"part_{part}", lang, percent=f"{100 * share:.0f}")


def _bars(*series: tuple[float, ...]) -> tuple[str, ...]:
    """A sign for each number, as high as it is against the largest of all."""
    largest = max(map(max, series))
    last = len(_BARS) - 1
    return tuple("".join(_BARS[round(last * value / largest)] for value in each) for each in series)
