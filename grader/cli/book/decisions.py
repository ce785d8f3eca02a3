"""`grade book override`, `excuse`, `extension`, `comment`, `undo` and `regrade`."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Any

import click

from grader.cli.book.common import book_command, opened, student_of
from grader.cli.parameters import EXERCISE
from grader.cli.stored import STORE
from grader.errors import UserError
from grader.text import Lang, Text

if TYPE_CHECKING:
    from grader.store import Kind

_AUTHOR = click.option("--author", metavar="NAME", help="Who decides. Default: your login.")
_REASON = click.option("--reason", required=True, metavar="TEXT", help="Why; kept with it.")


@book_command(
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
@STORE
def override(points: float, **words: Any) -> None:
    """Keep the points."""
    from grader.store import Kind  # noqa: PLC0415 - only now

    _decide(Kind.OVERRIDE, f"{points:g}", **words)


@book_command(
    "excuse",
    "excuse STUDENT EXERCISE --reason TEXT",
    "Excuse a student: the exercise counts neither for nor against.",
    'excuse anna 7 --reason "ill"',
)
@click.argument("student")
@click.argument("exercise", type=EXERCISE)
@_REASON
@_AUTHOR
@STORE
def excuse(**words: Any) -> None:
    """Keep that it is excused."""
    from grader.store import Kind  # noqa: PLC0415 - only now

    _decide(Kind.EXCUSE, "yes", **words)


@book_command(
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
@STORE
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


@book_command(
    "comment",
    "comment STUDENT EXERCISE TEXT",
    "Write a comment that the student reads.",
    'comment anna 7 "Well done!"',
)
@click.argument("student")
@click.argument("exercise", type=EXERCISE)
@click.argument("text")
@_AUTHOR
@STORE
def comment(text: str, **words: Any) -> None:
    """Keep the comment."""
    from grader.store import Kind  # noqa: PLC0415 - only now

    _decide(Kind.COMMENT, text, reason="", **words)


@book_command(
    "undo",
    "undo STUDENT EXERCISE KIND",
    "Undo the newest override, excuse, extension or comment.",
    "undo anna 7 override",
)
@click.argument("student")
@click.argument("exercise", type=EXERCISE)
@click.argument("kind", type=click.Choice(["override", "excuse", "extension", "comment"]))
@STORE
def undo(student: str, exercise: str, kind: str, url: str | None, lang: Lang) -> None:
    """What was decided before counts again."""
    from grader.store import Kind  # noqa: PLC0415 - only now

    with opened(url) as (course, store):
        name = course.resolve(exercise).name
        known = student_of(store.ledger, student)
        if not store.ledger.undo(known, name, Kind(kind)):
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


@book_command(
    "regrade",
    "regrade STUDENT EXERCISE",
    "Have the next class run grade a student's attempts anew; until then the old results count.",
    "regrade anna 7",
)
@click.argument("student")
@click.argument("exercise", type=EXERCISE)
@STORE
def regrade(student: str, exercise: str, url: str | None, lang: Lang) -> None:
    """Mark them."""
    with opened(url) as (course, store):
        name = course.resolve(exercise).name
        known = student_of(store.ledger, student)
        keys = {
            each.key
            for each in store.ledger.attempts()
            if (each.student, each.exercise) == (known, name)
        }
        store.reopen(keys)
    if not keys:
        raise UserError(
            Text(f"{known} has handed in nothing for {name}.", f"{known} 没有交过 {name}。"),
            Text(
                f"`grade book show {known}` says what there is.",
                f"`grade book show {known}` 可查看已有的作业。",
            ),
        )
    said = Text(
        f"Marked: the next `grade batch` that finds them grades {len(keys)} anew.",
        f"已标记 {len(keys)} 份：下次 `grade batch` 找到它们时会重新评分。",
    )
    click.echo(said[lang])


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
    from grader.gradebook.assemble import read_book  # noqa: PLC0415 - only now

    with opened(url) as (course, store):
        name = course.resolve(exercise).name
        known = student_of(store.ledger, student)
        by = author or getpass.getuser()
        store.ledger.decide(known, name, kind, value, reason=reason, author=by)
        cell = read_book(course, store.ledger).cells[known, name]
    points = "–" if cell.score.points is None else f"{cell.score.points:g}"
    said = Text(
        f"{known} has {points} of {cell.score.whole:g} for {name} now.",
        f"{known} 的 {name} 现在是 {points} 分（满分 {cell.score.whole:g}）。",
    )
    click.echo(said[lang])
