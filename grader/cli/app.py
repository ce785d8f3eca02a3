"""The command line as a whole: which commands there are, and that grading needs no command."""

from __future__ import annotations

from typing import Any

import click
from click.shell_completion import CompletionItem

from grader import __version__
from grader.cli.batch import batch
from grader.cli.book import book
from grader.cli.completion import completion
from grader.cli.doctor import doctor
from grader.cli.grade import grade
from grader.cli.hint import hint
from grader.cli.language import lang_option
from grader.cli.list import list_exercises
from grader.cli.new import new
from grader.cli.page import Page, write_commands, write_options
from grader.cli.parameters import EXERCISE
from grader.cli.report import report
from grader.cli.show import show
from grader.cli.similar import similar
from grader.cli.status import status
from grader.cli.verify import verify
from grader.cli.watch import watch


class App(Page, click.Group):
    """A group whose command is left out to grade an exercise: `grade ex07_conv`."""

    def __init__(self, *, default: click.Command, **settings: Any) -> None:
        """Take the command that runs when the first word is no command."""
        super().__init__(**settings)
        self._default = default

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the first word names; any other word is an exercise."""
        if args[0] in self.commands:
            return super().resolve_command(ctx, args)
        return "", self._default, args

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """Offer exercises as well as commands."""
        exercises = EXERCISE.shell_complete(ctx, self, incomplete)
        return [*super().shell_complete(ctx, incomplete), *exercises]

    def write_more(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands, and the options of grading before those of every command."""
        write_commands(self, formatter)
        write_options("Options for grading", self._default, ctx, formatter)


def _print_version(ctx: click.Context, _param: click.Parameter, is_asked: bool) -> None:  # noqa: FBT001 - click's signature
    if is_asked and not ctx.resilient_parsing:
        click.echo(f"grade {__version__}")
        ctx.exit()


app = App(
    name="grade",
    default=grade,
    commands={
        command.name or "": command
        for command in (
            list_exercises,
            show,
            watch,
            hint,
            status,
            new,
            verify,
            batch,
            book,
            similar,
            report,
            doctor,
            completion,
        )
    },
    params=[
        lang_option(),
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_print_version,
            help="Show the version and exit.",
        ),
    ],
    help="Grade PyTorch exercises: what is right, what is wrong, and why.",
    usage="grade EXERCISE [PATH]  |  grade COMMAND",
    examples=[
        ("grade ex07_conv", "grade your own exercises/ex07_conv/ex07_conv.py"),
        ("grade 7", "the same; a number or part of the name is enough"),
        ("grade 7 ~/conv.ipynb", "grade another file: .py, notebook, folder or zip"),
        ("grade 7 -k gradient", "run only the checks with gradient in their name"),
        ("grade 7 --report out.html", "save the report as well"),
        ("grade show 7", "read the task"),
        ("grade hint 7", "get a hint for what did not pass"),
    ],
    # An option in front of the exercise belongs to grading: grade --device cpu ex07_conv
    context_settings={"help_option_names": ["-h", "--help"], "ignore_unknown_options": True},
    no_args_is_help=True,
)
