"""The store of a class, for commands that need one that is there."""

from __future__ import annotations

from pathlib import Path

import click

from grader.course import Course
from grader.errors import UserError
from grader.text import Text

STORE = click.option(
    "--store", "url", metavar="PATH|URL", help="Where results are. Default: class.db in the course."
)


def default_store(course: Course) -> str:
    """Where a class run keeps its results unless it is told."""
    return str(course.root / "class.db")


def existing_store(course: Course, url: str | None) -> str:
    """The path or address of a store that is there; UserError for a path where nothing is."""
    path = url or default_store(course)
    if "://" not in path and not Path(path).exists():
        raise UserError(
            Text(f"There is no store {path}.", f"找不到存储 {path}。"),
            Text("`grade batch SUBMISSIONS` makes it.", "`grade batch 作业` 会创建它。"),
        )
    return path
