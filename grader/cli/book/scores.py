"""`grade book list` and `show`: everybody's scores, and one student's with all that led to them."""

from __future__ import annotations

import sys

import click

from grader.cli.book.common import book_command, opened, student_of
from grader.cli.stored import STORE
from grader.text import Lang


@book_command("list", "list [OPTIONS]", "List everybody's scores.", "list")
@STORE
def list_scores(url: str | None, lang: Lang) -> None:
    """Print a row for each student; on a pipe, CSV."""
    from grader.gradebook.assemble import read_book  # noqa: PLC0415 - only now
    from grader.gradebook.exports import book_csv  # noqa: PLC0415 - the same
    from grader.reports.gradebook import print_book  # noqa: PLC0415 - the same

    with opened(url) as (course, store):
        found = read_book(course, store.ledger)
    if sys.stdout.isatty():
        print_book(found, lang)
    else:
        click.echo(book_csv(found), nl=False)


@book_command(
    "show", "show STUDENT", "Show one student's scores, attempts and decisions.", "show anna"
)
@click.argument("student")
@STORE
def show(student: str, url: str | None, lang: Lang) -> None:
    """Print all that the store knows of a student."""
    from grader.gradebook.assemble import read_book  # noqa: PLC0415 - only now
    from grader.reports.gradebook import print_student  # noqa: PLC0415 - the same

    with opened(url) as (course, store):
        ledger = store.ledger
        known = student_of(ledger, student)
        attempts = [each for each in ledger.attempts() if each.student == known]
        found = read_book(course, ledger)
        print_student(found, known, attempts, ledger.decisions(known), lang)
