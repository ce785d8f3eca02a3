"""`grade list`: every exercise, what it is worth and how far the student got."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from grader.cli.language import lang_option
from grader.cli.page import Page
from grader.course import Course, find_course, load_exercise, points_of
from grader.course.progress import Score, best_scores
from grader.errors import GradeError
from grader.reports.messages import number
from grader.reports.width import cell_width, pad
from grader.text import Lang, Text

_HEADINGS = (
    Text("Exercise", "练习"),
    Text("Title", "标题"),
    Text("Points", "分值"),
    Text("My best", "最高得分"),
)


@dataclass(frozen=True)
class _Row:
    name: str
    title: Text
    points: float | None
    best: Score | None

    @property
    def is_done(self) -> bool:
        return self.best is not None and self.best.earned >= self.best.max_points

    def cells(self, lang: Lang) -> tuple[str, str, str, str]:
        points = "?" if self.points is None else number(self.points)
        best = f"{number(self.best.earned)}/{number(self.best.max_points)}" if self.best else "-"
        return self.name, self.title[lang], points, best


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
    rows = list(_rows(course, troubles))
    if sys.stdout.isatty():
        _print_table(rows, lang)
    else:
        _print_plain(rows, lang)
    for trouble in troubles:
        click.echo(trouble.message[lang], err=True)


def _rows(course: Course, troubles: list[GradeError]) -> Iterator[_Row]:
    best = best_scores(course)
    for ref in course.exercises():
        try:
            title = load_exercise(ref).title
        except GradeError as error:  # one broken file must not hide the others
            troubles.append(error)
            title = Text("?", "?")
        yield _Row(ref.name, title, points_of(ref), best.get(ref.name))


def _summary(rows: Sequence[_Row], lang: Lang) -> str:
    done = sum(row.is_done for row in rows)
    return Text(
        f"{done} of {len(rows)} exercises done", f"共 {len(rows)} 个练习，已完成 {done} 个"
    )[lang]


def _print_plain(rows: Sequence[_Row], lang: Lang) -> None:
    table = [tuple(heading[lang] for heading in _HEADINGS), *(row.cells(lang) for row in rows)]
    widths = [max(cell_width(line[column]) for line in table) for column in range(len(_HEADINGS))]
    for name, title, points, best in table:
        left = f"{pad(name, widths[0])}  {pad(title, widths[1])}"
        right = " " * (widths[2] - cell_width(points)) + points
        click.echo(f"{left}  {right}  {best}")


def _print_table(rows: Sequence[_Row], lang: Lang) -> None:
    from rich import box  # noqa: PLC0415 - only a terminal needs rich
    from rich.console import Console  # noqa: PLC0415 - the same
    from rich.table import Table  # noqa: PLC0415 - the same
    from rich.text import Text as Line  # noqa: PLC0415 - the same

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading, justify in zip(_HEADINGS, ("left", "left", "right", "right"), strict=True):
        table.add_column(heading[lang], justify="right" if justify == "right" else "left")
    for row in rows:
        style = "green" if row.is_done else "yellow" if row.best else ""
        *cells, best = row.cells(lang)
        table.add_row(*map(Line, cells), Line(best, style=style))
    console = Console(highlight=False)
    console.print(table)
    console.print(Line(_summary(rows, lang), style="dim"))
