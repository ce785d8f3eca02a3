"""`grade status`: how far I am in the course, and what to do next."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from grader.cli.language import lang_option
from grader.cli.overview import Row, aligned, count_done, read_rows
from grader.cli.page import Page
from grader.course import find_course, public_sentences
from grader.errors import GradeError
from grader.reports.messages import number
from grader.text import Lang, Text

_ALL_DONE = Text("Everything is done. Well done!", "全部完成，做得好！")
_EMPTY = Text("The course has no exercises yet.", "课程里还没有练习。")
_BAR = 10
_LONG_BAR = 30
_HOURS_FROM = 120
"""From so many minutes on, hours are told."""


@click.command(
    "status",
    cls=Page,
    params=[lang_option()],
    short_help="Show how far you are and what to do next.",
    help="Show how far you are, how much is left, and what to do next.",
    usage="grade status",
    examples=[
        ("grade status", "my progress in the whole course"),
        ("grade status --lang zh", "in Chinese"),
    ],
)
def status(lang: Lang) -> None:
    """Print a line for each exercise, the sum of all, and the next thing to do."""
    course = find_course(Path.cwd())
    troubles: list[GradeError] = []
    rows = list(read_rows(course, troubles))
    if sys.stdout.isatty():
        _print_rich(rows, lang)
    else:
        _print_plain(rows, lang)
    for trouble in troubles:
        click.echo(trouble.message[lang], err=True)


def _share(row: Row) -> float:
    """How much of the exercise is done, 0 to 1."""
    best = row.progress.best
    if best is None or row.progress.is_done:
        return float(row.progress.is_done)
    return best.earned / best.max_points


def _state(row: Row, lang: Lang) -> str:
    best = row.progress.best
    if row.progress.is_done:
        return Text("done", "已完成")[lang]
    if best is not None:
        earned, points = number(best.earned), number(best.max_points)
        return Text(f"{earned} of {points} points", f"{earned}/{points} 分")[lang]
    if row.progress.graded_at:
        return Text("begun", "已开始")[lang]
    return Text("not begun", "未开始")[lang]


def _hints(row: Row, lang: Lang) -> str:
    used = sum(row.progress.hints.values())
    if used == 0:
        return ""
    return Text(f"{used} hint{'s' * (used > 1)} used", f"看过 {used} 条提示")[lang]


def _total(rows: Sequence[Row]) -> tuple[float, float]:
    """Return the points earned and the points there are; an exercise that cannot be read has 0."""
    scores = [row.progress.best for row in rows]
    earned = sum(best.earned for best in scores if best)
    points = [
        best.max_points if best else row.points or 0.0
        for row, best in zip(rows, scores, strict=True)
    ]
    return earned, sum(points)


def _summary(rows: Sequence[Row], lang: Lang) -> str:
    earned, points = map(number, _total(rows))
    parts = [
        Text(f"{earned} of {points} points", f"{earned}/{points} 分")[lang],
        count_done(rows, lang),
    ]
    minutes = sum(map(_minutes_left, rows))
    if minutes:
        time = _duration(minutes)[lang]
        parts.append(Text(f"about {time} left", f"大约还需 {time}")[lang])
    return Text(", ", "，")[lang].join(parts)


def _minutes_left(row: Row) -> float:
    return row.minutes * (1 - _share(row))


def _duration(minutes: float) -> Text:
    """Say roughly how long something takes."""
    if minutes >= _HOURS_FROM:
        return Text(f"{minutes / 60:.0f} hours", f"{minutes / 60:.0f} 小时")
    count = max(1, round(minutes))
    return Text(f"{count} minute{'s' * (count > 1)}", f"{count} 分钟")


def _next_row(rows: Sequence[Row]) -> Row | None:
    """Choose the exercise worked on last that is not done, otherwise the first that is not."""
    left = [row for row in rows if not row.progress.is_done]
    begun = [row for row in left if row.progress.graded_at]
    if begun:
        return max(begun, key=lambda row: row.progress.graded_at)
    return left[0] if left else None


def _next_steps(rows: Sequence[Row], lang: Lang) -> Iterator[str]:
    row = _next_row(rows)
    if row is None:
        yield (_ALL_DONE if rows else _EMPTY)[lang]
        return
    time = _duration(_minutes_left(row))[lang]
    about = Text(f", about {time}", f"，大约 {time}")[lang] if row.minutes else ""
    yield Text(f"Next: {row.name}{about}", f"接下来：{row.name}{about}")[lang]
    sentence = _first_not_passed(row)
    if sentence:
        yield "  " + Text(f"Not passed yet: {sentence.en}", f"还没通过：{sentence.zh}")[lang]
    yield "  " + _advice(row)[lang]


def _advice(row: Row) -> Text:
    """Say which command helps now."""
    if not row.progress.graded_at:
        return Text(f"Read the task: grade show {row.name}", f"先读题目：grade show {row.name}")
    if row.ref.hints.is_file():
        return Text(
            f"Grade it again: grade {row.name}. Stuck? grade hint {row.name}",
            f"再评一次：grade {row.name}。卡住了？grade hint {row.name}",
        )
    return Text(f"Grade it again: grade {row.name}", f"再评一次：grade {row.name}")


def _first_not_passed(row: Row) -> Text | None:
    """Return the sentence of the first public check that did not pass, as far as it is known."""
    if not row.progress.not_passed:
        return None
    sentences = public_sentences(row.ref)
    names = (name.partition("[")[0] for name in row.progress.not_passed)
    return next((sentences[name] for name in names if name in sentences), None)


def _print_plain(rows: Sequence[Row], lang: Lang) -> None:
    table = [
        (row.name, _bar(_share(row), _BAR), _state(row, lang), _hints(row, lang)) for row in rows
    ]
    for line in aligned(table):
        click.echo(line)
    earned, points = _total(rows)
    bar = _bar(earned / points if points else 0.0, _LONG_BAR)
    click.echo(f"\n{bar}  {_summary(rows, lang)}\n")
    for line in _next_steps(rows, lang):
        click.echo(line)


def _bar(share: float, width: int) -> str:
    """Draw a share; the bar is full only when nothing is missing."""
    full = int(share * width)
    return f"[{'#' * full}{'.' * (width - full)}]"


def _print_rich(rows: Sequence[Row], lang: Lang) -> None:
    from rich import box  # noqa: PLC0415 - only a terminal needs rich
    from rich.console import Console  # noqa: PLC0415 - the same
    from rich.progress_bar import ProgressBar  # noqa: PLC0415 - the same
    from rich.table import Table  # noqa: PLC0415 - the same
    from rich.text import Text as Line  # noqa: PLC0415 - the same

    table = Table(box=box.SIMPLE, show_header=False, pad_edge=False)
    for row in rows:
        style = "green" if row.progress.is_done else "yellow" if row.progress.graded_at else "dim"
        bar = ProgressBar(total=1, completed=_share(row), width=_BAR)
        hints = Line(_hints(row, lang), style="dim")
        table.add_row(Line(row.name), bar, Line(_state(row, lang), style=style), hints)
    earned, points = _total(rows)
    console = Console(highlight=False)
    console.print(table)
    total = Table.grid(padding=(0, 2))
    bar = ProgressBar(total=points or 1, completed=earned, width=_LONG_BAR)
    total.add_row(bar, Line(_summary(rows, lang)))
    console.print(total)
    console.print()
    first, *others = _next_steps(rows, lang)
    console.print(Line(first, style="bold"))
    for line in others:
        console.print(Line(line))
