"""What the commands of `grade book` share: their pages, the store, a student by id."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli.batch import require_packages
from grader.cli.language import lang_option
from grader.cli.page import Page
from grader.cli.stored import existing_store
from grader.course import Course, find_course
from grader.errors import UserError
from grader.text import Text

if TYPE_CHECKING:
    from grader.store import Ledger, Store


def book_command(name: str, usage: str, what: str, example: str) -> Callable[[Any], click.Command]:
    """Make a command of the group, with its page."""
    return click.command(
        name,
        cls=Page,
        params=[lang_option()],
        short_help=what,
        help=what,
        usage=f"grade book {usage}",
        examples=[(f"grade book {example}", "")],
    )


@contextmanager
def opened(url: str | None) -> Iterator[tuple[Course, Store]]:
    """Give the course and its store, which has to be there."""
    require_packages()
    from grader.store import Store  # noqa: PLC0415 - only now

    course = find_course(Path.cwd())
    with closing(Store(existing_store(course, url))) as store:
        yield course, store


def student_of(ledger: Ledger, word: str) -> str:
    """The student of that id; UserError for nobody, with whom it may mean."""
    ids = ledger.ids()
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
