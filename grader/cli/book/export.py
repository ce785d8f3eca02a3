"""`grade book export`: the scores for another system."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.book.common import book_command, opened
from grader.cli.parameters import EXERCISE
from grader.cli.stored import STORE
from grader.errors import UserError
from grader.text import Lang, Text

if TYPE_CHECKING:
    from grader.gradebook.book import Book

_FORMATS = ("csv", "json", "canvas", "moodle", "worksheet", "nbgrader")


@book_command(
    "export",
    "export FORMAT [--out FILE]",
    "Write the scores for another system: csv, json, canvas, moodle, worksheet, nbgrader.",
    "export canvas --out canvas.csv",
)
@click.argument("form", metavar="FORMAT", type=click.Choice(_FORMATS))
@click.option(
    "--out", type=click.Path(path_type=Path), help="The file to write. Default: print it."
)
@click.option(
    "--worksheet",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Moodle's grading worksheet, as downloaded.",
)
@click.option("--exercise", type=EXERCISE, help="The exercise that the worksheet is for.")
@click.option(
    "--dry-run", is_flag=True, help="Show what would change in the file, and write nothing."
)
@STORE
def export(
    form: str,
    *,
    out: Path | None,
    worksheet: Path | None,
    exercise: str | None,
    url: str | None,
    lang: Lang,
    dry_run: bool,
) -> None:
    """Print or write it."""
    from grader.gradebook.assemble import read_book  # noqa: PLC0415 - only now

    with opened(url) as (course, store):
        found = read_book(course, store.ledger)
        name = course.resolve(exercise).name if exercise else None
    text = _exported(form, found, worksheet, name, lang)
    if dry_run:
        before = out.read_text("utf-8-sig") if out and out.exists() else ""
        for line in difflib.unified_diff(
            before.splitlines(), text.splitlines(), "now", "then", n=0
        ):
            click.echo(line.rstrip("\n"))
    elif out:
        out.write_bytes(text.encode())
    else:
        click.echo(text, nl=False)


def _exported(
    form: str, found: Book, worksheet: Path | None, exercise: str | None, lang: Lang
) -> str:
    from grader.gradebook import exports  # noqa: PLC0415 - only now

    if form != "worksheet":
        write = {
            "csv": exports.book_csv,
            "json": exports.book_json,
            "canvas": exports.canvas_csv,
            "moodle": exports.moodle_csv,
            "nbgrader": exports.nbgrader_csv,
        }[form]
        return write(found)
    if worksheet is None or exercise is None:
        raise UserError(
            Text(
                "A worksheet needs --worksheet FILE and --exercise NAME.",
                "worksheet 需要 --worksheet 文件 和 --exercise 练习名。",
            ),
            Text(
                "Download it in Moodle: Grading action, Download grading worksheet.",
                "请在 Moodle 中下载：评分操作 → 下载评分表。",
            ),
        )
    text, unknown = exports.filled_worksheet(worksheet.read_text("utf-8-sig"), found, exercise)
    for who in unknown:
        said = Text(f"not in the grade book: {who}", f"成绩册里没有：{who}")
        click.echo(said[lang], err=True)
    return text
