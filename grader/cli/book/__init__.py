"""`grade book`: scores, what instructors decide about them, and exports."""

from __future__ import annotations

import click

from grader.cli.book.decisions import comment, excuse, extension, override, regrade, undo
from grader.cli.book.export import export
from grader.cli.book.scores import list_scores, show
from grader.cli.language import lang_option
from grader.cli.page import Page, write_commands

__all__ = ["book"]


class _Commands(Page, click.Group):
    """A page that lists the commands of a group."""

    def write_more(
        self,
        ctx: click.Context,  # noqa: ARG002  the base class's signature
        formatter: click.HelpFormatter,
    ) -> None:
        """List them."""
        write_commands(self, formatter)


book = _Commands(
    name="book",
    commands={
        command.name or "": command
        for command in (
            list_scores,
            show,
            override,
            excuse,
            extension,
            comment,
            undo,
            regrade,
            export,
        )
    },
    params=[lang_option()],
    short_help="Show, decide and export a class's scores (for instructors).",
    help="Show a class's scores, decide what the checks cannot, export to other systems.",
    usage="grade book COMMAND [OPTIONS]",
    examples=[
        ("grade book list", "everybody's scores"),
        ("grade book show anna", "one student, with every attempt and decision"),
        ('grade book override anna 7 27 --reason "oral exam"', "whatever the checks say"),
        ("grade book export canvas --out canvas.csv", "a file that Canvas imports"),
    ],
)
