"""The tables: rows of text, written so that they read well in a terminal and in Markdown alike."""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from pathlib import Path

from benchmarks.samples import Sample

_HEAD = ("what", "median (quartiles)", "ratio", "bound", "holds", "peak memory")


@dataclass(frozen=True)
class Row:
    """One line of a table."""

    name: str
    value: str
    ratio: str = ""
    bound: str = ""
    holds: str = ""
    memory: str = ""


@dataclass(frozen=True)
class Table:
    """Rows under a heading, with the sentence that says what they mean."""

    heading: str
    note: str
    rows: tuple[Row, ...]


def measured(name: str, sample: Sample) -> Row:
    """A row without a bound."""
    return Row(name, str(sample))


def shared(name: str, sample: Sample, whole: Sample) -> Row:
    """A row of a breakdown: its part of the whole stands as the ratio."""
    return Row(name, str(sample), f"{sample.median / whole.median:.0%}")


def compared(
    name: str,
    sample: Sample,
    base: Sample,
    *,
    bound: float | None = None,
    goal: float | None = None,
) -> Row:
    """A row whose median may be at most `bound` times that of `base`, better `goal` times."""
    ratio = sample.median / base.median
    row = Row(name, str(sample), f"{ratio:.2f} x")
    if bound is None:
        return row
    reaches_goal = None if goal is None else ratio <= goal
    return _bounded(row, bound, goal, is_kept=ratio <= bound, reaches_goal=reaches_goal)


def at_least(
    row: Row, ratio: float, *, bound: float | None = None, goal: float | None = None
) -> Row:
    """A row with a ratio that has to be `bound`, better `goal`, or more."""
    row = replace(row, ratio=f"{ratio:.3g} x")
    if bound is None:
        return row
    reaches_goal = None if goal is None else ratio >= goal
    return _bounded(row, bound, goal, is_kept=ratio >= bound, reaches_goal=reaches_goal)


def _bounded(
    row: Row, bound: float, goal: float | None, *, is_kept: bool, reaches_goal: bool | None
) -> Row:
    limits = f"{bound:g} x" if goal is None else f"{bound:g} x, goal {goal:g} x"
    holds = "yes" if is_kept else "NO"
    if is_kept and reaches_goal is not None:
        holds += ", goal too" if reaches_goal else ", goal missed"
    return replace(row, bound=limits, holds=holds)


def limited(name: str, sample: Sample, *, bound: float) -> Row:
    """A row whose median may be at most `bound`, in the unit of the sample."""
    holds = "yes" if sample.median <= bound else "NO"
    return Row(name, str(sample), "", f"{bound:g} {sample.unit}", holds)


def render(table: Table) -> str:
    """Write a table as Markdown with aligned columns, without those that are empty."""
    lines = [astuple(row) for row in table.rows]
    columns = [
        (head, *cells)
        for head, cells in zip(_HEAD, zip(*lines, strict=True), strict=True)
        if any(cells)
    ]
    widths = [max(map(len, column)) for column in columns]
    text = [
        "| " + " | ".join(map(str.ljust, line, widths)) + " |"
        for line in zip(*columns, strict=True)
    ]
    text.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join([f"### {table.heading}", "", table.note, "", *text])


def fill(page: Path, section: str, text: str) -> None:
    """Replace what stands between the two marker lines of `section` in a page.

    Raises ValueError where the page has no such lines.
    """
    begin, end = f"<!-- {section}: begin -->", f"<!-- {section}: end -->"
    old = page.read_text("utf-8")
    before, found, rest = old.partition(begin)
    _, ended, after = rest.partition(end)
    if not (found and ended):
        raise ValueError(f"{page} has no lines {begin} and {end}")
    page.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", "utf-8")
