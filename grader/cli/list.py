"""`grade list`: every exercise, what it is worth and how far the student got."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from grader.cli.language import lang_option
from grader.cli.overview import Row, aligned, count_done, read_rows
from grader.cli.page import Page
from grader.course import find_course
from grader.errors import GradeError
from grader.reports.messages import number
from grader.text import Lang, Text

_HEADINGS = (
    Text("Exercise", "练习"),
    Text("Title", "标题"),
    Text("Points", "分值"),
    Text("My best", "最高得分"),
)


@click.command(
    "list",
    cls=Page,
    params=[lang_option()],
    short_help="List the exercises with their points and your best score.",
    help="List the exercises with their points and your best score.",
    usage="grade list",
    examples=[
        ("grade list", "every exercise of the course"),
        ("grade list --lang zh", "with Chinese titles"),
        ("grade list | grep loss", "plain lines when piped"),
    ],
)
def list_exercises(lang: Lang) -> None:
    """Print the table, and what is wrong with an exercise.yaml below it."""
    course = find_course(Path.cwd())
    troubles: list[GradeError] = []
    rows = list(read_rows(course, troubles))
    if sys.stdout.isatty():
        _print_table(rows, lang)
    else:
        _print_plain(rows, lang)
    for trouble in troubles:
        click.echo(trouble.message[lang], err=True)


def _cells(row: Row, lang: Lang) -> tuple[str, str, str, str]:
    points = "?" if row.points is None else number(row.points)
    best = row.progress.best
    reached = f"{number(best.earned)}/{number(best.max_points)}" if best else "-"
    return row.name, row.title[lang], points, reached


def _print_plain(rows: Sequence[Row], lang: Lang) -> None:
    table = [tuple(heading[lang] for heading in _HEADINGS), *(_cells(row, lang) for row in rows)]
    for line in aligned(table, right=[2]):
        click.echo(line)


def _print_table(rows: Sequence[Row], lang: Lang) -> None:
    from rich import box  # noqa: PLC0415 - only a terminal needs rich
    from rich.console import Console  # noqa: PLC0415 - the same
    from rich.table import Table  # noqa: PLC0415 - the same
    from rich.text import Text as Line  # noqa: PLC0415 - the same

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading, justify in zip(_HEADINGS, ("left", "left", "right", "right"), strict=True):
        table.add_column(heading[lang], justify="right" if justify == "right" else "left")
    for row in rows:
        style = "green" if row.progress.is_done else "yellow" if row.progress.best else ""
        *cells, best = _cells(row, lang)
        table.add_row(*map(Line, cells), Line(best, style=style))
    console = Console(highlight=False)
    console.print(table)
    console.print(Line(count_done(rows, lang), style="dim"))
