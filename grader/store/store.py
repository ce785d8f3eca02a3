"""Writing and reading a class's results; each method is one transaction.

What a method has returned from is on the disk. Two runs may use one store at once: whoever begins
a grading first chooses its seed, so that both come to the same results.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from grader.store import schema
from grader.store.database import Database, now
from grader.store.ledger import Ledger

# Built once, as the insertions are.
_END_GRADING = sa.update(schema.gradings).where(
    schema.gradings.c.key == sa.bindparam("of"), schema.gradings.c.is_final.is_(False)
)


@dataclass(frozen=True)
class RunInfo:
    """What a run is known by."""

    place: str
    """Where its submissions come from."""
    grade: str
    torch: str
    device: str
    tier: str


@dataclass(frozen=True)
class Seen:
    """A submission that a run has found."""

    student: str
    exercise: str
    digest: str
    key: str
    """Of the grading that judges it."""
    place: str
    is_late: bool
    handed_in: dt.datetime | None = None
    """Where the platform says it; with its time zone."""


@dataclass(frozen=True)
class Report:
    """A whole report as JSON, with what it comes to."""

    text: str
    earned: float
    max_points: float


@dataclass(frozen=True)
class KeptGrading:
    """What is known of one grading."""

    seed: int
    checks: tuple[str, ...]
    """Those that have been judged, as JSON."""
    result: str | None
    """The whole report as JSON; None while something is missing or to be tried again."""


@dataclass(frozen=True)
class StoredGrading:
    """All that is stored of one grading."""

    key: str
    seed: int
    is_final: bool
    report: str | None
    """As JSON; None while there is none."""
    judged: int
    """How many checks have been judged."""


class Store:
    """An open store. Its methods may be called from several threads."""

    def __init__(self, url: str) -> None:
        """Open the store at a path or an address, as `Database` does."""
        self._database = Database(url)
        self.ledger = Ledger(self._database)
        """What instructors keep beside the results."""

    def close(self) -> None:
        """Close every connection."""
        self._database.close()

    def begin_run(self, info: RunInfo) -> int:
        """Note that a run begins; returns its number."""
        values = {**vars(info), "began_at": now()}
        with self._database.transaction() as connection:
            insert = sa.insert(schema.runs).values(values).returning(schema.runs.c.id)
            return int(connection.execute(insert).scalar_one())

    def end_run(self, run: int) -> None:
        """Note that a run has come to its end."""
        update = sa.update(schema.runs).where(schema.runs.c.id == run).values(ended_at=now())
        with self._database.transaction() as connection:
            connection.execute(update)

    def begin_grading(self, key: str, exercise: str, seed: int) -> KeptGrading:
        """Begin a grading, or take up one that somebody has begun: then its seed holds."""
        values = {"key": key, "exercise": exercise, "seed": seed, "is_final": False}
        gradings, checks = schema.gradings, schema.checks
        with self._database.transaction() as connection:
            if self._database.add(connection, gradings, {**values, "began_at": now()}):
                return KeptGrading(seed, (), None)
            row = connection.execute(sa.select(gradings).where(gradings.c.key == key)).one()
            kept = connection.execute(sa.select(checks.c.result).where(checks.c.key == key))
            result = row.result if row.is_final else None
            return KeptGrading(row.seed, tuple(kept.scalars()), result)

    def final(self, keys: Iterable[str]) -> set[str]:
        """Those of the gradings that are done for good."""
        gradings = schema.gradings
        query = sa.select(gradings.c.key).where(gradings.c.is_final)
        with self._database.transaction() as connection:
            done = set(connection.execute(query).scalars())
        return done.intersection(keys)

    def result(self, key: str) -> str:
        """The report of a grading that is done, as JSON."""
        gradings = schema.gradings
        with self._database.transaction() as connection:
            query = sa.select(gradings.c.result).where(gradings.c.key == key)
            return str(connection.execute(query).scalar_one())

    def gradings(self, keys: Iterable[str]) -> dict[str, StoredGrading]:
        """Give what is stored of these gradings, by key; one that never began is left out."""
        gradings, checks = schema.gradings, schema.checks
        judged = sa.select(sa.func.count()).where(checks.c.key == gradings.c.key).scalar_subquery()
        query = sa.select(
            gradings.c.key, gradings.c.seed, gradings.c.is_final, gradings.c.result, judged
        ).where(gradings.c.key.in_(sorted(set(keys))))
        with self._database.transaction() as connection:
            return {row.key: StoredGrading(*row) for row in connection.execute(query)}

    def keep_checks(self, key: str, results: Mapping[str, str]) -> None:
        """Keep the results of checks, by name; those that are there already stay."""
        with self._database.transaction() as connection:
            for name, result in results.items():
                values = {"key": key, "name": name, "result": result}
                self._database.add(connection, schema.checks, values)

    def end_grading(self, key: str, report: Report, *, is_final: bool) -> None:
        """Keep the whole report; a final one stays."""
        values = {
            "of": key,
            "result": report.text,
            "earned": report.earned,
            "max_points": report.max_points,
            "is_final": is_final,
            "ended_at": now(),
        }
        with self._database.transaction() as connection:
            connection.execute(_END_GRADING, values)

    def reopen(self, keys: Iterable[str]) -> None:
        """Have gradings done anew, each check of them; until one has ended, its report counts."""
        gradings, checks = schema.gradings, schema.checks
        with self._database.transaction() as connection:
            for key in keys:
                connection.execute(sa.delete(checks).where(checks.c.key == key))
                update = sa.update(gradings).where(gradings.c.key == key)
                connection.execute(update.values(is_final=False))

    def see(self, run: int, found: Iterable[Seen]) -> None:
        """Note what a run has found."""
        with self._database.transaction() as connection:
            for each in found:
                self._see(connection, run, each)

    def _see(self, connection: sa.Connection, run: int, seen: Seen) -> None:
        submissions = schema.submissions
        values = {"student": seen.student, "exercise": seen.exercise, "digest": seen.digest}
        is_it = sa.and_(*(submissions.c[name] == value for name, value in values.items()))
        times = {"found_at": now(), "handed_in": seen.handed_in}
        self._database.add(connection, submissions, {**values, **times})
        number = connection.execute(sa.select(submissions.c.id).where(is_it)).scalar_one()
        how = {"key": seen.key, "place": seen.place, "is_late": seen.is_late}
        self._database.add(connection, schema.seen, {"run": run, "submission": number, **how})
