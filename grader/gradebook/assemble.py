"""From what the store holds to the grade book."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from grader.batch.roster import Student
from grader.course import Course, ExerciseRef, load_exercise, points_of
from grader.errors import UserError
from grader.gradebook.book import Book, Cell, Column
from grader.gradebook.policy import Policy, read_policy
from grader.gradebook.score import Attempt, Decisions, score
from grader.store import Decision, Kept, Kind, Ledger
from grader.text import Text


def read_book(course: Course, ledger: Ledger) -> Book:
    """The book of what the store holds, as `book_of` makes it."""
    return book_of(course, ledger.students(), ledger.attempts(), ledger.decisions())


def book_of(
    course: Course,
    students: Iterable[Student],
    kept_attempts: Iterable[Kept],
    decisions: Iterable[Decision],
) -> Book:
    """Everybody of the roster or with a submission, for every exercise of the course.

    UserError for a course.yaml or a check file that cannot be read.
    """
    policy = read_policy(course)
    columns = tuple(_column(ref, policy) for ref in course.exercises())
    attempts: dict[tuple[str, str], dict[int, Kept]] = {}
    known = {student.id: student for student in students}
    for kept in kept_attempts:  # in the order of runs: of each submission the newest stays
        known.setdefault(kept.student, Student(kept.student))
        own = attempts.setdefault((kept.student, kept.exercise), {})
        own.pop(kept.submission, None)
        own[kept.submission] = kept
    decided: dict[tuple[str, str], list[Decision]] = {}
    for each in decisions:
        decided.setdefault((each.student, each.exercise), []).append(each)
    cells = {}
    for student in known:
        for column in columns:
            place = student, column.exercise
            cells[place] = _cell(
                column, policy, attempts.get(place, {}).values(), decided.get(place, ())
            )
    return Book(tuple(known[key] for key in sorted(known)), columns, cells)


def _column(ref: ExerciseRef, policy: Policy) -> Column:
    whole = points_of(ref)
    if whole is None:
        raise UserError(
            Text(
                f"What {ref.name} is worth cannot be read from its checks.",
                f"无法从 {ref.name} 的检查文件读出分值。",
            ),
            Text(f"`grade verify {ref.name}` says why.", f"`grade verify {ref.name}` 会说明原因。"),
        )
    return Column(ref.name, load_exercise(ref).title, whole, policy.due.get(ref.name))


def _cell(
    column: Column, policy: Policy, kept: Iterable[Kept], decided: Sequence[Decision]
) -> Cell:
    graded = [each for each in kept if each.earned is not None]
    attempts = [
        Attempt(each.earned or 0.0, each.max_points or 0.0, each.handed_in, each.is_late)
        for each in graded
    ]
    said = {each.kind: each.value for each in decided if each.undone_at is None}
    decisions = Decisions(
        override=float(said[Kind.OVERRIDE]) if Kind.OVERRIDE in said else None,
        is_excused=Kind.EXCUSE in said,
        extension=dt.timedelta(seconds=float(said.get(Kind.EXTENSION, 0))),
    )
    found = score(attempts, column.whole, policy, column.due, decisions)
    comment = said.get(Kind.COMMENT, "")
    if found.counted is None:
        return Cell(found, comment=comment)
    counted = attempts[found.counted]
    share = counted.earned / counted.max_points if counted.max_points else 0.0
    key = graded[found.counted].key
    return Cell(found, share * column.whole, counted.handed_in, comment, key)
