"""`grade similar`: which submissions of a class are alike."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli.language import lang_option
from grader.cli.page import Page
from grader.cli.parameters import EXERCISES, PATH, ROSTER, SUBMISSIONS, with_parameters
from grader.course import find_course
from grader.text import Lang, Text

if TYPE_CHECKING:
    from grader.reports.similarity import Row

_PARAMETERS: tuple[Callable[[Any], Any], ...] = (
    SUBMISSIONS,
    EXERCISES,
    ROSTER,
    click.option("--out", type=PATH, help="Write a page for each pair into this folder."),
)


@click.command(
    "similar",
    cls=Page,
    params=[lang_option()],
    short_help="Show which submissions are alike (for instructors).",
    help="Show which submissions of a class are alike, the stub left out. Nothing of them is run.",
    usage="grade similar SUBMISSIONS [OPTIONS]",
    examples=[
        ("grade similar submissions.zip", "every exercise"),
        ("grade similar handed_in/ --exercise 7 --out alike/", "one, with pages to look at"),
    ],
)
@with_parameters(_PARAMETERS)
def similar(
    submissions: Path,
    exercises: tuple[str, ...],
    roster: Path | None,
    out: Path | None,
    lang: Lang,
) -> int:
    """Print the pairs that are alike, the most alike of each exercise first."""
    from rich.console import Console  # noqa: PLC0415 - only now

    from grader.cli.handed_in import look_at  # noqa: PLC0415 - the same
    from grader.reports.class_run import print_handed_in  # noqa: PLC0415 - the same
    from grader.reports.similarity import People, print_rows, remarks, rows  # noqa: PLC0415 - the same
    from grader.reports.similarity_pages import Pages  # noqa: PLC0415 - the same
    from grader.similarity.exercise import compare  # noqa: PLC0415 - the same

    course = find_course(Path.cwd())
    refs = [course.resolve(word) for word in exercises] or course.exercises()
    handed = look_at(submissions, course, refs, roster)
    people = People({student.id: student.name for student in handed.students})
    pages = Pages(out, people, lang) if out else None
    console = Console(width=None if sys.stdout.isatty() else 160)
    print_handed_in(handed, console, lang)
    names = [ref.name for ref in course.exercises()]
    ref_of = {ref.name: ref for ref in refs}
    found: list[Row] = []
    said: list[str] = []
    for exercise, group in groupby(handed.found, key=lambda each: each.exercise):
        compared = compare(ref_of[exercise], list(group), names)
        said.extend(remarks(compared, people, lang))
        for number, row in enumerate(rows(compared), 1):
            found.append(row)
            if pages:
                pages.write(row, number)
    if not handed.found:
        said.append(Text("There is nothing to compare.", "没有可比较的作业。")[lang])
    for line in said:
        console.print(line, soft_wrap=True, highlight=False, markup=False)
    if found:
        print_rows(found, people, console, lang)
    if pages:
        pages.close(said)
    return 0
