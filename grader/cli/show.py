"""`grade show`: the task of an exercise."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from grader.cli.language import lang_option
from grader.cli.page import Page
from grader.cli.parameters import EXERCISE
from grader.course import ExerciseRef, find_course
from grader.errors import UserError
from grader.text import LANGS, Lang, Text


@click.command(
    "show",
    cls=Page,
    params=[click.Argument(["exercise"], type=EXERCISE), lang_option()],
    short_help="Read the task of an exercise.",
    help="Read the task of an exercise; piped, it is plain Markdown.",
    usage="grade show EXERCISE",
    examples=[
        ("grade show ex07_conv", "read the task"),
        ("grade show 7 --lang zh", "read it in Chinese"),
        ("grade show 7 > task.md", "keep it as Markdown"),
    ],
)
def show(exercise: str, lang: Lang) -> None:
    """Print README.md or README.zh.md."""
    task = _task(find_course(Path.cwd()).resolve(exercise), lang)
    if not sys.stdout.isatty():
        click.echo(task, nl=False)
        return
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs rich
    from rich.markdown import Markdown  # noqa: PLC0415 - the same

    console = Console()
    console.print(Markdown(task), width=min(console.width, 96))


def _task(ref: ExerciseRef, lang: Lang) -> str:
    """Read the task in `lang`, or in the other language where there is no translation."""
    for candidate in sorted(LANGS, key=lambda each: each != lang):
        path = ref.readme(candidate)
        if path.is_file():
            return path.read_text(encoding="utf-8", errors="replace")
    raise UserError(
        Text(f"{ref.name} has no {ref.readme(lang).name}.", f"{ref.name} 没有说明文件。"),
        next_step=Text("Fetch the course again.", "请重新下载课程。"),
    )
