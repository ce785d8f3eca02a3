"""`grade book`: scores, what instructors decide about them, and exports."""

from __future__ import annotations

import difflib
import getpass
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli.batch import require_packages
from grader.cli.language import lang_option
from grader.cli.page import Page, write_commands
from grader.cli.parameters import EXERCISE
from grader.course import Course, find_course
from grader.errors import UserError
from grader.text import Lang, Text

if TYPE_CHECKING:
    from grader.gradebook.book import Book
    from grader.store import Kind, Ledger

_FORMATS = ("csv", "json", "canvas", "moodle", "worksheet", "nbgrader")
_STORE = click.option(
    "--store", "url", metavar="PATH|URL", help="Where results are. Default: class.db in the course."
)
_AUTHOR = click.option("--author", metavar="NAME", help="Who decides. Default: your login.")
_REASON = click.option("--reason", required=True, metavar="TEXT", help="Why; kept with it.")


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


def _command(name: str, usage: str, what: str, example: str) -> Callable[[Any], click.Command]:
    """Make a command of the group, with its page."""

    def made(function: Callable[..., int | None]) -> click.Command:
        command = click.command(
            name,
            cls=Page,
            params=[lang_option()],
            short_help=what,
            help=what,
            usage=f"grade book {usage}",
            examples=[(f"grade book {example}", "")],
        )(function)
        book.add_command(command)
        return command

    return made


@_command("list", "list [OPTIONS]", "List everybody's scores.", "list")
@_STORE
def list_scores(url: str | None, lang: Lang) -> None:
    """Print a row for each student; on a pipe, CSV."""
    from grader.gradebook.exports import book_csv  # noqa: PLC0415 - only now
    from grader.reports.gradebook import print_book  # noqa: PLC0415 - the same

    with _opened(url) as (course, ledger):
        found = _book(course, ledger)
    if sys.stdout.isatty():
        print_book(found, lang)
    else:
        click.echo(book_csv(found), nl=False)


@_command("show", "show STUDENT", "Show one student's scores, attempts and decisions.", "show anna")
@click.argument("student")
@_STORE
def show(student: str, url: str | None, lang: Lang) -> None:
    """Print all that the store knows of a student."""
    from grader.reports.gradebook import print_student  # noqa: PLC0415 - only now

    with _opened(url) as (course, ledger):
        found = _book(course, ledger)
        known = _student(found, student)
        attempts = [each for each in ledger.attempts() if each.student == known]
        print_student(found, known, attempts, ledger.decisions(known), lang)


@_command(
    "override",
    "override STUDENT EXERCISE POINTS --reason TEXT",
    "Give points, whatever the checks say; regrading does not change them.",
    'override anna 7 27 --reason "oral exam"',
)
@click.argument("student")
@click.argument("exercise", type=EXERCISE)
@click.argument("points", type=click.FloatRange(0))
@_REASON
@_AUTHOR
@_STORE
def override(points: float, **words: Any) -> None:
    """Keep the points."""
    from grader.store import Kind  # noqa: PLC0415 - only now

    _decide(Kind.OVERRIDE, f"{points:g}", **words)


@_command(
    "excuse",
    "excuse STUDENT EXERCISE --reason TEXT",
    "Excuse a student: the exercise counts neither for nor against.",
    'excuse anna 7 --reason "ill"',
)
@click.argument("student")
@click.argument("exercise", type=EXERCISE)
@_REASON
@_AUTHOR
@_STORE
def excuse(**words: Any) -> None:
    """Keep that it is excused."""
    from grader.store import Kind  # noqa: PLC0415 - only now

    _decide(Kind.EXCUSE, "yes", **words)


@_command(
    "extension",
    "extension STUDENT EXERCISE TIME --reason TEXT",
    "Give more time: 12h or 3d after the due date.",
    'extension anna 7 3d --reason "ill"',
)
@click.argument("student")
@click.argument("exercise", type=EXERCISE)
@click.argument("time")
@_REASON
@_AUTHOR
@_STORE
def extension(time: str, **words: Any) -> None:
    """Keep how much later it is due."""
    from grader.gradebook import span_of  # noqa: PLC0415 - only now
    from grader.store import Kind  # noqa: PLC0415 - the same

    span = span_of(time)
    if span is None:
        raise UserError(
            Text(f"{time!r:.40} is no time.", f"{time!r:.40} 不是时长。"),
            Text("Write for instance 12h or 3d.", "请写成 12h 或 3d 这样。"),
        )
    _decide(Kind.EXTENSION, f"{span.total_seconds():.0f}", **words)


@_command(
    "comment",
    "comment STUDENT EXERCISE TEXT",
    "Write a comment that the student reads.",
    'comment anna 7 "Well done!"',
)
@click.argument("student")
@click.argument("exercise", type=EXERCISE)
@click.argument("text")
@_AUTHOR
@_STORE
def comment(text: str, **words: Any) -> None:
    """Keep the comment."""
    from grader.store import Kind  # noqa: PLC0415 - only now

    _decide(Kind.COMMENT, text, reason="", **words)


@_command(
    "undo",
    "undo STUDENT EXERCISE KIND",
    "Undo the newest override, excuse, extension or comment.",
    "undo anna 7 override",
)
@click.argument("student")
@click.argument("exercise", type=EXERCISE)
@click.argument("kind", type=click.Choice(["override", "excuse", "extension", "comment"]))
@_STORE
def undo(student: str, exercise: str, kind: str, url: str | None, lang: Lang) -> None:
    """What was decided before counts again."""
    from grader.store import Kind  # noqa: PLC0415 - only now

    with _opened(url) as (course, ledger):
        name = course.resolve(exercise).name
        known = _student(_book(course, ledger), student)
        if not ledger.undo(known, name, Kind(kind)):
            raise UserError(
                Text(
                    f"There is no {kind} of {known} for {name} to undo.",
                    f"{known} 的 {name} 没有可以撤销的 {kind}。",
                ),
                Text(
                    f"`grade book show {known}` has them all.",
                    f"`grade book show {known}` 可查看全部。",
                ),
            )
    click.echo(Text("Undone.", "已撤销。")[lang])


@_command(
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
@_STORE
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
    with _opened(url) as (course, ledger):
        found = _book(course, ledger)
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


@contextmanager
def _opened(url: str | None) -> Iterator[tuple[Course, Ledger]]:
    require_packages()
    from grader.store import Store  # noqa: PLC0415 - only now

    course = find_course(Path.cwd())
    path = url or str(course.root / "class.db")
    if "://" not in path and not Path(path).exists():
        raise UserError(
            Text(f"There is no store {path}.", f"找不到存储 {path}。"),
            Text("`grade batch SUBMISSIONS` makes it.", "`grade batch 作业` 会创建它。"),
        )
    with closing(Store(path)) as store:
        yield course, store.ledger


def _book(course: Course, ledger: Ledger) -> Book:
    from grader.gradebook.assemble import read_book  # noqa: PLC0415 - only now

    return read_book(course, ledger)


def _student(found: Book, word: str) -> str:
    ids = [student.id for student in found.students]
    if word in ids:
        return word
    near = difflib.get_close_matches(word, ids, n=3)
    guess = (
        Text(f" Is it {', '.join(near)}?", f"是不是 {'、'.join(near)}？") if near else Text("", "")
    )
    raise UserError(
        Text(f"There is no student {word!r:.60}.{guess.en}", f"没有学生 {word!r:.60}。{guess.zh}"),
        Text("`grade book list` has them all.", "`grade book list` 列出全部学生。"),
    )


def _decide(
    kind: Kind,
    value: str,
    *,
    student: str,
    exercise: str,
    reason: str,
    author: str | None,
    url: str | None,
    lang: Lang,
) -> None:
    with _opened(url) as (course, ledger):
        name = course.resolve(exercise).name
        known = _student(_book(course, ledger), student)
        by = author or getpass.getuser()
        ledger.decide(known, name, kind, value, reason=reason, author=by)
        cell = _book(course, ledger).cells[known, name]
    points = "–" if cell.score.points is None else f"{cell.score.points:g}"
    said = Text(
        f"{known} has {points} of {cell.score.whole:g} for {name} now.",
        f"{known} 的 {name} 现在是 {points} 分（满分 {cell.score.whole:g}）。",
    )
    click.echo(said[lang])
