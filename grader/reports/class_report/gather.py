"""What the store holds, in the order in which the pages tell it; no report has been read yet."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from grader.batch.roster import Student
from grader.course import Course
from grader.gradebook.assemble import book_of
from grader.gradebook.book import Book, Cell
from grader.judge.secrecy import names_asked_for
from grader.store import Decision, Kept, Ledger
from grader.text import Text


class State(StrEnum):
    """What there is of one student for one exercise."""

    SCORED = "scored"
    EXCUSED = "excused"
    MISSING = "missing"
    UNGRADED = "ungraded"
    """Handed in, and no grading of it has come to its end."""


@dataclass(frozen=True)
class Tried:
    """One grading of one submission, however many runs have found it."""

    kept: Kept
    """As the newest of these runs has found it."""
    runs: tuple[int, ...]


@dataclass(frozen=True)
class Entry:
    """One student at one exercise."""

    state: State
    cell: Cell
    tried: tuple[Tried, ...]
    """In the order in which they were found."""
    shown: Tried | None
    """The one that counts; where a decision counts in its place, the last that was graded."""

    @property
    def share(self) -> float | None:
        """Of the points, 0 to 1; None for somebody who is excused."""
        points = self.cell.score.points
        if points is None:
            return None
        return points / self.cell.score.whole if self.cell.score.whole > 0 else 0.0

    @property
    def is_late(self) -> bool:
        """Whether what counts came late, or has lost points for it."""
        counts = self.shown is not None and bool(self.cell.key)
        return self.cell.score.lost > 0 or (
            counts and self.shown is not None and self.shown.kept.is_late
        )


@dataclass(frozen=True)
class Gathered:
    """A class, its exercises and everything that it has handed in."""

    title: Text
    book: Book
    """Its columns are the exercises that somebody has begun, or that a decision is about."""
    entries: Mapping[tuple[str, str], Entry]
    """By (id of the student, name of the exercise), for every cell of the book."""
    strangers: Mapping[str, Mapping[str, tuple[Tried, ...]]]
    """What was handed in for exercises that the course does not have: by student, by exercise."""
    decisions: Mapping[str, tuple[Decision, ...]]
    untouched: tuple[str, ...]
    """Exercises of the course that nobody has begun."""
    newest: dt.datetime | None
    """When the store last learned something."""
    asked_for: Mapping[str, Collection[str]]
    """The names that each exercise asks for: what a student may read of a hidden check."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nobody to tell of."""
        return not self.book.students


def gather(course: Course, ledger: Ledger) -> Gathered:
    """Read the roster, every attempt and every decision; UserError for a broken course."""
    attempts = list(ledger.attempts())
    decisions = ledger.decisions()
    book = book_of(course, ledger.students(), attempts, decisions)
    tried = _tried(attempts)
    begun = {exercise for _, exercise in tried} | {each.exercise for each in decisions}
    columns = tuple(column for column in book.columns if column.exercise in begun)
    known = {column.exercise for column in book.columns}
    strangers: dict[str, dict[str, tuple[Tried, ...]]] = {}
    for (student, exercise), found in tried.items():
        if exercise not in known:
            strangers.setdefault(student, {})[exercise] = found
    times = [each.found_at for each in attempts]
    times += [each.undone_at or each.decided_at for each in decisions]
    return Gathered(
        title=course.title(),
        book=replace(book, columns=columns),
        entries={
            (student.id, column.exercise): _entry(
                book.cells[student.id, column.exercise],
                tried.get((student.id, column.exercise), ()),
            )
            for student in book.students
            for column in columns
        },
        strangers=strangers,
        decisions=_by_student(decisions),
        untouched=tuple(each.exercise for each in book.columns if each.exercise not in begun),
        newest=max(times, default=None),
        asked_for={
            column.exercise: names_asked_for(course.resolve(column.exercise)) for column in columns
        },
    )


def full_name(student: Student) -> str:
    """What a student is called."""
    return student.name or student.id


def submissions_of(tried: Iterable[Tried]) -> tuple[int, ...]:
    """The submissions, each once, however often it was graded; in order."""
    return tuple(dict.fromkeys(each.kept.submission for each in tried))


def stranger_counts(gathered: Gathered) -> dict[str, int]:
    """How many submissions there are for each exercise that the course does not have."""
    counts: Counter[str] = Counter()
    for exercises in gathered.strangers.values():
        for exercise, tried in exercises.items():
            counts[exercise] += len(tried)
    return dict(sorted(counts.items()))


def _tried(attempts: Iterable[Kept]) -> dict[tuple[str, str], tuple[Tried, ...]]:
    found: dict[tuple[str, str], dict[tuple[int, str], Tried]] = {}
    for kept in attempts:
        own = found.setdefault((kept.student, kept.exercise), {})
        place = kept.submission, kept.key
        before = own.pop(place, None)
        own[place] = Tried(kept, (*(before.runs if before else ()), kept.run))
    return {place: tuple(own.values()) for place, own in found.items()}


def _entry(cell: Cell, tried: tuple[Tried, ...]) -> Entry:
    graded = [each for each in tried if each.kept.earned is not None]
    counting = [each for each in graded if each.kept.key == cell.key]
    candidates = counting or graded
    shown = candidates[-1] if candidates else None
    return Entry(_state(cell, tried, is_graded=bool(graded)), cell, tried, shown)


def _state(cell: Cell, tried: tuple[Tried, ...], *, is_graded: bool) -> State:
    if cell.score.points is None:
        return State.EXCUSED
    if cell.score.is_override or is_graded:
        return State.SCORED
    return State.UNGRADED if tried else State.MISSING


def _by_student(decisions: Iterable[Decision]) -> dict[str, tuple[Decision, ...]]:
    found: dict[str, list[Decision]] = {}
    for each in decisions:
        found.setdefault(each.student, []).append(each)
    return {student: tuple(own) for student, own in found.items()}
