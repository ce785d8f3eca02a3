"""What instructors keep beside the results: the roster, their decisions, every attempt.

Nothing is ever deleted: a decision that is undone says so, and the history stays.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from grader.batch.roster import Student
from grader.store import schema
from grader.store.database import Database, now


class Kind(StrEnum):
    """What can be decided about a student and an exercise."""

    OVERRIDE = "override"
    """The points, whatever the attempts say."""
    EXCUSE = "excuse"
    EXTENSION = "extension"
    """So many seconds later than the due date."""
    COMMENT = "comment"
    """For the student to read."""


@dataclass(frozen=True)
class Decision:
    """One decision, with who made it and why."""

    id: int
    student: str
    exercise: str
    kind: Kind
    value: str
    reason: str
    author: str
    decided_at: dt.datetime
    undone_at: dt.datetime | None


@dataclass(frozen=True)
class Kept:
    """One attempt: a submission, found by a run, with what its report comes to."""

    student: str
    exercise: str
    submission: int
    """Its number: the same bytes, found again, are the same submission."""
    run: int
    found_at: dt.datetime
    handed_in: dt.datetime | None
    is_late: bool
    key: str
    earned: float | None
    """None while it is not graded."""
    max_points: float | None
    place: str
    """Where the run has found it."""


class Ledger:
    """The tables that no run writes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep_students(self, students: Iterable[Student]) -> None:
        """Keep the roster as it is now; whoever is no longer on it stays in the store."""
        table = schema.students
        with self._database.transaction() as connection:
            for each in students:
                values = {**vars(each), "more": dict(each.more or {})}
                connection.execute(sa.delete(table).where(table.c.id == each.id))
                connection.execute(sa.insert(table).values(values))

    def students(self) -> tuple[Student, ...]:
        """The roster, by id."""
        table = schema.students
        with self._database.transaction() as connection:
            rows = connection.execute(sa.select(table).order_by(table.c.id))
            return tuple(Student(**row._mapping) for row in rows)  # noqa: SLF001  its public name

    def ids(self) -> list[str]:
        """Everybody who is on the roster or has handed something in, in order."""
        query = sa.union(sa.select(schema.students.c.id), sa.select(schema.submissions.c.student))
        with self._database.transaction() as connection:
            return sorted(connection.execute(query).scalars())

    def decide(
        self, student: str, exercise: str, kind: Kind, value: str, *, reason: str, author: str
    ) -> None:
        """Keep a decision; of each kind the newest counts."""
        values = {"student": student, "exercise": exercise, "kind": kind.value, "value": value}
        values |= {"reason": reason, "author": author}
        with self._database.transaction() as connection:
            insert = sa.insert(schema.decisions).values({**values, "decided_at": now()})
            connection.execute(insert)

    def undo(self, student: str, exercise: str, kind: Kind) -> bool:
        """Undo the newest decision of a kind; what was decided before counts again.

        Returns whether there was one.
        """
        table = schema.decisions
        is_it = sa.and_(
            table.c.student == student,
            table.c.exercise == exercise,
            table.c.kind == kind.value,
            table.c.undone_at.is_(None),
        )
        with self._database.transaction() as connection:
            newest = connection.execute(sa.select(sa.func.max(table.c.id)).where(is_it)).scalar()
            if newest is None:
                return False
            update = sa.update(table).where(table.c.id == newest)
            connection.execute(update.values(undone_at=now()))
            return True

    def decisions(self, student: str | None = None) -> tuple[Decision, ...]:
        """Every decision, the oldest first, undone ones as well."""
        table = schema.decisions
        query = sa.select(table).order_by(table.c.id)
        if student is not None:
            query = query.where(table.c.student == student)
        with self._database.transaction() as connection:
            rows = [row._mapping for row in connection.execute(query)]  # noqa: SLF001  its public name
        return tuple(Decision(**{**row, "kind": Kind(row["kind"])}) for row in rows)

    def attempts(self) -> Iterator[Kept]:
        """Every submission of every student, in the order in which runs have found them."""
        submissions, seen, gradings = schema.submissions, schema.seen, schema.gradings
        query = (
            sa.select(
                submissions.c.student,
                submissions.c.exercise,
                submissions.c.id.label("submission"),
                seen.c.run,
                submissions.c.found_at,
                submissions.c.handed_in,
                seen.c.is_late,
                seen.c.key,
                gradings.c.earned,
                gradings.c.max_points,
                seen.c.place,
            )
            .join(seen, seen.c.submission == submissions.c.id)
            .outerjoin(gradings, gradings.c.key == seen.c.key)
            .order_by(seen.c.run, submissions.c.id)
        )
        with self._database.transaction() as connection:
            for row in connection.execute(query):
                yield Kept(**row._mapping)  # noqa: SLF001  its public name
