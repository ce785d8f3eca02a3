"""What `grade book` prints on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from grader.reports.visible import one_line
from grader.text import Lang, Text

if TYPE_CHECKING:
    from grader.gradebook.book import Book, Cell
    from grader.store import Decision, Kept


def print_book(book: Book, lang: Lang) -> None:
    """Print a row for each student and a column for each exercise."""
    table = Table(box=None, pad_edge=False)
    table.add_column(Text("student", "学生")[lang])
    for column in book.columns:
        table.add_column(column.exercise.partition("_")[0], justify="right")
    for student in book.students:
        cells = (book.cells[student.id, column.exercise] for column in book.columns)
        table.add_row(escape(one_line(student.id)), *map(_points, cells))
    Console().print(table)


def print_student(
    book: Book,
    student: str,
    attempts: Sequence[Kept],
    decisions: Sequence[Decision],
    lang: Lang,
) -> None:
    """Print a student's scores, then every attempt, then every decision."""
    console = Console(width=160, highlight=False)
    for column in book.columns:
        cell = book.cells[student, column.exercise]
        lost = f" (-{cell.score.lost:.0%} {Text('late', '迟交')[lang]})" if cell.score.lost else ""
        line = f"{column.exercise}: {_points(cell)}/{column.whole:g}{lost} {cell.comment}"
        console.print(escape(one_line(line.rstrip())))
    if attempts:
        console.print(Text("Attempts:", "各次提交：")[lang])
    for each in attempts:
        when = (each.handed_in or each.found_at).isoformat(sep=" ", timespec="minutes")
        reached = "?" if each.earned is None else f"{each.earned:g}/{each.max_points:g}"
        console.print(escape(one_line(f"  {when} {each.exercise}: {reached}")))
    if decisions:
        console.print(Text("Decisions:", "人工决定：")[lang])
    for decision in decisions:
        undone = Text(" (undone)", "（已撤销）")[lang] if decision.undone_at else ""
        when = decision.decided_at.isoformat(sep=" ", timespec="minutes")
        line = (
            f"  {when} {decision.exercise} {decision.kind} {decision.value}: "
            f"{decision.reason} ({decision.author}){undone}"
        )
        console.print(escape(one_line(line)))


def _points(cell: Cell) -> str:
    return "–" if cell.score.points is None else f"{cell.score.points:g}"
