"""The pictures. Numbers and names of exercises only: whatever else is said stands in the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from grader.reports.class_report.svg import GRID, INK, MAIN, SOFT, WARN
from grader.reports.class_report.timings import TimedCheck

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SIZE = 9
"""Of all text, in the units of the picture; `.plot text` in class.css is the same."""
_BIN = 5
"""Per cent of the points in one bar."""


def histogram(percents: Sequence[float]) -> Figure:
    """How many students have how many per cent of the points."""
    figure, axes = _axes(7.2, 2.2)
    counts = [0] * (100 // _BIN)
    for each in percents:
        counts[min(int(each // _BIN), len(counts) - 1)] += 1
    starts = [index * _BIN + _BIN / 2 for index in range(len(counts))]
    axes.bar(starts, counts, width=_BIN * 0.9, color=MAIN)
    axes.set_xlim(0, 100)
    axes.set_xticks(range(0, 101, 10))
    axes.locator_params(axis="y", integer=True)
    axes.grid(visible=True, axis="y", color=GRID, linewidth=0.8)
    return figure


def boxes(groups: Sequence[tuple[str, Sequence[float]]]) -> Figure:
    """The quartiles of each exercise's per cents, the whiskers from the 5th to the 95th of 100."""
    figure, axes = _axes(7.2, 0.45 + 0.2 * len(groups))
    line = {"color": INK, "linewidth": 0.9}
    axes.boxplot(
        [list(values) for _, values in groups],
        orientation="horizontal",
        tick_labels=[name for name, _ in groups],
        whis=(5, 95),
        widths=0.62,
        showfliers=False,
        patch_artist=True,
        boxprops={"facecolor": MAIN, "edgecolor": INK, "linewidth": 0.9},
        whiskerprops=line,
        capprops=line,
        medianprops={"color": INK, "linewidth": 2.2},
    )
    axes.invert_yaxis()
    axes.set_xlim(-1, 101)
    axes.set_xticks(range(0, 101, 10))
    axes.grid(visible=True, axis="x", color=GRID, linewidth=0.8)
    return figure


def intervals(timed: TimedCheck) -> Figure:
    """Each student's figure with its interval, the fastest on top; the limits as lines."""
    height = min(6.0, 0.7 + 0.12 * len(timed.figures))
    figure, axes = _axes(7.2, height)
    rows = range(len(timed.figures))
    timings = [each.timing for each in timed.figures]
    for is_odd, colour in ((False, MAIN), (True, WARN)):
        chosen = [row for row in rows if timings[row].is_implausible is is_odd]
        if not chosen:
            continue
        lows, highs = ([getattr(timings[row], end) for row in chosen] for end in ("low", "high"))
        axes.hlines(chosen, lows, highs, color=colour, linewidth=1.4)
        marker = "D" if is_odd else "o"
        values = [timings[row].value for row in chosen]
        axes.plot(values, chosen, marker, color=colour, markersize=3.2, linestyle="none")
    for limit, _ in timed.limits:
        axes.axvline(limit, color=INK, linewidth=1, linestyle=(0, (4, 3)))
    axes.invert_yaxis()
    axes.set_yticks([])
    if timed.kind == "ratio":
        axes.set_xscale("log")
        _plain_log(axes)
    axes.grid(visible=True, axis="x", which="both", color=GRID, linewidth=0.8)
    return figure


def _plain_log(axes: Axes) -> None:
    """Ticks as 0.5, 1, 2, 5 instead of powers of ten."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter  # noqa: PLC0415 - late

    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())


def _axes(width: float, height: float) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure as Drawn  # noqa: PLC0415 - half a second

    figure = Drawn(figsize=(width, height))
    # Margins in inches for labels of that size: to fit them, matplotlib would draw all of it twice.
    left, right, bottom, top = 0.45, 0.15, 0.25, 0.08
    inner = (width - left - right) / width, (height - bottom - top) / height
    axes = figure.add_axes((left / width, bottom / height, *inner))
    axes.set_axisbelow(True)
    for name, spine in axes.spines.items():
        spine.set_visible(name == "bottom")
        spine.set_color(SOFT)
    axes.tick_params(colors=SOFT, labelsize=_SIZE, length=0)
    return figure, axes
