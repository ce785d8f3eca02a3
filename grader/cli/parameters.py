"""Parameters that several commands have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from grader.course import find_course
from grader.errors import GradeError


class ExerciseName(click.ParamType[str]):
    """A word that names an exercise; shells complete it from the course they are in."""

    name = "exercise"

    def shell_complete(
        self, _ctx: click.Context, _param: object, incomplete: str
    ) -> list[CompletionItem[str]]:
        """Offer the exercises whose name begins with what is there."""
        try:
            names = [ref.name for ref in find_course(Path.cwd()).exercises()]
        except (GradeError, OSError):
            return []
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]


EXERCISE = ExerciseName()
PATH = click.Path(path_type=Path)

# Of every command that looks at what a class has handed in.
SUBMISSIONS = click.argument("submissions", type=PATH)
EXERCISES = click.option(
    "--exercise",
    "exercises",
    multiple=True,
    type=EXERCISE,
    help="Only this one; may be repeated.",
)
ROSTER = click.option("--roster", type=PATH, help="A CSV of the class: id, name, email, section.")


def with_parameters(
    parameters: Sequence[Callable[[Any], Any]],
) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Give a command these arguments and options, in this order."""

    def given(command: Callable[..., int]) -> Callable[..., int]:
        for parameter in reversed(parameters):
            command = parameter(command)
        return command

    return given
